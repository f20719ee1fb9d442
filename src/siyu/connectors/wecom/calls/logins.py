"""JS-SDK and 身份验证: tickets for pages, and who a log-in code stands for."""

from siyu.connectors.wecom.model import MemberDetail, Visitor
from siyu.connectors.wecom.transport import Transport


class Logins(Transport):
    """Tickets are kept like tokens: asked for once in their two hours, by one caller at a time."""

    def js_ticket(self, *, stale: str | None = None) -> str:
        """The corp's ticket, for `wx.config`. `stale`: one that the platform has refused."""
        return self._tokens.get(f"{self.credentials.key}/js", fetch=lambda: self._ticket("get_jsapi_ticket"), stale=stale)

    def agent_ticket(self, *, stale: str | None = None) -> str:
        """The app's ticket, for `wx.agentConfig`."""
        return self._tokens.get(f"{self.credentials.key}/js/agent", fetch=lambda: self._ticket("ticket/get", type="agent_config"), stale=stale)

    def _ticket(self, path: str, **query: str) -> tuple[str, int]:
        answer = self._call("GET", path, query)
        return str(answer["ticket"]), int(answer["expires_in"])

    def visitor(self, code: str) -> Visitor:
        """Who came back with this code. `Refused` EXPIRED: used, older than 5 minutes or of another app; send them through the log-in again."""
        return Visitor.read(self._call("GET", "auth/getuserinfo", {"code": code}))

    def member_detail(self, user_ticket: str) -> MemberDetail:
        """What the member agreed to show."""
        return MemberDetail.read(self._call("POST", "auth/getuserdetail", {"user_ticket": user_ticket}))
