"""应用消息: from the app to staff."""

from collections.abc import Collection
from typing import Any

from siyu.connectors.wecom.model import AppMessage, SentMessage, TemplateCard
from siyu.connectors.wecom.transport import Transport


class AppMessages(Transport):
    """Messages of the app to staff."""

    def send_message(self, message: AppMessage) -> SentMessage:
        """A message of the app to staff. A creating call."""
        answer = self._call("POST", "message/send", message.body(self.credentials.agent_id), kind="create")
        return SentMessage(
            msgid=str(answer.get("msgid") or ""),
            invalid_userids=tuple(part for part in str(answer.get("invaliduser") or "").split("|") if part),
            unlicensed_userids=tuple(part for part in str(answer.get("unlicenseduser") or "").split("|") if part),
            response_code=str(answer.get("response_code") or ""),
        )

    def update_card(self, response_code: str, change: str | TemplateCard, *, userids: Collection[str] | None = None) -> tuple[str, ...]:
        """Change a card that was sent, for some receivers or (None) for all: a text greys its buttons out, a card takes its place. Who could not be reached.

        A code serves once (60140): that of the send, or of the event of a click. A creating call: repeating it is refused.
        """
        body: dict[str, Any] = {"agentid": self.credentials.agent_id, "response_code": response_code}
        body |= {"atall": 1} if userids is None else {"userids": sorted(userids)}
        body |= {"button": {"replace_name": change}} if isinstance(change, str) else {"template_card": change.body()}
        answer = self._call("POST", "message/update_template_card", body, kind="create")
        return tuple(str(userid) for userid in answer.get("invaliduser") or ())

    def recall_message(self, msgid: str) -> None:
        """Take a message back within 24 h (42052). Repeating it is harmless."""
        self._call("POST", "message/recall", {"msgid": msgid}, kind="write")
