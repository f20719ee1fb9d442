"""Proof that the replica is what PostgreSQL holds: sums of row hashes by blocks of keys, computed by each side from its own rows at one snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass

from siyu.engine.follow import Follower, Visit
from siyu.engine.refusals import EngineUnavailable
from siyu.engine.schema import IDENTITIES, PERSON
from siyu.engine.source import Source
from siyu.infra.wiring import ReplicaTable

_VISIT_SECONDS = 30.0


@dataclass(frozen=True)
class Block:
    """Rows of one table whose keys fall into one block, as both sides count and sum them."""

    table: str
    block: int
    rows: int
    replica_rows: int
    equal: bool


def verify(follower: Follower, source: Source, block_rows: int) -> list[Block]:
    """Compare every table in blocks of about `block_rows` rows. Following goes on meanwhile. Floating-point columns are left out. Raises EngineUnavailable."""
    visit = Visit()
    follower.visit(visit)
    if not visit.wait(_VISIT_SECONDS) or visit.replica is None or visit.cursor is None:
        raise EngineUnavailable(state=follower.state)
    try:
        with visit.replica.used(), source.reading(visit.snapshot_id) as reading:
            visit.taken()
            blocks: list[Block] = []
            for table in follower.schema.tables:
                row = visit.cursor.execute(f'select count(*) from data."{table.name}"').fetchone()  # noqa: S608 (names checked by Schema)
                many = max(1, -(-(row or (0,))[0] // block_rows))
                ours = visit.cursor.execute(_sums(table, _DUCKDB, f'data."{table.name}"', many)).fetchall()
                theirs = reading.checksums(_sums(table, _POSTGRES, table.name, many)).to_pylist()
                blocks += _compare(
                    table.name,
                    {int(one["block"]): (int(one["rows"]), str(one["total"])) for one in theirs},
                    {int(block): (int(rows), str(total)) for block, rows, total in ours},
                )
            for table in follower.schema.tables:
                if follower.schema.resolves(table):
                    row = visit.cursor.execute(_unresolved(table)).fetchone()
                    wrong = (row or (0,))[0]
                    blocks.append(Block(f"{table.name}.{PERSON}", 0, 0, wrong, wrong == 0))
            return blocks
    finally:
        visit.taken()
        visit.cursor.close()
        source.close()


def _compare(table: str, theirs: Mapping[int, tuple[int, str]], ours: Mapping[int, tuple[int, str]]) -> list[Block]:
    none = (0, "")
    return [
        Block(table, block, theirs.get(block, none)[0], ours.get(block, none)[0], theirs.get(block, none) == ours.get(block, none))
        for block in sorted(theirs.keys() | ours.keys())
    ]


_DUCKDB = {
    "TIMESTAMP": "epoch_us({0})::varchar",
    "TIMESTAMPTZ": "epoch_us({0})::varchar",
    "LIST": "array_to_string({0}, chr(30))",
    "DECIMAL": "{0}::varchar",
    "hash": "cast('0x' || substr(md5({0}), 1, 15) as bigint)",
    "": "{0}::varchar",
}
_POSTGRES = {
    "TIMESTAMP": "(extract(epoch from {0}) * 1000000)::bigint::text",
    "TIMESTAMPTZ": "(extract(epoch from {0}) * 1000000)::bigint::text",
    "LIST": "array_to_string({0}, chr(30))",
    "DECIMAL": "case when scale(trim_scale({0})) > {1} then {0}::text else round({0}, {1})::text end",
    "hash": "('x' || substr(md5({0}), 1, 15))::bit(60)::bigint",
    "": "{0}::text",
}


def _sums(table: ReplicaTable, words: Mapping[str, str], source: str, many: int) -> str:
    """Rows and sum of row hashes by block: the same text of each value on both sides, whatever types they keep it in."""
    exact = {column: kind for column, kind in table.columns.items() if kind not in ("DOUBLE", "FLOAT")}
    whole = " || chr(31) || ".join(f"coalesce({_text(column, kind, words)}, chr(1))" for column, kind in exact.items())
    key = " || chr(31) || ".join(_text(column, table.columns[column], words) for column in table.key)
    hashed = f"select {words['hash'].format(key)} % {many} as block, {words['hash'].format(whole)} as hash from {source}"  # noqa: S608 (names checked by Schema)
    return f"select block, count(*) as rows, cast(sum(hash) as varchar) as total from ({hashed}) t group by block order by block"  # noqa: S608


def _text(column: str, kind: str, words: Mapping[str, str]) -> str:
    family, _, rest = kind.partition("(")
    if kind.endswith("[]"):
        family = "LIST"
    scale = rest.rstrip(")").split(",")[-1].strip() if family == "DECIMAL" else ""
    return words.get(family, words[""]).format(f'"{column}"', scale)


def _unresolved(table: ReplicaTable) -> str:
    return f"""
        select count(*) from data."{table.name}" t
        left join data.{IDENTITIES} i on i.tenant_id = t.tenant_id and i.id = t.identity_id
        where t.{PERSON} is distinct from i.{PERSON}
    """  # noqa: S608
