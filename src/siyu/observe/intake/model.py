"""Messages as Segment's specification has them, what becomes of each, and why one is set aside."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from siyu.kernel.errors import NotFound, Refusal
from siyu.kernel.ids import SourceId

Kind: TypeAlias = Literal["track", "page", "screen", "identify", "group", "alias"]
Reason: TypeAlias = Literal[
    "malformed",
    "too_large",
    "too_deep",
    "not_a_number",
    "unknown_type",
    "no_name",
    "reserved_name",
    "no_user",
    "no_group",
    "bad_id",
    "bad_properties",
    "bad_timestamp",
    "out_of_time",
    "refused_by_store",
]
NAMES: dict[Kind, str] = {
    "page": "page.viewed",
    "screen": "screen.viewed",
    "identify": "customer.identified",
    "alias": "customer.aliased",
    "group": "organisation.joined",
}
"""Names of the events of messages that have none of their own; what is tracked keeps the name that its sender gave it."""
EVENT_BYTES, BODY_BYTES = 32 << 10, 500 << 10
"""Segment's own limits: of one event, and of a request once it is unpacked."""
NAME_LENGTH, ID_LENGTH, DEPTH = 200, 255, 20
"""Characters of a name and of an id; how deep objects and lists may lie in each other."""
KEPT = timedelta(days=30)
"""How long what is parked stays."""
SAMPLES, SAMPLE_LENGTH = 5, 2_000
"""Samples of a name, and characters of each."""
NAMES_LISTED = 1_000
"""Names of one brand that are counted and shown; events of further ones are kept all the same."""


class Malformed(Refusal):
    """The body is no JSON object of Segment's specification."""

    code = "intake.malformed"
    status = 400


class TooLarge(Refusal):
    """An event is larger than 32 kB, or a request than 500 kB when unpacked."""

    code = "intake.too_large"
    status = 400


class UnknownKey(Refusal):
    """No source has this write key, or it was revoked."""

    code = "intake.unknown_key"
    status = 401


class Busy(Refusal):
    """More events stand before the door than this process may hold; send them again in a moment."""

    code = "intake.busy"
    status = 429


class NoRoom(Refusal):
    """Less than a twentieth of the disk is free: no events are taken until there is room again."""

    code = "intake.no_room"
    status = 503


class BadDeclaration(Refusal):
    """A name of 1 to 200 characters that is not siyu's own, a meaning, and at most 200 fields are wanted; `field` says which is not."""

    code = "intake.bad_declaration"
    status = 422


class ParkedNotFound(NotFound):
    """No such parked message: it was replayed, or its thirty days are over."""

    code = "intake.parked_not_found"


class Marks(NamedTuple):
    """Strong identifiers that traits name, as they are stored."""

    phone: str | None = None
    unionid: str | None = None
    member: str | None = None
    corp_id: str | None = None
    external_userid: str | None = None


class Message(msgspec.Struct, frozen=True, gc=False):
    """What can be written into the log. `key` tells it from the source's other messages, `hash` from everybody's; `props` is a JSON object as text,
    `body` the message as it came.
    """

    kind: Kind
    key: str
    hash: str
    name: str
    occurred_at: datetime
    props: str
    user_id: str | None = None
    anonymous_id: str | None = None
    previous_id: str | None = None
    marks: Marks = Marks()
    body: bytes = b""


class Parked(msgspec.Struct, frozen=True, gc=False):
    """What cannot be, with the reason. `body` is the message as it came, `sent_at` the sender's clock if the request told it once for all."""

    hash: str
    reason: Reason
    body: str
    kind: str | None = None
    sent_at: str | None = None


class Reading(NamedTuple):
    """What stands in one request, in its order."""

    messages: list[Message]
    parked: list[Parked]


class Tally(NamedTuple):
    """How many new events of one name a commit brought, the first and last instant at which such happened, and one as a sample."""

    name: str
    events: int
    first_at: datetime
    last_at: datetime
    sample: str


@dataclass(frozen=True)
class Sender:
    """A source as the door knows it. `public`: everybody has its key, so it vouches for nobody."""

    ORIGIN: ClassVar[str] = "source:"
    id: SourceId
    name: str
    public: bool

    @property
    def origin(self) -> str:
        """What stands in the log as the source of its events."""
        return f"{self.ORIGIN}{self.id}"


@dataclass(frozen=True)
class FieldMeaning:
    """What one property of an event means, and in which unit it is given (`fen`, `seconds`, none)."""

    meaning: str
    unit: str | None = None


@dataclass(frozen=True)
class Declaration:
    """What the brand says an event means."""

    name: str
    meaning: str
    fields: dict[str, FieldMeaning]
    declared_at: datetime


@dataclass(frozen=True)
class Received:
    """One name as it came in: how many events (each counted once), first and last, by which sources, with samples of their properties as JSON text."""

    name: str
    events: int
    first_at: datetime
    last_at: datetime
    source_ids: list[SourceId]
    samples: list[str]


@dataclass(frozen=True)
class ParkedMessage:
    """A message that waits for somebody to look at it."""

    id: UUID
    source_id: SourceId
    hash: str
    kind: str | None
    reason: str
    body: str
    sent_at: str | None
    received_at: datetime


@dataclass(frozen=True)
class Replayed:
    """What became of messages that were read again. `known`: they had come in meanwhile."""

    taken: int = 0
    known: int = 0
    parked: int = 0

    def __add__(self, other: "Replayed") -> "Replayed":
        return Replayed(self.taken + other.taken, self.known + other.known, self.parked + other.parked)


def declaration(name: str, meaning: str, fields: dict[str, FieldMeaning], *, reserved: frozenset[str], now: datetime) -> Declaration:
    """Raises BadDeclaration."""
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable() or name in reserved:
        raise BadDeclaration(field="name")
    if not 1 <= len(meaning.strip()) <= 500:
        raise BadDeclaration(field="meaning")
    if len(fields) > 200 or any(not 1 <= len(one) <= 200 or len(field.meaning) > 500 or len(field.unit or "") > 40 for one, field in fields.items()):
        raise BadDeclaration(field="fields")
    return Declaration(name, meaning.strip(), fields, now)


def plain(fields: dict[str, FieldMeaning]) -> dict[str, Any]:
    """Fields as they are kept."""
    return {name: {"meaning": field.meaning, "unit": field.unit} for name, field in fields.items()}
