"""Whose calls they are."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Credentials:
    """One app of one corp. `secret` never shows in a repr."""

    corp_id: str
    secret: str = field(repr=False)
    agent_id: int

    @property
    def key(self) -> str:
        """Names the token of this app without giving anything away."""
        return f"{self.corp_id}/{self.agent_id}"
