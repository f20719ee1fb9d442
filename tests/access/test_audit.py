import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import ProgrammingError

from siyu.access import audit
from siyu.access.audit import Verdict, model
from siyu.access.audit.model import START, Entry
from siyu.infra.database import Database
from siyu.infra.tx import SYSTEM, Actor, Tx
from siyu.kernel.ids import TenantId

TENANT = UUID(int=7)
AT = datetime(2026, 3, 2, tzinfo=UTC)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes() | st.decimals() | st.uuids(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
details = st.dictionaries(st.text(max_size=8), json_values, max_size=4)


def chain(said: list[tuple[str, dict[str, Any]]]) -> list[Entry]:
    """A sound chain in memory."""
    entries: list[Entry] = []
    previous = START
    for seq, (act, detail) in enumerate(said, 1):
        entry = Entry(seq, AT, AT, "system", "siyu", act, f"thing:{seq}", model.detail_text(detail))
        previous = model.link(TENANT, entry, previous)
        entries.append(replace(entry, hash=previous))
    return entries


def head_of(entries: list[Entry]) -> tuple[int, bytes]:
    return (entries[-1].seq, entries[-1].hash) if entries else (0, START)


class TestChain:
    @given(st.lists(st.tuples(st.text(max_size=5), details), max_size=8))
    def test_what_was_recorded_verifies(self, said: list[tuple[str, dict[str, Any]]]) -> None:
        entries = chain(said)
        assert model.verify(TENANT, entries, head_of(entries)) == Verdict(True, len(entries))

    @given(st.data())
    def test_any_single_change_is_found_at_its_place(self, data: st.DataObject) -> None:
        entries = chain([(f"act{i}", {"i": i}) for i in range(data.draw(st.integers(1, 8)))])
        at = data.draw(st.integers(0, len(entries) - 1))
        field = data.draw(st.sampled_from(["act", "subject", "actor", "actor_name", "detail", "at", "recorded_at", "hash"]))
        old = getattr(entries[at], field)
        changed: Any = old.replace(year=2025) if isinstance(old, datetime) else bytes(32) if isinstance(old, bytes) else old + "x"
        forged = [*entries[:at], replace(entries[at], **{field: changed}), *entries[at + 1 :]]
        verdict = model.verify(TENANT, forged, head_of(entries))
        assert not verdict.ok
        assert verdict.broken_at == entries[at].seq

    @given(st.integers(1, 8), st.data())
    def test_a_missing_entry_is_named(self, count: int, data: st.DataObject) -> None:
        entries = chain([("act", {})] * count)
        at = data.draw(st.integers(0, count - 1))
        verdict = model.verify(TENANT, entries[:at] + entries[at + 1 :], head_of(entries))
        assert (verdict.ok, verdict.broken_at, verdict.reason) == (False, at + 1, "missing")

    @given(st.integers(2, 8), st.data())
    def test_swapped_entries_are_found_at_the_first(self, count: int, data: st.DataObject) -> None:
        entries = chain([(f"act{i}", {}) for i in range(count)])
        one, other = sorted(data.draw(st.lists(st.integers(0, count - 1), min_size=2, max_size=2, unique=True)))
        swapped = list(entries)
        swapped[one], swapped[other] = replace(entries[other], seq=one + 1), replace(entries[one], seq=other + 1)
        verdict = model.verify(TENANT, swapped, head_of(entries))
        assert (verdict.ok, verdict.broken_at) == (False, one + 1)

    @given(st.integers(0, 6))
    def test_an_entry_beyond_the_head_is_one_too_many(self, count: int) -> None:
        entries = chain([("act", {})] * (count + 1))
        verdict = model.verify(TENANT, entries, head_of(entries[:count]))
        assert (verdict.ok, verdict.broken_at, verdict.reason) == (False, count + 1, "inserted")

    def test_the_chain_of_another_tenant_does_not_pass(self) -> None:
        entries = chain([("act", {})])
        assert model.verify(UUID(int=8), entries, head_of(entries)).broken_at == 1


class TestRecord:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8), details), min_size=1, max_size=4), st.text(max_size=8))
    def test_whatever_is_recorded_reads_back_and_verifies(self, tx: Tx, said: list[tuple[str, str, dict[str, Any]]], name: str) -> None:
        acting = replace(tx, actor=Actor("user", UUID(int=1), name))
        for act, subject, detail in said:
            audit.record(acting, act, subject, detail)
        assert audit.verify(tx).ok
        newest = audit.page(tx, limit=1)[0]
        assert newest.details() == json.loads(model.detail_text(said[-1][2]))

    def test_says_who_when_and_what(self, tx: Tx) -> None:
        seq = audit.record(replace(tx, actor=Actor("user", UUID(int=1), "老板")), "coupon.issued", "coupon:1", {"pieces": 3})
        entry = audit.page(tx, limit=1)[0]
        assert (entry.seq, entry.at, entry.actor, entry.actor_name) == (seq, tx.now, f"user:{UUID(int=1)}", "老板")
        assert (entry.act, entry.subject, entry.details()) == ("coupon.issued", "coupon:1", {"pieces": 3})
        assert abs((datetime.now(UTC) - entry.recorded_at).total_seconds()) < 60

    def test_pages_and_filters_newest_first(self, tx: Tx) -> None:
        for i in range(5):
            audit.record(tx, "a" if i % 2 else "b", f"thing:{i}")
        seqs = [entry.seq for entry in audit.page(tx, limit=3)]
        assert seqs == sorted(seqs, reverse=True)
        assert [entry.subject for entry in audit.page(tx, before=seqs[-1], act="b", limit=1)] == ["thing:0"]
        assert [entry.seq for entry in audit.page(tx, subject="thing:4")] == seqs[:1]

    def test_many_at_once_make_one_chain(self, database: Database, tenant: TenantId) -> None:
        def work() -> None:
            for _ in range(5):
                with database.transaction(tenant, SYSTEM) as tx:
                    audit.record(tx, "act", "thing")

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with database.transaction(tenant, SYSTEM) as tx:
            assert audit.verify(tx) == Verdict(True, 40)

    def test_a_rolled_back_act_leaves_nothing(self, database: Database, tenant: TenantId) -> None:
        with pytest.raises(ZeroDivisionError), database.transaction(tenant, SYSTEM) as tx:
            audit.record(tx, "act", "thing")
            raise ZeroDivisionError
        with database.transaction(tenant, SYSTEM) as tx:
            assert audit.verify(tx) == Verdict(True, 0)


class TestVerify:
    @pytest.fixture
    def recorded(self, database: Database, tenant: TenantId) -> Iterator[Callable[[], Verdict]]:
        with database.transaction(tenant, SYSTEM) as tx:
            for i in range(1, 8):
                audit.record(tx, f"act{i}", f"thing:{i}", {"i": i})

        def verify() -> Verdict:
            with database.transaction(tenant, SYSTEM) as tx:
                return audit.verify(tx)

        assert verify() == Verdict(True, 7)
        yield verify

    @pytest.mark.parametrize(
        ("tamper", "broken_at", "reason"),
        [
            ("update audit_entries set subject = 'thing:9' where seq = 4", 4, "changed"),
            ("""update audit_entries set detail = '{"i": 4}' where seq = 4""", 4, "changed"),
            ("update audit_entries set at = at + interval '1 microsecond' where seq = 1", 1, "changed"),
            ("delete from audit_entries where seq = 3", 3, "missing"),
            ("delete from audit_entries where seq = 7", 7, "missing"),
            ("delete from audit_entries", 1, "missing"),
            ("delete from audit_entries where seq = 5; update audit_entries set seq = -seq where seq > 5; "
             "update audit_entries set seq = -1 - seq where seq < 0",
             5, "changed"),
            ("update audit_entries set seq = 99 where seq = 2; update audit_entries set seq = 2 where seq = 3; update audit_entries set seq = 3 where seq = 99",
             2, "changed"),
            ("insert into audit_entries select tenant_id, 8, at, recorded_at, actor, actor_name, act, subject, detail, hash from audit_entries where seq = 7",
             8, "inserted"),
            ("insert into audit_entries select tenant_id, 0, at, recorded_at, actor, actor_name, act, subject, detail, hash from audit_entries where seq = 1",
             0, "inserted"),
            ("update audit_entries set seq = seq + 100 where seq > 3;"
             "insert into audit_entries select tenant_id, 4, at, recorded_at, actor, actor_name, 'forged', subject, detail, hash"
             " from audit_entries where seq = 3;"
             "update audit_entries set seq = seq - 99 where seq > 100", 4, "changed"),
            ("update audit_heads set seq = 6", 7, "inserted"),
            ("update audit_heads set hash = sha256('x')", 7, "changed"),
            ("delete from audit_heads", 1, "inserted"),
        ],
    )  # fmt: skip
    def test_names_what_a_superuser_did(self, recorded: Callable[[], Verdict], sql: Callable[..., Any], tamper: str, broken_at: int, reason: str) -> None:
        for statement in tamper.split(";"):
            sql(statement)
        verdict = recorded()
        assert (verdict.ok, verdict.broken_at, verdict.reason) == (False, broken_at, reason)

    @pytest.mark.parametrize(
        ("tamper", "broken_at", "reason"),
        [
            ("delete from audit_entries where seq = 7; "
             "update audit_heads h set seq = 6, hash = e.hash from audit_entries e where e.tenant_id = h.tenant_id and e.seq = 6", 7, "missing"),
            ("delete from audit_entries; delete from audit_heads", 1, "missing"),
        ],
    )  # fmt: skip
    def test_a_chain_cut_short_with_its_head_is_told_from_the_one_that_was_kept(
        self,
        recorded: Callable[[], Verdict],
        kept: Path,
        database: Database,
        tenant: TenantId,
        sql: Callable[..., Any],
        tamper: str,
        broken_at: int,
        reason: str,
    ) -> None:
        with database.transaction(tenant, SYSTEM) as tx:
            assert audit.keep_head(tx) == audit.head(tx)
        with kept.open("a") as file:
            file.write('{"tenant": "tor')  # a crash while the next was written
        assert recorded() == Verdict(True, 7)
        for statement in tamper.split(";"):
            sql(statement)
        verdict = recorded()
        assert (verdict.ok, verdict.broken_at, verdict.reason) == (False, broken_at, reason)

    def test_a_chain_written_anew_as_a_whole_differs_from_the_one_that_was_kept(
        self, recorded: Callable[[], Verdict], kept: Path, database: Database, tenant: TenantId, sql: Callable[..., Any]
    ) -> None:
        with database.transaction(tenant, SYSTEM) as tx:
            audit.keep_head(tx)
        sql("delete from audit_entries")
        sql("delete from audit_heads")
        with database.transaction(tenant, SYSTEM) as tx:
            for i in range(1, 9):
                audit.record(tx, f"act{i}", "thing:forged")
        verdict = recorded()
        assert (verdict.ok, verdict.broken_at, verdict.reason) == (False, 7, "changed")

    @pytest.fixture
    def kept(self, tmp_path: Path) -> Iterator[Path]:
        file = tmp_path / "audit-heads.jsonl"
        audit.use(file)
        yield file
        audit.use(tmp_path / "gone")

    @pytest.mark.parametrize("act", ["update audit_entries set act = 'x'", "delete from audit_entries", "truncate audit_entries", "delete from audit_heads"])
    def test_the_app_itself_may_not_touch_what_is_written(self, tx: Tx, act: str) -> None:
        audit.record(tx, "act", "thing")
        with pytest.raises(ProgrammingError, match="permission denied"):
            tx.execute(act)

    def test_reads_a_long_chain_without_holding_it(self, database: Database, tenant: TenantId) -> None:
        with database.transaction(tenant, SYSTEM) as tx:
            for i in range(2100):  # more than a batch of the cursor
                audit.record(tx, "act", f"thing:{i}")
        with database.transaction(tenant, SYSTEM) as tx:
            assert audit.verify(tx) == Verdict(True, 2100)
            assert audit.head(tx).seq == 2100
