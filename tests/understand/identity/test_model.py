"""The partition: a function of the links alone, equal to union-find where nothing contradicts, and never two unionids in one group."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from siyu.kernel.ids import CustomerId, IdentityId
from siyu.understand.identity import model
from siyu.understand.identity.model import Node, PastMerge

SEEN = datetime(2026, 1, 1, tzinfo=UTC)
NAMESPACES = ["unionid", "unionid", "phone", "shop:tmall:customer", "wecom:ww1"]
Link = tuple[IdentityId, IdentityId]


def an_id(number: int) -> IdentityId:
    return IdentityId(UUID(int=number))


def a_customer(number: int) -> CustomerId:
    return CustomerId(UUID(int=1000 + number))


def a_node(number: int, namespace: str = "phone", *, customer: int | None = None, verified: bool = True, shared: bool = False) -> Node:
    return Node(an_id(number), namespace, verified, None if customer is None else a_customer(customer), SEEN + timedelta(minutes=number), shared)


def nodes_of(*nodes: Node) -> dict[IdentityId, Node]:
    return {node.id: node for node in nodes}


@st.composite
def evidence(draw: st.DrawFn) -> tuple[dict[IdentityId, Node], list[Link]]:
    size = draw(st.integers(1, 14))
    nodes = nodes_of(*(a_node(n, draw(st.sampled_from(NAMESPACES)), verified=draw(st.integers(0, 9)) > 0) for n in range(1, size + 1)))
    pairs = st.tuples(st.integers(1, size), st.integers(1, size)).map(lambda pair: (an_id(pair[0]), an_id(pair[1])))
    return nodes, draw(st.lists(pairs, max_size=20))


def union_find(nodes: dict[IdentityId, Node], links: Iterable[Link]) -> set[frozenset[IdentityId]]:
    """The slow, obvious oracle: join until nothing changes."""
    groups = {id: {id} for id in nodes}
    for a, b in links:
        if nodes[a].verified and nodes[b].verified and groups[a] is not groups[b]:
            joined = groups[a] | groups[b]
            for id in joined:
                groups[id] = joined
    return {frozenset(group) for group in groups.values()}


class TestPartition:
    @given(evidence())
    def test_equals_union_find_where_nothing_contradicts(self, known: tuple[dict[IdentityId, Node], list[Link]]) -> None:
        nodes, links = known
        found = {frozenset(group) for group in model.partition(nodes, links).groups}
        for component in union_find(nodes, links):
            unionids = [id for id in component if nodes[id].namespace == "unionid"]
            if len(unionids) < 2:
                assert component in found
            else:
                assert all(group <= component for group in found if group & component)
        assert sorted(id for group in found for id in group) == sorted(nodes)

    @given(evidence())
    def test_no_group_holds_two_unionids_and_each_contradiction_is_told(self, known: tuple[dict[IdentityId, Node], list[Link]]) -> None:
        nodes, links = known
        found = model.partition(nodes, links)
        for group in found.groups:
            assert sum(nodes[id].namespace == "unionid" for id in group) < 2
        contradictions = {
            tuple(sorted(id for id in component if nodes[id].namespace == "unionid"))
            for component in union_find(nodes, links)
            if sum(nodes[id].namespace == "unionid" for id in component) > 1
        }
        assert {conflict.contradicting for conflict in found.conflicts} == contradictions

    @given(evidence(), st.randoms(use_true_random=False))
    def test_order_makes_no_difference(self, known: tuple[dict[IdentityId, Node], list[Link]], shuffle: Random) -> None:
        nodes, links = known
        other_links = [(b, a) for a, b in links]
        shuffle.shuffle(other_links)
        order = list(nodes)
        shuffle.shuffle(order)
        assert model.partition({id: nodes[id] for id in order}, other_links) == model.partition(nodes, links)

    def test_each_unionid_keeps_what_is_nearer_and_the_middle_is_contested(self) -> None:
        nodes = nodes_of(
            a_node(1, "unionid"), a_node(2, "shop:a:customer"), a_node(3, "phone"), a_node(4, "shop:b:customer"), a_node(5, "unionid"), a_node(6, "phone")
        )
        chain = [(an_id(n), an_id(n + 1)) for n in range(1, 5)] + [(an_id(5), an_id(6))]
        found = model.partition(nodes, chain)
        assert found.groups == [(an_id(1), an_id(2)), (an_id(3),), (an_id(4), an_id(5), an_id(6))]
        assert [(conflict.contradicting, conflict.contested) for conflict in found.conflicts] == [((an_id(1), an_id(5)), (an_id(3),))]

    def test_an_identifier_of_everybody_ties_nobody(self) -> None:
        nodes = nodes_of(a_node(1, "phone", shared=True), a_node(2, "shop:a:customer"), a_node(3, "shop:a:customer"))
        found = model.partition(nodes, [(an_id(1), an_id(2)), (an_id(1), an_id(3))])
        assert len(found.groups) == 3
        assert [conflict.contradicting for conflict in found.conflicts] == [(an_id(1),)]

    def test_a_weak_namespace_ties_nobody(self) -> None:
        nodes = nodes_of(a_node(1, "nickname"), a_node(2, "phone"))
        assert len(model.partition(nodes, [(an_id(1), an_id(2))]).groups) == 2


class TestSettle:
    def test_new_identities_want_a_new_customer(self) -> None:
        nodes = nodes_of(a_node(1), a_node(2))
        (group,) = model.settle([(an_id(1), an_id(2))], nodes, [])
        assert (group.customer_id, group.losers) == (None, ())

    def test_the_oldest_customer_survives(self) -> None:
        nodes = nodes_of(a_node(1, customer=7), a_node(2, customer=3), a_node(3))
        (group,) = model.settle([tuple(nodes)], nodes, [])
        assert (group.customer_id, group.losers) == (a_customer(3), (a_customer(7),))

    def test_a_customer_stays_with_the_unionid(self) -> None:
        nodes = nodes_of(a_node(1, "phone", customer=1), a_node(2, "unionid", customer=1), a_node(3, "unionid"))
        groups = model.settle([(an_id(1),), (an_id(2),), (an_id(3),)], nodes, [])
        assert [group.customer_id for group in groups] == [None, a_customer(1), None]

    def test_a_group_that_falls_apart_gets_its_customer_back(self) -> None:
        nodes = nodes_of(a_node(1, customer=1), a_node(2, customer=1))
        past = PastMerge(UUID(int=9), a_customer(1), a_customer(2), frozenset({an_id(2)}))
        groups = model.settle([(an_id(1),), (an_id(2),)], nodes, [past])
        assert [(group.customer_id, group.revives) for group in groups] == [(a_customer(1), None), (a_customer(2), past)]

    @given(evidence(), st.lists(st.none() | st.integers(0, 4), min_size=14, max_size=14))
    def test_every_group_and_every_customer_is_accounted_for_once(self, known: tuple[dict[IdentityId, Node], list[Link]], holders: list[int | None]) -> None:
        nodes, links = known
        nodes = {id: a_node(n, node.namespace, customer=holders[n - 1], verified=node.verified) for n, (id, node) in enumerate(nodes.items(), 1)}
        groups = model.settle(model.partition(nodes, links).groups, nodes, [])
        standing = [group.customer_id for group in groups if group.customer_id]
        gone = [loser for group in groups for loser in group.losers]
        before = {node.customer_id for node in nodes.values() if node.customer_id}
        assert sorted(standing + gone) == sorted(before)
