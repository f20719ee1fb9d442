"""应用消息: from the app to staff."""

from siyu.connectors.wecom.model import AppMessage, SentMessage
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
        )
