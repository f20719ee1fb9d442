"""微信客服: accounts and servicers, sessions, messages both ways."""

from collections.abc import Iterator, Sequence
from typing import Any

from siyu.connectors.wecom.errors import OutcomeUnknown
from siyu.connectors.wecom.model import (
    ServiceAccount,
    ServiceCustomer,
    ServiceMessage,
    Servicer,
    ServiceReply,
    ServicerResult,
    ServiceState,
)
from siyu.connectors.wecom.transport import Transport

_PAGE, _CUSTOMERS = 100, 100


class CustomerService(Transport):
    """Accounts of 微信客服 that were granted to the app."""

    def add_service_account(self, name: str, picture_media_id: str) -> str:
        """Its open_kfid. `name` ≤ 16 characters. A creating call."""
        path = "kf/account/add"
        answer = self._call("POST", path, {"name": name, "media_id": picture_media_id}, kind="create")
        if not answer.get("open_kfid"):
            raise OutcomeUnknown(path, "success without open_kfid")
        return str(answer["open_kfid"])

    def service_accounts(self) -> Iterator[ServiceAccount]:
        """Every account."""
        offset = 0
        while rows := self._call("POST", "kf/account/list", {"offset": offset, "limit": _PAGE}).get("account_list"):
            yield from (ServiceAccount.read(row) for row in rows)
            offset += len(rows)
            if len(rows) < _PAGE:
                return

    def update_service_account(self, open_kfid: str, *, name: str | None = None, picture_media_id: str | None = None) -> None:
        given = {"name": name, "media_id": picture_media_id}
        self._call("POST", "kf/account/update", {"open_kfid": open_kfid, **{key: value for key, value in given.items() if value is not None}}, kind="write")

    def delete_service_account(self, open_kfid: str) -> None:
        self._call("POST", "kf/account/del", {"open_kfid": open_kfid}, kind="write")

    def service_url(self, open_kfid: str, scene: str = "") -> str:
        """The address by which customers come; `scene` (letters, digits, `_-`, ≤ 32) comes back with their entry, as does an added `scene_param`."""
        return str(self._call("POST", "kf/add_contact_way", {"open_kfid": open_kfid, "scene": scene}, kind="write")["url"])

    def add_servicers(self, open_kfid: str, userids: Sequence[str] = (), *, department_ids: Sequence[int] = ()) -> list[ServicerResult]:
        """At most 100 members and 20 departments; look at each row."""
        return self._servicers("kf/servicer/add", open_kfid, userids, department_ids)

    def remove_servicers(self, open_kfid: str, userids: Sequence[str] = (), *, department_ids: Sequence[int] = ()) -> list[ServicerResult]:
        return self._servicers("kf/servicer/del", open_kfid, userids, department_ids)

    def _servicers(self, path: str, open_kfid: str, userids: Sequence[str], department_ids: Sequence[int]) -> list[ServicerResult]:
        lists = {name: list(ids) for name, ids in (("userid_list", userids), ("department_id_list", department_ids)) if ids}
        return [ServicerResult.read(row) for row in self._call("POST", path, {"open_kfid": open_kfid, **lists}, kind="write").get("result_list") or ()]

    def servicers(self, open_kfid: str) -> list[Servicer]:
        return [Servicer.read(row) for row in self._call("GET", "kf/servicer/list", {"open_kfid": open_kfid}).get("servicer_list") or ()]

    def service_state(self, open_kfid: str, external_userid: str) -> ServiceState:
        answer = self._call("POST", "kf/service_state/get", {"open_kfid": open_kfid, "external_userid": external_userid})
        return ServiceState(int(answer.get("service_state") or 0), str(answer.get("servicer_userid") or ""))

    def change_service_state(self, open_kfid: str, external_userid: str, state: int, *, servicer: str = "") -> str:
        """Hand a session to queue, person (`servicer`) or end; the code for one answer to it, empty when there is none. `Refused` 95016: not from here.

        A creating call.
        """
        body: dict[str, Any] = {"open_kfid": open_kfid, "external_userid": external_userid, "service_state": state}
        answer = self._call("POST", "kf/service_state/trans", body | ({"servicer_userid": servicer} if servicer else {}), kind="create")
        return str(answer.get("msg_code") or "")

    def service_messages(self, open_kfid: str, cursor: str = "", *, token: str = "") -> Iterator[tuple[ServiceMessage, str]]:
        """(message, cursor after its page) of everything since `cursor`; keep the cursor once the page is dealt with. What is older than 3 days is gone.

        `token` is that of the callback, good for 10 minutes (95007): without it the platform allows few calls.
        """
        while True:
            body: dict[str, Any] = {"open_kfid": open_kfid, "limit": 1000}
            answer = self._call("POST", "kf/sync_msg", body | ({"cursor": cursor} if cursor else {}) | ({"token": token} if token else {}))
            cursor = str(answer.get("next_cursor") or cursor)
            yield from ((ServiceMessage.read(row), cursor) for row in answer.get("msg_list") or ())
            if not int(answer.get("has_more") or 0):
                return

    def send_service_message(self, open_kfid: str, external_userid: str, reply: ServiceReply) -> str:
        """At most 5 within 48 hours of the customer's last message (95001, 95002), while no person has the session; the msgid. A creating call."""
        body = {"touser": external_userid, "open_kfid": open_kfid, **reply.body()}
        return str(self._call("POST", "kf/send_msg", body, kind="create").get("msgid") or "")

    def answer_service_event(self, code: str, reply: ServiceReply) -> str:
        """By the code of an entry (20 s) or of a change of state, once; a text or a menu; the msgid. A creating call."""
        return str(self._call("POST", "kf/send_msg_on_event", {"code": code, **reply.body()}, kind="create").get("msgid") or "")

    def service_customers(self, external_userids: Sequence[str]) -> list[ServiceCustomer]:
        """Who they are; those who were not there within 48 hours are left out."""
        found: list[ServiceCustomer] = []
        for start in range(0, len(external_userids), _CUSTOMERS):
            body = {"external_userid_list": list(external_userids[start : start + _CUSTOMERS]), "need_enter_session_context": 1}
            found += [ServiceCustomer.read(row) for row in self._call("POST", "kf/customer/batchget", body).get("customer_list") or ()]
        return found
