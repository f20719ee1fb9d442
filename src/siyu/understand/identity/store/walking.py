"""Walking the links between identities."""

from collections.abc import Collection, Mapping, Sequence

from siyu.infra.tx import Tx
from siyu.kernel.ids import CustomerId, IdentityId
from siyu.understand.identity.model import SHARED_ABOVE, Node


def lock(tx: Tx) -> None:
    """One resolution per brand at a time, so that what is read before deciding still holds when it is written."""
    tx.execute("select pg_advisory_xact_lock(hashtextextended('identity.resolve' || :tenant, 0))", {"tenant": str(tx.tenant_id)})


def reach(tx: Tx, ids: Collection[IdentityId]) -> tuple[dict[IdentityId, Node], set[tuple[IdentityId, IdentityId]]]:
    """Everything that links or a common customer tie to these identities, and the links among it. Shared identifiers are reached, not passed.

    Goes outwards step by step, each step a few look-ups by key for all that the last one found.
    """
    nodes: dict[IdentityId, Node] = {}
    links: set[tuple[IdentityId, IdentityId]] = set()
    frontier = set(ids)
    met: set[CustomerId] = set()
    while frontier:
        neighbours = _neighbours(tx, frontier)
        found = _nodes(tx, frontier, neighbours)
        nodes |= {node.id: node for node in found}
        customers = {node.customer_id for node in found if node.customer_id} - met
        met |= customers
        frontier = _belonging(tx, customers)
        for node in found:
            if not node.shared:
                links |= {(min(node.id, other), max(node.id, other)) for other in neighbours.get(node.id, ())}
                frontier.update(neighbours.get(node.id, ()))
        frontier -= nodes.keys()
    return nodes, links


def _neighbours(tx: Tx, ids: Collection[IdentityId]) -> dict[IdentityId, list[IdentityId]]:
    """Identities linked to each of these and not separated from it; of shared ones a few more than make them shared."""
    rows = tx.execute(
        f"""
        select r.id, n.id as other
        from unnest(cast(:ids as uuid[])) as r (id)
        cross join lateral (
            (
                select distinct l.b as id
                from identity_links l
                where l.tenant_id = :tenant_id and l.a = r.id
                    and not exists (select from identity_separations s where s.tenant_id = l.tenant_id and s.a = l.a and s.b = l.b)
                limit {SHARED_ABOVE + 1}
            )
            union
            (
                select distinct l.a
                from identity_links l
                where l.tenant_id = :tenant_id and l.b = r.id
                    and not exists (select from identity_separations s where s.tenant_id = l.tenant_id and s.a = l.a and s.b = l.b)
                limit {SHARED_ABOVE + 1}
            )
        ) n
        """,  # noqa: S608 (constant)
        {"ids": list(ids)},
    )
    found: dict[IdentityId, list[IdentityId]] = {}
    for row in rows:
        found.setdefault(IdentityId(row.id), []).append(IdentityId(row.other))
    return found


def _nodes(tx: Tx, ids: Collection[IdentityId], neighbours: Mapping[IdentityId, Sequence[IdentityId]]) -> list[Node]:
    rows = tx.execute(
        """
        select i.id, i.namespace, i.verified, i.customer_id, i.first_seen_at
        from unnest(cast(:ids as uuid[])) as r (id)
        join identities i on i.tenant_id = :tenant_id and i.id = r.id
        """,
        {"ids": list(ids)},
    )
    return [
        Node(
            id=IdentityId(row.id),
            namespace=row.namespace,
            verified=row.verified,
            customer_id=CustomerId(row.customer_id) if row.customer_id else None,
            first_seen_at=row.first_seen_at,
            shared=len(neighbours.get(row.id, ())) > SHARED_ABOVE,
        )
        for row in rows
    ]


def _belonging(tx: Tx, customers: Collection[CustomerId]) -> set[IdentityId]:
    """All identities of these customers."""
    if not customers:
        return set()
    rows = tx.execute(
        "select id from identities where tenant_id = :tenant_id and customer_id = any (cast(:customers as uuid[]))", {"customers": list(customers)}
    )
    return {IdentityId(row.id) for row in rows}
