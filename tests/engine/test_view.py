"""Views: an expression compiled once gives the same answers wherever questions start from it."""

import ibis

from siyu import engine
from siyu.engine.client import sql

TABLE = ibis.table({"id": "int64", "many": "int64"}, name="items")


def counted(built: list[int], least: int) -> ibis.Table:
    def build() -> ibis.Table:
        built.append(least)
        return TABLE.filter(TABLE.many >= least)

    return engine.view(("test_view", least), build)


def test_is_built_once_per_key() -> None:
    built: list[int] = []
    first, again, other = counted(built, 3), counted(built, 3), counted(built, 4)
    assert built == [3, 4]
    assert first.equals(again)
    assert not first.equals(other)


def test_questions_and_views_may_start_from_views() -> None:
    import duckdb

    inner = counted([], 2)
    outer = engine.view(("test_view", "outer"), lambda: inner.group_by("many").aggregate(n=inner.count()))
    question = outer.join(inner, "many").filter(outer.n > 1).aggregate(total=inner.id.sum())
    twice = ibis.union(question, question)
    with duckdb.connect() as db:
        db.execute("create table items as select * from (values (1, 1), (2, 2), (3, 3), (4, 3)) as i (id, many)")
        assert db.execute(sql(question)).fetchall() == [(7,)]
        assert db.execute(sql(twice)).fetchall() == [(7,), (7,)]
        assert sorted(db.execute(sql(outer)).fetchall()) == [(2, 1), (3, 2)]
