"""A machine that hands in orders, known by a key."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

from siyu.kernel.errors import NotFound, Refusal

SourceId = NewType("SourceId", UUID)


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
    revoked_at: datetime | None = None
