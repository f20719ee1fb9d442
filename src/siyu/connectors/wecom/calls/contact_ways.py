"""「联系我」 and 欢迎语: how customers come in, and the first words to them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from siyu.connectors.wecom.errors import OutcomeUnknown
from siyu.connectors.wecom.model import Attachment, ContactWay, MadeContactWay
from siyu.connectors.wecom.transport import Transport


class ContactWays(Transport):
    """Codes by which customers add members, and welcome words."""

    def add_contact_way(self, way: ContactWay) -> MadeContactWay:
        """Make a code. A creating call: ways are listed by id alone, so look a lost one up by its `state`. `Refused` 41054: a member may not be added."""
        path = "externalcontact/add_contact_way"
        answer = self._call("POST", path, way.new_body(), kind="create")
        if not answer.get("config_id"):
            raise OutcomeUnknown(path, "success without config_id")
        return MadeContactWay(str(answer["config_id"]), str(answer.get("qr_code") or ""), way)

    def contact_way(self, config_id: str) -> MadeContactWay:
        """One code. `Refused` 41044: there is none of this id."""
        return MadeContactWay.read(self._call("POST", "externalcontact/get_contact_way", {"config_id": config_id})["contact_way"])

    def contact_way_ids(self, start: datetime | None = None, end: datetime | None = None) -> Iterator[str]:
        """Ids of the codes made over the API in the span (by default the last 90 days), temporary ones aside."""
        span = {name: int(instant.timestamp()) for name, instant in (("start_time", start), ("end_time", end)) if instant}
        for row in self._pages("externalcontact/list_contact_way", {**span, "limit": 1000}, "contact_way"):
            yield str(row["config_id"])

    def update_contact_way(self, config_id: str, way: ContactWay) -> None:
        """Replace what a code does; its picture stays, so printed codes go on working."""
        self._call("POST", "externalcontact/update_contact_way", {"config_id": config_id, **way.body()}, kind="write")

    def delete_contact_way(self, config_id: str) -> None:
        """Take a code away. Gone already (41044) raises `Refused`."""
        self._call("POST", "externalcontact/del_contact_way", {"config_id": config_id}, kind="write")

    def send_welcome(self, welcome_code: str, text: str = "", attachments: Sequence[Attachment] = ()) -> None:
        """The first words to a new customer, by the code of the add event: within 20 s, once, and the first app wins (41050, 41051: too late).

        `text` ≤ 4000 bytes, `attachments` ≤ 9, not both empty. An urgent call: with the token at hand it ends within a few seconds.
        """
        body: dict[str, Any] = {"welcome_code": welcome_code}
        if text:
            body["text"] = {"content": text}
        if attachments:
            body["attachments"] = [attachment.body() for attachment in attachments]
        self._call("POST", "externalcontact/send_welcome_msg", body, kind="urgent")
