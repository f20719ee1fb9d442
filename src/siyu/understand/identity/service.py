"""Finding the person behind identities, and taking it back when it was wrong."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from siyu import events
from siyu.infra import jobs
from siyu.infra.jobs import Work
from siyu.infra.tx import Tx
from siyu.kernel.ids import CustomerId, IdentityId, made_at, new_id, uuid7
from siyu.understand.identity import model, store
from siyu.understand.identity.model import Conflict, Group, MergeNotFound, PastMerge

CHUNK = 1000
"""Identities resolved by one transaction."""
HEARD = ("order.paid", "order.changed", "order.cancelled", "order.refunded", "contact.added", "contact.changed", "customer.identified", "customer.aliased")
"""Events whose people are resolved as they come."""
PATIENCE = timedelta(minutes=10)
"""How long an identity may wait for the event that told of it before it counts as left over."""


@dataclass(frozen=True)
class Resolved:
    """What a resolution did."""

    created: int = 0
    merged: int = 0
    separated: int = 0
    conflicts: int = 0

    def __add__(self, other: "Resolved") -> "Resolved":
        return Resolved(self.created + other.created, self.merged + other.merged, self.separated + other.separated, self.conflicts + other.conflicts)


def resolve(tx: Tx, identity_ids: Collection[IdentityId]) -> Resolved:
    """Find the person behind each of these identities and all that is tied to them, and bring the customers' names and places up to date.

    The outcome depends on the links alone, not on their order or on how often this is called. Takes about a second for 3,000 identities.
    """
    if not identity_ids:
        return Resolved()
    store.lock(tx)
    nodes, links = store.reach(tx, identity_ids)
    partition = model.partition(nodes, links)
    resident = {node.customer_id for node in nodes.values() if node.customer_id}
    past = store.past_merges(tx, resident) if len(resident) < len(partition.groups) and resident else []
    groups = model.settle(partition.groups, nodes, past)
    owners = {id: new_id(CustomerId, tx.now) if group.customer_id is None else group.customer_id for group in groups for id in group.identities[:1]}
    owner_of = {id: owners[group.identities[0]] for group in groups for id in group.identities}
    created = {owners[group.identities[0]]: min(nodes[id].first_seen_at for id in group.identities) for group in groups if group.customer_id is None}
    merges = [_merge(tx, group, loser, nodes) for group in groups for loser in group.losers]
    store.undo(tx, [group.revives for group in groups if group.revives])
    store.insert_customers(tx, created)
    store.merge(tx, merges)
    store.assign(tx, {id: owner for id, owner in owner_of.items() if nodes[id].customer_id != owner})
    store.keep_conflicts(tx, nodes, {uuid7(tx.now): conflict for conflict in partition.conflicts})
    store.describe(tx, set(owner_of.values()))
    separated = _separations(groups, nodes, owners)
    facts: list[tuple[events.Fact, str, IdentityId | None, None]] = []
    for group in groups:
        if group.customer_id is None:
            owner = owners[group.identities[0]]
            facts.append((model.Created(owner), f"customer.created:{owner}", group.identities[0], None))
    for merge in merges:
        facts.append((model.Merged(merge.id, merge.survivor_id, merge.loser_id), f"customer.merged:{merge.id}", min(merge.identities), None))
    for (left, joined), id in separated.items():
        facts.append((model.Separated(left, joined), f"customer.separated:{uuid7(tx.now)}", id, None))
    events.append_many(tx, facts)
    return Resolved(len(created), len(merges), len(separated), len(partition.conflicts))


def undo_merge(tx: Tx, merge_id: UUID) -> CustomerId:
    """Take a merge back for good: the links across it are set aside, the merged customer stands for its identities again. Raises MergeNotFound."""
    merge = store.find_merge(tx, merge_id)
    if merge is None:
        raise MergeNotFound(merge_id=str(merge_id))
    store.lock(tx)
    nodes, links = store.reach(tx, merge.identities)
    store.separate(tx, [link for link in links if len(merge.identities.intersection(link)) == 1])
    resolve(tx, list(nodes))
    return merge.loser_id


def customer_of(tx: Tx, identity_ids: Collection[IdentityId]) -> dict[IdentityId, CustomerId]:
    """The customer of each identity; those not resolved yet are missing."""
    return store.customer_of(tx, identity_ids)


def identities_of(tx: Tx, customer_id: CustomerId) -> list[IdentityId]:
    """All identities of a customer, oldest first."""
    return store.identities_of(tx, [customer_id]).get(customer_id, [])


def identities_of_many(tx: Tx, customer_ids: Collection[CustomerId]) -> dict[CustomerId, list[IdentityId]]:
    """The same for many; unknown customers are missing."""
    return store.identities_of(tx, customer_ids)


def current(tx: Tx, customer_id: CustomerId) -> CustomerId | None:
    """Who stands for this customer today: itself unless it was merged; None for an unknown id."""
    return store.current(tx, customer_id)


def open_conflicts(tx: Tx, *, limit: int = 50) -> Sequence[Conflict]:
    """Contradictions that wait for a person to decide, oldest first."""
    return [conflict for _, conflict, _ in store.open_conflicts(tx, limit)]


def follow(tx: Tx, batch: Sequence[events.Event]) -> None:
    """Resolve the people of events as they come; a mountain of new ones is left to the job. Whom nobody vouches for stays without a customer."""
    ids = {event.identity_id for event in batch if event.identity_id}
    resolve(tx, store.vouched(tx, ids))


def resolve_all(work: Work) -> None:
    """The job that resolves every identity without a customer, chunk by chunk."""
    with work.transaction() as tx:
        total = store.count_unresolved(tx)
    resolved = Resolved()
    done = 0
    while True:
        with work.transaction() as tx:
            ids = store.unresolved(tx, CHUNK)
            if not ids:
                work.save(tx, done=total, total=total, result=vars(resolved))
                return
            resolved += resolve(tx, ids)
            done += len(ids)
            work.save(tx, done=min(done, total), total=total)
        if work.cancelled():
            return


def sweep(work: Work) -> None:
    """Ask for the job when identities are left over: a source that says no event, or one that came in bulk."""
    with work.transaction() as tx:
        oldest = store.unresolved(tx, 1)
        if oldest and (made_at(oldest[0]) < tx.now - PATIENCE or not events.backlog(tx, "identity", HEARD)):
            jobs.enqueue(tx, "identity.resolve", key=f"sweep {tx.now.isoformat()}")


def _merge(tx: Tx, group: Group, loser: CustomerId, nodes: dict[IdentityId, model.Node]) -> PastMerge:
    assert group.customer_id is not None
    moved = frozenset(id for id in group.identities if nodes[id].customer_id == loser)
    return PastMerge(uuid7(tx.now), group.customer_id, loser, moved)


def _separations(
    groups: Sequence[Group], nodes: dict[IdentityId, model.Node], owners: dict[IdentityId, CustomerId]
) -> dict[tuple[CustomerId, CustomerId], IdentityId]:
    """Which customers lost identities to which others without merging into them, with one of the identities."""
    found: dict[tuple[CustomerId, CustomerId], IdentityId] = {}
    for group in groups:
        owner = owners[group.identities[0]]
        for id in group.identities:
            was = nodes[id].customer_id
            if was is not None and was != owner and was not in group.losers:
                found.setdefault((was, owner), id)
    return found
