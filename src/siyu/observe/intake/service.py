"""Taking messages in, saying what names mean, and reading parked messages again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
import psycopg
from sqlalchemy.exc import DataError, IntegrityError

from siyu import events
from siyu.access import audit
from siyu.events import Drop
from siyu.infra import jobs
from siyu.infra.jobs import Work
from siyu.infra.tx import Tx
from siyu.kernel.ids import JobId, SourceId
from siyu.observe import sources
from siyu.observe.intake import model, parsing, people, reserved, store
from siyu.observe.intake.model import Declaration, FieldMeaning, Message, Parked, ParkedMessage, ParkedNotFound, Received, Replayed, Sender, Tally
from siyu.observe.intake.parsing import Arrival
from siyu.observe.intake.people import Acquaintance, News

Clock = Literal["sender", "receipt"]
"""When a replayed message happened: when its sender says, or when it was received."""
CHUNK = 200


def take(tx: Tx, sender: Sender, messages: Sequence[Message], parked: Sequence[Parked], acquaintance: Acquaintance) -> News:
    """Write messages into the log, each once for ever, and set aside what does not fit. `acquaintance` may keep the news once this is committed."""
    unique = list({message.hash: message for message in reversed(messages)}.values())
    unique.reverse()
    subjects, news = people.named(tx, sender, unique, acquaintance)
    drops = [Drop(one.hash, id, one.name, one.occurred_at, one.key, one.props) for one, id in zip(unique, subjects, strict=True)]
    new = events.pour(tx, drops, source=sender.origin, actor=f"api:{sender.id}")
    store.count(tx, sender.id, _tallies(unique, new))
    store.park(tx, sender.id, parked)
    return news


def received(tx: Tx) -> list[Received]:
    """Every name that came in, the latest first, at most NAMES_LISTED."""
    return store.received(tx)


def declared(tx: Tx) -> list[Declaration]:
    """What the brand declared, by name."""
    return store.declared(tx)


def declare(tx: Tx, name: str, meaning: str, fields: dict[str, FieldMeaning]) -> Declaration:
    """Say what an event of this name means; a later declaration takes the place of an earlier one. Raises BadDeclaration."""
    one = model.declaration(name, meaning, fields, reserved=reserved.names(), now=tx.now)
    store.declare(tx, one)
    audit.record(tx, "event_name.declared", f"event_name:{name}", {"meaning": one.meaning, "fields": sorted(fields)})
    return one


def parked_page(tx: Tx, *, before: UUID | None, limit: int) -> list[ParkedMessage]:
    """Parked messages, newest first."""
    return store.parked_page(tx, before=before, limit=limit)


def count_parked(tx: Tx) -> int:
    return store.count_parked(tx)


def replay(tx: Tx, id: UUID, *, clock: Clock) -> Replayed:
    """Read one parked message again, as its source would send it today. Raises ParkedNotFound."""
    found = store.take_parked(tx, ids=[id])
    if not found:
        raise ParkedNotFound(id=str(id))
    audit.record(tx, "parked_message.replayed", f"parked_message:{id}", {"clock": clock})
    return _replay(tx, found, clock)


def request_replay(tx: Tx, *, clock: Clock) -> JobId:
    """Read all parked messages again, in a job."""
    audit.record(tx, "parked_message.all_replayed", "parked_messages", {"clock": clock})
    return jobs.enqueue(tx, "intake.replay", visible=True, clock=clock)


def replay_all(work: Work) -> None:
    """The job that reads parked messages again, chunk by chunk, each once."""
    clock: Clock = "receipt" if work.params.get("clock") == "receipt" else "sender"
    after = UUID(work.checkpoint["after"]) if "after" in work.checkpoint else None
    sum_ = Replayed(**work.checkpoint.get("replayed", {}))
    with work.transaction() as tx:
        total = store.count_parked(tx)
    while not work.cancelled():
        with work.transaction() as tx:
            found = store.take_parked(tx, after=after, limit=CHUNK)
            if not found:
                work.save(tx, result=vars(sum_))
                return
            sum_ += _replay(tx, found, clock)
            after = found[-1].id
            done = sum_.taken + sum_.known + sum_.parked
            work.save(tx, checkpoint={"after": str(after), "replayed": vars(sum_)}, done=done, total=max(total, done), result=vars(sum_))


def sweep(work: Work) -> None:
    """The job that forgets parked messages whose days are over."""
    while not work.cancelled():
        with work.transaction() as tx:
            if store.forget(tx, tx.now - model.KEPT, 1_000) < 1_000:
                return


def _tallies(messages: Sequence[Message], new: Mapping[str, int]) -> list[Tally]:
    """What `new` events of each name there were; first and last are those of all messages of the name, repeated ones too."""
    times: dict[str, list[datetime]] = {}
    samples: dict[str, str] = {}
    for one in messages:
        times.setdefault(one.name, []).append(one.occurred_at)
        samples.setdefault(one.name, one.props)
    return [Tally(name, count, min(times[name]), max(times[name]), samples[name][: model.SAMPLE_LENGTH]) for name, count in new.items()]


def _replay(tx: Tx, found: Sequence[ParkedMessage], clock: Clock) -> Replayed:
    by_source: dict[SourceId, list[ParkedMessage]] = {}
    for one in found:
        by_source.setdefault(one.source_id, []).append(one)
    whole = Replayed()
    for source_id, some in by_source.items():
        source = sources.get(tx, source_id)
        sender = Sender(source_id, source.name, source.kind == "public")
        whole += _replay_of(tx, sender, some, clock)
    return whole


def _replay_of(tx: Tx, sender: Sender, some: Sequence[ParkedMessage], clock: Clock) -> Replayed:
    good: dict[UUID, Message] = {}
    reasons: dict[UUID, str] = {}
    for one in some:
        match _again(tx, one, sender, clock):
            case Message() as message:
                good[one.id] = msgspec.structs.replace(message, hash=one.hash)
            case Parked(reason=reason):
                reasons[one.id] = reason
    refused = {one.id for one in some if one.reason == "refused_by_store"}
    known = 0
    for group in [[id for id in good if id not in refused], *([id] for id in good if id in refused)]:
        messages = [good[id] for id in group]
        there = events.known(tx, [message.hash for message in messages])
        if _kept(tx, sender, messages):
            known += there
        else:
            reasons |= dict.fromkeys(group, "refused_by_store")
    kept = [id for id in good if id not in reasons]
    store.unpark(tx, kept)
    store.mark_parked(tx, reasons)
    return Replayed(len(kept) - known, known, len(reasons))


def _kept(tx: Tx, sender: Sender, messages: Sequence[Message]) -> bool:
    """Whether the store takes these; when it does not, nothing of them is left."""
    try:
        with tx.connection.begin_nested():
            take(tx, sender, messages, [], Acquaintance())
        return True
    except (DataError, IntegrityError, psycopg.DataError, psycopg.IntegrityError):
        return False


def _again(tx: Tx, one: ParkedMessage, sender: Sender, clock: Clock) -> Message | Parked:
    arrival = Arrival(parsing.known(one.kind), sender.origin, one.received_at, tx.now, reserved.names(), one.sent_at)
    return parsing.read_one(one.body.encode(), arrival, by_receipt=clock == "receipt")
