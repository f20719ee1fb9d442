"""A machine or a page that hands in orders or events, known by a key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from siyu.kernel.errors import NotFound, Refusal
from siyu.kernel.ids import SourceId

Kind: TypeAlias = Literal["secret", "public"]
"""secret: held by a server, which may say who somebody is. public: anybody can read it in a page or an app; it hands in events, and vouches for nobody."""


class SourceNotFound(NotFound):
    """No such source."""

    code = "source.not_found"


class BadSource(Refusal):
    """A source needs a name of 1 to 60 characters that no other source has."""

    code = "source.invalid"
    status = 422


@dataclass(frozen=True)
class Source:
    """`key_hint`: the last four characters of its key, all that is left of it to show."""

    id: SourceId
    name: str
    key_hint: str
    created_at: datetime
    kind: Kind = "secret"
    revoked_at: datetime | None = None
