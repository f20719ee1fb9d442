"""客户群: reading groups, and codes by which people come in."""

from collections.abc import Iterator, Sequence
from typing import Any

from siyu.connectors.wecom.errors import OutcomeUnknown
from siyu.connectors.wecom.model import GroupChat, JoinWay, ListedGroup, MadeJoinWay
from siyu.connectors.wecom.transport import Transport

_OWNERS = 100


class GroupChats(Transport):
    """Customer groups of the members in the app's range."""

    def group_chats(self, owners: Sequence[str] | None = None, *, status: int = 0) -> Iterator[ListedGroup]:
        """Groups, of some owners or of everybody (`Refused` 81017 when that is more than a thousand people: name owners then)."""
        spans = [None] if owners is None else [owners[start : start + _OWNERS] for start in range(0, len(owners), _OWNERS)]
        for some in spans:
            body: dict[str, Any] = {"status_filter": status, "limit": 1000}
            if some is not None:
                body["owner_filter"] = {"userid_list": list(some)}
            for row in self._pages("externalcontact/groupchat/list", body, "group_chat_list"):
                yield ListedGroup(str(row["chat_id"]), int(row.get("status") or 0))

    def group_chat(self, chat_id: str, *, names: bool = False) -> GroupChat:
        """One group with its members. `Refused` 49008: dismissed. Right after a callback it may lag: read again after 2 s."""
        return GroupChat.read(self._call("POST", "externalcontact/groupchat/get", {"chat_id": chat_id, "need_name": int(names)})["group_chat"])

    def chat_id_of(self, opengid: str) -> str:
        """The group behind what a mini-program learnt. `Refused` 90511: none of ours."""
        return str(self._call("POST", "externalcontact/opengid_to_chatid", {"opengid": opengid})["chat_id"])

    def add_join_way(self, way: JoinWay) -> str:
        """Make a group code; its config_id. A creating call."""
        path = "externalcontact/groupchat/add_join_way"
        answer = self._call("POST", path, way.body(), kind="create")
        if not answer.get("config_id"):
            raise OutcomeUnknown(path, "success without config_id")
        return str(answer["config_id"])

    def join_way(self, config_id: str) -> MadeJoinWay:
        """One group code, with the address of its picture. `Refused` 41044: there is none of this id."""
        row = self._call("POST", "externalcontact/groupchat/get_join_way", {"config_id": config_id})["join_way"]
        return MadeJoinWay(str(row.get("config_id") or config_id), str(row.get("qr_code") or ""), JoinWay.read(row))

    def update_join_way(self, config_id: str, way: JoinWay) -> None:
        """Replace all of a group code; its picture stays."""
        self._call("POST", "externalcontact/groupchat/update_join_way", {"config_id": config_id, **way.body()}, kind="write")

    def delete_join_way(self, config_id: str) -> None:
        """Take a group code away. Gone already (41044) raises `Refused`."""
        self._call("POST", "externalcontact/groupchat/del_join_way", {"config_id": config_id}, kind="write")
