"""群发: made here, sent by members."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from siyu.connectors.wecom.errors import OutcomeUnknown
from siyu.connectors.wecom.model import ChatTemplate, CreatedSend, GroupSend, MsgTemplate, SendResult, SendTask
from siyu.connectors.wecom.transport import Transport


class GroupSends(Transport):
    """Group sends to customers and to customer groups."""

    def add_msg_template(self, template: MsgTemplate | ChatTemplate) -> CreatedSend:
        """Create one group send. A creating call: on `OutcomeUnknown` look into `group_sends` before doing anything else."""
        path = "externalcontact/add_msg_template"
        answer = self._call("POST", path, template.body(), kind="create")
        if not answer.get("msgid"):
            raise OutcomeUnknown(path, "success without msgid")
        return CreatedSend(str(answer["msgid"]), tuple(str(id) for id in answer.get("fail_list") or ()))

    def group_sends(
        self, start: datetime, end: datetime, *, chat_type: Literal["single", "group"] = "single", creator: str | None = None
    ) -> Iterator[GroupSend]:
        """Group sends created in the span (≤ 1 month)."""
        body: dict[str, Any] = {"chat_type": chat_type, "start_time": int(start.timestamp()), "end_time": int(end.timestamp()), "limit": 100}
        if creator:
            body["creator"] = creator
        for row in self._pages("externalcontact/get_groupmsg_list_v2", body, "group_msg_list"):
            yield GroupSend.read(row)

    def group_send_tasks(self, msgid: str) -> Iterator[SendTask]:
        """The members' parts of one group send. Right after creation `Refused` with LATER (41063)."""
        for row in self._pages("externalcontact/get_groupmsg_task", {"msgid": msgid, "limit": 1000}, "task_list"):
            yield SendTask.read(row)

    def group_send_results(self, msgid: str, userid: str) -> Iterator[SendResult]:
        """The receivers of one member's part."""
        for row in self._pages("externalcontact/get_groupmsg_send_result", {"msgid": msgid, "userid": userid, "limit": 1000}, "send_list"):
            yield SendResult.read(row)

    def cancel_group_send(self, msgid: str) -> None:
        """Stop what members have not sent yet. Cancelled already (41093) counts as done."""
        self._settle("externalcontact/cancel_groupmsg_send", {"msgid": msgid})

    def remind_group_send(self, msgid: str) -> None:
        """Remind the members who have not confirmed; three times in 24 h, then `Refused` with WAIT (41094). Counts as creating: each call disturbs people."""
        self._call("POST", "externalcontact/remind_groupmsg_send", {"msgid": msgid}, kind="create")
