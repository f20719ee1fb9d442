"""From the body of a request to messages: pure, and never more than its own message is lost to what one of them holds."""

import hashlib
import json
import math
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, get_args

import msgspec

from siyu.events import EARLIEST, key_hash
from siyu.observe.intake import traits
from siyu.observe.intake.model import (
    BODY_BYTES,
    DEPTH,
    EVENT_BYTES,
    ID_LENGTH,
    NAME_LENGTH,
    NAMES,
    Kind,
    Malformed,
    Marks,
    Message,
    Parked,
    Reading,
    Reason,
    TooLarge,
)

AHEAD = timedelta(days=1)
_KINDS = frozenset(get_args(Kind))
_NOBODY = Marks()
_UTF8 = "utf-8"


class Request(NamedTuple):
    """The outside of a request: each message as JSON, and the places of those that hold what is no number."""

    parts: list[bytes]
    batch: bool
    sent_at: str | None
    write_key: str | None
    spoilt: frozenset[int] = frozenset()


class Arrival(NamedTuple):
    """What is known of messages besides their content. `kind`: what the address says; None for a batch, whose messages say it themselves.

    `reserved`: names of siyu's own events, which nobody else may say. `now` is later than `received_at` when they are read again.
    """

    kind: Kind | None
    origin: str
    received_at: datetime
    now: datetime
    reserved: Collection[str]
    sent_at: str | None = None


class _Body(msgspec.Struct, rename="camel"):
    batch: list[msgspec.Raw] | None = None
    sent_at: Any = None
    write_key: Any = None


class _Message(msgspec.Struct, rename="camel", gc=False):
    type: Any = None
    message_id: Any = None
    user_id: Any = None
    anonymous_id: Any = None
    previous_id: Any = None
    group_id: Any = None
    event: Any = None
    name: Any = None
    category: Any = None
    timestamp: Any = None
    original_timestamp: Any = None
    sent_at: Any = None
    properties: Any = None
    traits: Any = None
    context: Any = None


class _Unfit(Exception):
    """A message cannot be written, for this reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


_body = msgspec.json.Decoder(_Body)
_message = msgspec.json.Decoder(_Message)
_encode = msgspec.json.Encoder().encode


def opened(content: bytes) -> Request:
    """The outside of a request. Raises Malformed, TooLarge.

    Some senders write `NaN` or half a character, which is no JSON: a body that fails for that is read again in a lenient way, its other messages are good.
    """
    if len(content) > BODY_BYTES:
        raise TooLarge(limit_kb=BODY_BYTES >> 10)
    try:
        body = _body.decode(content)
        parts = [content] if body.batch is None else [bytes(part) for part in body.batch]
        return Request(parts, body.batch is not None, _text(body.sent_at, 64), _text(body.write_key))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        pass
    try:
        whole = json.loads(content)
        if not isinstance(whole, dict) or not isinstance(whole.get("batch", []), list):
            raise Malformed()
        given = whole.get("batch", [whole])
        spoilt = frozenset(place for place, part in enumerate(given) if not _finite(part))
        return Request([_encoded(_clean(part)) for part in given], "batch" in whole, _text(whole.get("sentAt"), 64), _text(whole.get("writeKey")), spoilt)
    except (ValueError, RecursionError):
        raise Malformed() from None


def known(kind: object) -> Kind | None:
    """A kind of message that the specification has."""
    return next((one for one in get_args(Kind) if one == kind), None)


def read(request: Request, arrival: Arrival) -> Reading:
    """The messages of a request. Raises Malformed, TooLarge.

    A message that does not fit is parked with the reason; the others are not touched by it.
    """
    if request.batch != (arrival.kind is None):
        raise Malformed()
    if not request.batch and len(request.parts[0]) > EVENT_BYTES:
        raise TooLarge(limit_kb=EVENT_BYTES >> 10)
    arrival = arrival._replace(sent_at=request.sent_at)
    reading = Reading([], [])
    for place, part in enumerate(request.parts):
        one = read_one(part, arrival, spoilt=place in request.spoilt)
        if isinstance(one, Message):
            reading.messages.append(one)
        else:
            reading.parked.append(one)
    return reading


def read_one(part: bytes, arrival: Arrival, *, spoilt: bool = False, by_receipt: bool = False) -> Message | Parked:
    """One message, or why not. `spoilt`: it held what is no number. `by_receipt`: it happened when it came, whatever its clock said."""
    said = _Message()
    try:
        if len(part) > EVENT_BYTES:
            raise _Unfit("too_large")
        said = _message.decode(part)
        if by_receipt:
            said.timestamp = said.original_timestamp = None
        if spoilt:
            raise _Unfit("not_a_number")
        return _read(part, said, arrival)
    except _Unfit as unfit:
        reason = unfit.reason
    except RecursionError:
        reason = "too_deep"
    except (msgspec.DecodeError, UnicodeError):
        reason = "malformed"
    what = arrival.kind or (said.type if isinstance(said.type, str) else None)
    return Parked(key_hash(arrival.origin, _key(said, part)), reason, part.decode(_UTF8, "replace").replace("\0", ""), what and what[:40], arrival.sent_at)


def _read(part: bytes, said: _Message, arrival: Arrival) -> Message:
    kind = arrival.kind or said.type
    if kind not in _KINDS:
        raise _Unfit("unknown_type")
    if part.count(b"{") + part.count(b"[") > DEPTH and _deep(said):
        raise _Unfit("too_deep")
    user, anonymous, previous = _id(said.user_id), _id(said.anonymous_id), _id(said.previous_id)
    if (user is None and anonymous is None) or (kind == "alias" and previous is None):
        raise _Unfit("no_user")
    if kind == "track":
        name = said.event
        if not isinstance(name, str) or not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
            raise _Unfit("no_name")
        if name in arrival.reserved:
            raise _Unfit("reserved_name")
    else:
        name = NAMES[kind]
    given = said.traits if kind in ("identify", "group") else said.properties
    if given is None:
        given = {}
    elif type(given) is not dict:
        raise _Unfit("bad_properties")
    key = _key(said, part)
    return Message(
        kind,
        key,
        key_hash(arrival.origin, key),
        name,
        _occurred(said, arrival),
        _props(given, said, kind, user, anonymous, previous),
        user,
        anonymous,
        previous,
        traits.marks(given) if kind == "identify" and given else _NOBODY,
        part,
    )


def _props(given: dict[str, Any], said: _Message, kind: Kind, user: str | None, anonymous: str | None, previous: str | None) -> str:
    """Properties or traits as they were sent; what the envelope says stands beside them under names with `$`."""
    if kind in ("page", "screen"):
        given = {"name": said.name, "category": said.category, **given} if said.name or said.category else given
    envelope = {"$user_id": user, "$anonymous_id": anonymous}
    if said.context is not None:
        envelope["$context"] = said.context
    if kind == "group":
        group = _id(said.group_id)
        if group is None:
            raise _Unfit("no_group")
        envelope["$group_id"] = group
    elif kind == "alias":
        envelope["$previous_id"] = previous
    whole = {**given, **envelope}
    text = _encoded(whole)
    if b"\\u0000" in text:
        text = _encoded(_clean(whole))
    return text.decode()


def _encoded(value: Any) -> bytes:
    try:
        return _encode(value)
    except OverflowError:  # whole numbers of more than 64 bits
        return json.dumps(value, ensure_ascii=False).encode()


def _text(value: Any, longest: int = 1_000) -> str | None:
    return value[:longest] if isinstance(value, str) else None


def _id(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if type(value) is int:
        value = str(value)
    if type(value) is not str or len(value) > ID_LENGTH or "\0" in value:
        raise _Unfit("bad_id")
    return value.strip() or None


def _occurred(said: _Message, arrival: Arrival) -> datetime:
    """When it happened by our clock: the sender's instant, put right by what its clock was off when it sent (Segment: receivedAt - sentAt)."""
    told = said.timestamp if said.timestamp is not None else said.original_timestamp
    if told is None:
        return arrival.received_at
    at, sent = _instant(told), _instant(said.sent_at if said.sent_at is not None else arrival.sent_at)
    if at is None:
        raise _Unfit("bad_timestamp")
    try:
        if sent is not None:
            at += arrival.received_at - sent
        at = at.astimezone(UTC)
    except OverflowError:
        raise _Unfit("out_of_time") from None
    if not EARLIEST <= at <= arrival.now + AHEAD:
        raise _Unfit("out_of_time")
    return at


def _instant(value: Any) -> datetime | None:
    """An instant in ISO 8601 (UTC where it names no offset), or counted from 1970 in seconds or milliseconds; None for what is neither."""
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value)
            return at if at.tzinfo else at.replace(tzinfo=UTC)
        if type(value) in (int, float):
            return datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _key(said: _Message, part: bytes) -> str:
    """The sender's own id of the message; the hash of its content when it has none that can be kept."""
    if type(said.message_id) is str and 0 < len(said.message_id) <= ID_LENGTH and said.message_id.isprintable():
        return said.message_id
    return f"sha256:{hashlib.sha256(part).hexdigest()}"


def _deep(said: _Message) -> bool:
    """Whether objects or lists lie deeper than DEPTH in each other; without recursion."""
    level: list[Any] = [said.properties, said.traits, said.context]
    for _ in range(DEPTH):
        level = [inner for value in level if isinstance(value, dict | list) for inner in (value.values() if isinstance(value, dict) else value)]
        if not level:
            return False
    return True


def _finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict | list):
        return all(map(_finite, value.values() if isinstance(value, dict) else value))
    return True


def _clean(value: Any) -> Any:
    """What PostgreSQL can keep of a value: no NUL, no half characters; what is no number is encoded as null."""
    if isinstance(value, str):
        return value.replace("\0", "").encode(_UTF8, "replace").decode(_UTF8) if "\0" in value or not value.isprintable() else value
    if isinstance(value, dict):
        return {_clean(name): _clean(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    return value
