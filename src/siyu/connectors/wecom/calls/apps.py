"""应用: what the platform holds about the app itself."""

from siyu.connectors.wecom.model import App
from siyu.connectors.wecom.transport import Transport


class Apps(Transport):
    """The app whose secret we hold."""

    def app(self) -> App:
        """The app as its administrator set it up. `Refused` 301002: the secret is another app's."""
        return App.read(self._call("GET", "agent/get", {"agentid": self.credentials.agent_id}))
