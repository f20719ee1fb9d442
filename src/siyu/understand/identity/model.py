"""Who is who: a partition of identities that depends on the links alone, and the customers that stand for its groups."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from siyu.events import Fact
from siyu.kernel.errors import NotFound
from siyu.kernel.ids import CustomerId, IdentityId

EXCLUSIVE = frozenset({"unionid"})
"""Namespaces of which a person has one value: two of them in one group contradict each other."""
SHARED_ABOVE = 50
"""Direct links above which an identifier is everybody's (the shop's own phone, a test account) and ties nobody."""


class MergeNotFound(NotFound):
    """No such merge, or it was undone before."""

    code = "identity.merge_not_found"


@dataclass(frozen=True)
class Created(Fact):
    """A person was seen for the first time."""

    name: ClassVar[str] = "customer.created"
    customer_id: CustomerId


@dataclass(frozen=True)
class Merged(Fact):
    """Two customers turned out to be one; what belonged to `loser_id` belongs to `survivor_id`."""

    name: ClassVar[str] = "customer.merged"
    merge_id: UUID
    survivor_id: CustomerId
    loser_id: CustomerId


@dataclass(frozen=True)
class Separated(Fact):
    """Identities left a customer again: `to_id` has those that `from_id` had."""

    name: ClassVar[str] = "customer.separated"
    from_id: CustomerId
    to_id: CustomerId


@dataclass(frozen=True)
class Node:
    """An identity as the partition needs it. `shared`: it has too many links to tell one person from another."""

    id: IdentityId
    namespace: str
    verified: bool
    customer_id: CustomerId | None
    first_seen_at: datetime
    shared: bool = False

    @property
    def ties(self) -> bool:
        """Whether links of this identity join people: what nobody vouches for does not."""
        return self.verified and not self.shared and strong(self.namespace)

    @property
    def exclusive(self) -> bool:
        return self.namespace in EXCLUSIVE


@dataclass(frozen=True)
class Conflict:
    """Links that would make one person of several `contradicting` identities of one namespace; `contested` are those that lie equally near to two."""

    namespace: str
    contradicting: tuple[IdentityId, ...]
    contested: tuple[IdentityId, ...]


@dataclass(frozen=True)
class Partition:
    """Each group is one person."""

    groups: Sequence[tuple[IdentityId, ...]]
    conflicts: Sequence[Conflict]


@dataclass(frozen=True)
class PastMerge:
    """A merge that was not undone."""

    id: UUID
    survivor_id: CustomerId
    loser_id: CustomerId
    identities: frozenset[IdentityId]


@dataclass(frozen=True)
class Group:
    """A group with the customer who will stand for it; None wants a new one."""

    identities: tuple[IdentityId, ...]
    customer_id: CustomerId | None
    losers: tuple[CustomerId, ...] = ()
    """Customers who merge into `customer_id`."""
    revives: PastMerge | None = None
    """The merge that is undone by giving `customer_id` back what was its own."""


def strong(namespace: str) -> bool:
    """Whether an identifier of this namespace, vouched for, belongs to one person."""
    return namespace in ("unionid", "phone", "member", "user_id", "anonymous_id") or namespace.startswith(("shop:", "wecom:"))


def partition(nodes: Mapping[IdentityId, Node], links: Collection[tuple[IdentityId, IdentityId]]) -> Partition:
    """Group identities that links tie together. The order of links and nodes makes no difference.

    A group that would hold two values of an exclusive namespace falls apart: each of them keeps what lies nearer to it than to any other, counted in links;
    what lies equally near to two belongs to neither and waits for a person to decide.
    """
    neighbours: dict[IdentityId, set[IdentityId]] = {id: set() for id in nodes}
    for a, b in links:
        if a in nodes and b in nodes and a != b and nodes[a].ties and nodes[b].ties:
            neighbours[a].add(b)
            neighbours[b].add(a)
    groups: list[tuple[IdentityId, ...]] = []
    conflicts: list[Conflict] = [Conflict(node.namespace, (node.id,), ()) for node in nodes.values() if node.shared]
    for component in _components(nodes, neighbours):
        anchors = sorted(id for id in component if nodes[id].exclusive)
        if len(anchors) < 2:
            groups.append(tuple(sorted(component)))
            continue
        near = _nearest(anchors, neighbours)
        contested = {id for id in component if len(near[id]) > 1}
        groups += [tuple(sorted(id for id in component if near[id] == {anchor})) for anchor in anchors]
        groups += [tuple(sorted(part)) for part in _components(contested, {id: neighbours[id] & contested for id in contested})]
        conflicts.append(Conflict(nodes[anchors[0]].namespace, tuple(anchors), tuple(sorted(contested))))
    return Partition(sorted(groups), sorted(conflicts, key=lambda conflict: conflict.contradicting))


def settle(groups: Sequence[tuple[IdentityId, ...]], nodes: Mapping[IdentityId, Node], past: Sequence[PastMerge]) -> list[Group]:
    """Say which customer stands for each group, disturbing as little as possible.

    A customer stays with what it had before others merged into it, there with its exclusive identity, else with its oldest one; of several in one group the
    oldest survives, the others merge into it. A group without any gets back the customer that its identities had before a merge, else a new one.
    """
    came: dict[CustomerId, set[IdentityId]] = {}
    for merge in past:
        came.setdefault(merge.survivor_id, set()).update(merge.identities)
    group_of = {id: number for number, group in enumerate(groups) for id in group}
    holdings: dict[CustomerId, list[Node]] = {}
    for id in group_of:
        if (customer := nodes[id].customer_id) is not None:
            holdings.setdefault(customer, []).append(nodes[id])
    residents: dict[int, list[CustomerId]] = {}
    for customer, held in sorted(holdings.items()):
        others = came.get(customer, set())
        home = min((node.id in others, not node.exclusive, node.first_seen_at, node.id) for node in held)[-1]
        residents.setdefault(group_of[home], []).append(customer)
    taken = {merge.loser_id for merge in past if merge.loser_id in holdings}
    settled = []
    for number, group in enumerate(groups):
        here = residents.get(number, [])
        if here:
            settled.append(Group(group, here[0], tuple(here[1:])))
            continue
        was = [merge for merge in past if merge.loser_id not in taken and not merge.identities.isdisjoint(group)]
        revived = min(was, key=lambda merge: (-len(merge.identities.intersection(group)), merge.loser_id), default=None)
        if revived is not None:
            taken.add(revived.loser_id)
        settled.append(Group(group, revived.loser_id if revived else None, revives=revived))
    return settled


def _components(ids: Collection[IdentityId], neighbours: Mapping[IdentityId, set[IdentityId]]) -> list[list[IdentityId]]:
    found = []
    seen: set[IdentityId] = set()
    for start in sorted(ids):
        if start in seen:
            continue
        seen.add(start)
        component = [start]
        for id in component:
            fresh = neighbours[id] - seen
            seen |= fresh
            component += fresh
        found.append(component)
    return found


def _nearest(anchors: Sequence[IdentityId], neighbours: Mapping[IdentityId, set[IdentityId]]) -> dict[IdentityId, set[IdentityId]]:
    """For each identity the anchors at the least distance, measured in links."""
    distance = dict.fromkeys(anchors, 0)
    near = {anchor: {anchor} for anchor in anchors}
    line = deque(anchors)
    while line:
        id = line.popleft()
        for other in neighbours[id]:
            if other not in distance:
                distance[other] = distance[id] + 1
                near[other] = set()
                line.append(other)
            if distance[other] == distance[id] + 1:
                near[other] |= near[id]
    return near
