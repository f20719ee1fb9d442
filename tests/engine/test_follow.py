"""The replica is the state of one PostgreSQL snapshot."""

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import duckdb
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from siyu import events
from siyu.engine import follow
from siyu.engine.follow import Follower, OtherCluster, chunks
from siyu.engine.schema import EVENTS, Schema
from siyu.engine.source import Source, SourceError
from siyu.engine.watermark import Watermark
from siyu.infra.database import Database
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import TenantId
from tests.conftest import TestClock
from tests.engine.conftest import make_follower
from tests.engine.tables import ITEMS, LINES, TABLES, in_postgres, in_replica, insert_identity, insert_item, until
from tests.events.test_log import Paid


def person_of(follower: Follower, table: str, id: UUID) -> UUID | None:
    assert follower.replica is not None
    with follower.replica.reading() as cursor:
        row = cursor.execute(f"select customer_id from data.{table} where id = ?", [id]).fetchone()
    assert row is not None
    person: UUID | None = row[0]
    return person


def same(follower: Follower, database: Database) -> bool:
    return all(in_replica(follower.replica, table) == in_postgres(database, table) for table in (*TABLES, EVENTS))


class TestValues:
    def test_every_kind_arrives_as_it_is(self, items: Database, tenant: TenantId, follower: Follower) -> None:
        with items.transaction(tenant, SYSTEM) as tx:
            insert_item(tx)
            insert_item(
                tx,
                amount=Decimal("1234567890123456789.0123456789"),
                many=-(2**63),
                note="'私域' \\ \n\t\x1f😀",
                marks=["a", "", "b,c", None],
                at=datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
                day=date(2000, 2, 29),
                done=False,
                props='{"金额": "0.1000", "n": 1e3, "list": [null, true]}',
            )
            insert_item(tx, amount=Decimal("-0.0000000001"), at=datetime(2049, 1, 1, tzinfo=UTC), marks=[], note="", done=True, props="{}")
        follower.step()
        assert len(in_replica(follower.replica, ITEMS)) == 3
        assert in_replica(follower.replica, ITEMS) == in_postgres(items, ITEMS)

    def test_a_decimal_with_more_digits_than_the_replica_holds_is_not_rounded(self, items: Database, tenant: TenantId, follower: Follower) -> None:
        with items.transaction(tenant, SYSTEM) as tx:
            insert_item(tx, amount=Decimal("0.12345678901"))
        with pytest.raises(duckdb.Error, match=r"items.amount holds more digits than DECIMAL\(38, 10\): 0.12345678901"):
            follower.step()
        assert in_replica(follower.replica, ITEMS) == []

    def test_zeros_after_the_last_digit_are_no_more_digits(self, items: Database, tenant: TenantId, follower: Follower) -> None:
        with items.transaction(tenant, SYSTEM) as tx:
            tx.execute("insert into items (tenant_id, id, amount) values (:tenant_id, :id, 1.500000000000000)", {"id": uuid4()})
        follower.step()
        assert in_replica(follower.replica, ITEMS) == in_postgres(items, ITEMS)


class TestStep:
    def test_takes_over_inserts_updates_and_deletes(self, items: Database, tenant: TenantId, follower: Follower) -> None:
        with items.transaction(tenant, SYSTEM) as tx:
            kept, changed, deleted = (insert_item(tx, many=1) for _ in range(3))
        follower.step()
        with items.transaction(tenant, SYSTEM) as tx:
            tx.execute("update items set many = 2 where tenant_id = :tenant_id and id = :id", {"id": changed})
            tx.execute("delete from items where tenant_id = :tenant_id and id = :id", {"id": deleted})
        follower.step()
        assert {row[1]: row[4] for row in in_replica(follower.replica, ITEMS)} == {kept: 1, changed: 2}

    def test_a_deleted_row_may_come_again_in_the_same_transaction(self, items: Database, tenant: TenantId, follower: Follower) -> None:
        with items.transaction(tenant, SYSTEM) as tx:
            id = insert_item(tx, many=1)
        follower.step()
        with items.transaction(tenant, SYSTEM) as tx:
            tx.execute("delete from items where tenant_id = :tenant_id", {})
            insert_item(tx, id, many=2)
        follower.step()
        assert [row[4] for row in in_replica(follower.replica, ITEMS)] == [2]

    def test_keys_of_several_kinds_are_buried(self, items: Database, tenant: TenantId, follower: Follower) -> None:
        with items.transaction(tenant, SYSTEM) as tx:
            item = insert_item(tx)
            for line_no in range(3):
                tx.execute("insert into lines values (:tenant_id, :item, :line_no, 1)", {"item": item, "line_no": line_no})
        follower.step()
        with items.transaction(tenant, SYSTEM) as tx:
            tx.execute("delete from lines where tenant_id = :tenant_id and line_no = 1")
        follower.step()
        assert [row[2] for row in in_replica(follower.replica, LINES)] == [0, 2]

    def test_a_late_commit_is_not_passed_over_and_holds_up_nobody(self, items: Database, tenant: TenantId, follower: Follower) -> None:
        with items.transaction(tenant, SYSTEM) as slow:
            late = insert_item(slow, many=1)
            for number in range(3):
                with items.transaction(tenant, SYSTEM) as tx:
                    insert_item(tx, many=number)
                follower.step()
                assert len(in_replica(follower.replica, ITEMS)) == number + 1
        follower.step()
        assert late in {row[1] for row in in_replica(follower.replica, ITEMS)}
        assert same(follower, items)

    def test_what_rolled_back_never_was(self, items: Database, tenant: TenantId, follower: Follower) -> None:
        with pytest.raises(ZeroDivisionError), items.transaction(tenant, SYSTEM) as tx:
            insert_item(tx)
            follower.step()
            raise ZeroDivisionError
        follower.step()
        assert in_replica(follower.replica, ITEMS) == []

    def test_replay_changes_nothing(self, items: Database, tenant: TenantId, follower: Follower) -> None:
        assert follower.replica is not None and follower.replica.mark is not None and follower.replica.cluster is not None
        beginning = follower.replica.mark
        with items.transaction(tenant, SYSTEM) as tx:
            for number in range(20):
                insert_item(tx, many=number)
                events.append(tx, Paid(str(number)), key=str(number))
            tx.execute("delete from items where tenant_id = :tenant_id and many < 5")
        follower.step()
        counts, rows = follower.replica.counts(), in_replica(follower.replica, ITEMS)
        follower.replica.advance(Watermark(beginning.as_of, beginning.snapshot, follower.replica.mark.version), follower.replica.cluster)
        follower.step()
        assert follower.replica.counts() == counts
        assert in_replica(follower.replica, ITEMS) == rows
        assert same(follower, items)

    def test_counts_are_those_of_the_tables(self, items: Database, tenant: TenantId, follower: Follower) -> None:
        for _ in range(3):
            with items.transaction(tenant, SYSTEM) as tx:
                for _ in range(4):
                    insert_item(tx)
                tx.execute("delete from items where (tenant_id, id) in (select tenant_id, id from items where tenant_id = :tenant_id limit 1)")
            follower.step()
        assert follower.replica is not None
        assert follower.replica.counts() == {"events": 0, "identities": 0, "items": 9, "lines": 0}

    def test_an_idle_look_moves_the_watermark_without_writing(self, clock: TestClock, follower: Follower) -> None:
        assert follower.replica is not None and follower.replica.mark is not None
        before = follower.replica.mark
        clock.at += timedelta(hours=1)
        follower.step()
        assert follower.replica.mark.as_of == before.as_of + timedelta(hours=1)
        assert follower.replica.mark.version == before.version

    def test_as_of_is_the_business_instant_before_the_look(self, items: Database, tenant: TenantId, clock: TestClock, follower: Follower) -> None:
        clock.at += timedelta(minutes=5)
        with items.transaction(tenant, SYSTEM) as tx:
            insert_item(tx)
        follower.step()
        assert follower.replica is not None and follower.replica.mark is not None
        assert follower.replica.mark.as_of == clock.at


class TestPerson:
    def test_is_resolved_whichever_came_first(self, items: Database, tenant: TenantId, follower: Follower) -> None:
        someone = uuid4()
        with items.transaction(tenant, SYSTEM) as tx:
            identity = insert_identity(tx, None)
            before = insert_item(tx, identity_id=identity)
            nobodys = insert_item(tx)
            events.append(tx, Paid("1"), key="1", identity_id=identity)  # type: ignore[arg-type]
        follower.step()
        assert person_of(follower, "items", before) is None
        with items.transaction(tenant, SYSTEM) as tx:
            tx.execute("update identities set customer_id = :someone where tenant_id = :tenant_id", {"someone": someone})
            after = insert_item(tx, identity_id=identity)
        follower.step()
        assert [person_of(follower, "items", id) for id in (before, after, nobodys)] == [someone, someone, None]
        with items.reader() as connection:
            event = connection.execute(text("select id from events")).scalar_one()
        assert person_of(follower, "events", event) == someone

    def test_follows_merge_and_separation(self, items: Database, tenant: TenantId, follower: Follower) -> None:
        one, other = uuid4(), uuid4()
        with items.transaction(tenant, SYSTEM) as tx:
            first, second = insert_identity(tx, one), insert_identity(tx, other)
            of_first, of_second = insert_item(tx, identity_id=first), insert_item(tx, identity_id=second)
        follower.step()
        for person in (one, other):
            with items.transaction(tenant, SYSTEM) as tx:
                tx.execute("update identities set customer_id = :to where tenant_id = :tenant_id and id = :id", {"to": person, "id": second})
            follower.step()
            assert [person_of(follower, "items", id) for id in (of_first, of_second)] == [one, person]

    def test_is_gone_with_the_identity(self, items: Database, tenant: TenantId, follower: Follower) -> None:
        with items.transaction(tenant, SYSTEM) as tx:
            item = insert_item(tx, identity_id=insert_identity(tx, uuid4()))
        follower.step()
        assert person_of(follower, "items", item) is not None
        with items.transaction(tenant, SYSTEM) as tx:
            tx.execute("delete from identities where tenant_id = :tenant_id")
        follower.step()
        assert person_of(follower, "items", item) is None

    def test_is_the_same_after_a_rebuild(self, items: Database, tenant: TenantId, follower: Follower) -> None:
        someone = uuid4()
        with items.transaction(tenant, SYSTEM) as tx:
            item = insert_item(tx, identity_id=insert_identity(tx, someone))
        follower.want_rebuild()
        follower.step()
        assert person_of(follower, "items", item) == someone


class TestRebuild:
    def test_gives_the_same_rows(self, items: Database, tenant: TenantId, follower: Follower) -> None:
        with items.transaction(tenant, SYSTEM) as tx:
            for number in range(50):
                insert_item(tx, many=number, amount=Decimal(number) / 7 // Decimal("0.0001") * Decimal("0.0001"))
                events.append(tx, Paid(str(number)), key=str(number))
        follower.step()
        followed, old = in_replica(follower.replica, ITEMS), follower.replica
        assert old is not None and old.mark is not None
        number = follower.want_rebuild()
        follower.step()
        assert follower.rebuilt(number) and follower.replica is not old and follower.replica is not None and follower.replica.mark is not None
        assert in_replica(follower.replica, ITEMS) == followed == in_postgres(items, ITEMS)
        assert follower.replica.mark.version > old.mark.version
        assert not old.path.exists()

    def test_questions_on_the_old_file_go_on(self, items: Database, tenant: TenantId, follower: Follower) -> None:
        with items.transaction(tenant, SYSTEM) as tx:
            insert_item(tx)
        follower.step()
        old = follower.replica
        assert old is not None
        with old.used(), old.reading() as cursor:
            follower.want_rebuild()
            follower.step()
            assert follower.replica is not old
            assert cursor.execute("select count(*) from data.items").fetchone() == (1,)
            assert old.path.exists()
        assert not old.path.exists()

    def test_a_failed_one_leaves_the_old_file(self, items: Database, follower: Follower, monkeypatch: pytest.MonkeyPatch) -> None:
        old = follower.replica
        assert old is not None
        follower.want_rebuild()
        with items.engine.begin() as connection:
            connection.exec_driver_sql("alter table lines rename to lines_elsewhere")
        with pytest.raises(SourceError):
            follower.step()
        assert follower.replica is old and old.intact()
        assert [path.name for path in sorted(old.path.parent.glob("siyu-*.duckdb"))] == [old.path.name]


class TestOpen:
    """A process that starts again."""

    def again(self, items: Database, follower: Follower, folder: Path) -> Follower:
        follower.close()
        another = make_follower(items, folder)
        another.open()
        return another

    def test_goes_on_where_it_stopped(self, items: Database, tenant: TenantId, follower: Follower, tmp_path: Path) -> None:
        with items.transaction(tenant, SYSTEM) as tx:
            insert_item(tx)
        follower.step()
        assert follower.replica is not None and follower.replica.mark is not None
        mark, path = follower.replica.mark, follower.replica.path
        another = self.again(items, follower, tmp_path / "replica")
        assert another.replica is not None and another.replica.mark == mark
        with items.transaction(tenant, SYSTEM) as tx:
            insert_item(tx)
        another.step()
        assert another.replica.path == path
        assert same(another, items)
        another.close()

    @pytest.mark.parametrize("harm", ["overwritten", "cut", "emptied", "deleted"])
    def test_a_damaged_file_is_made_anew(self, items: Database, tenant: TenantId, follower: Follower, tmp_path: Path, harm: str) -> None:
        with items.transaction(tenant, SYSTEM) as tx:
            insert_item(tx)
        follower.step()
        assert follower.replica is not None
        path = follower.replica.path
        follower.close()
        whole = path.read_bytes()
        match harm:
            case "overwritten":
                path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
            case "cut":
                path.write_bytes(whole[: len(whole) // 2])
            case "emptied":
                path.write_bytes(b"")
            case _:
                path.unlink()
        another = make_follower(items, tmp_path / "replica")
        another.open()
        assert another.replica is None
        another.step()
        assert same(another, items)
        another.close()

    def test_other_tables_mean_another_file(self, items: Database, follower: Follower, tmp_path: Path) -> None:
        follower.close()
        another = Follower(tmp_path / "replica", Schema.of([ITEMS]), Source(items.url), items.clock, memory_mb=512, threads=2)
        another.open()
        assert another.replica is None
        another.close()

    def test_half_made_files_are_swept_away(self, items: Database, follower: Follower, tmp_path: Path) -> None:
        leftover = tmp_path / "replica" / "siyu-000099.duckdb"
        leftover.write_bytes(b"half")
        self.again(items, follower, tmp_path / "replica").close()
        assert not leftover.exists()


class TestOtherCluster:
    def test_another_database_is_not_followed_with_old_numbers(self, items: Database, follower: Follower, fresh_url: str, tmp_path: Path) -> None:
        assert follower.replica is not None and follower.replica.mark is not None and follower.replica.cluster is not None
        cluster = follower.replica.cluster
        follower.replica.advance(follower.replica.mark, type(cluster)(cluster.system_identifier, cluster.timeline + 1, cluster.database))
        with pytest.raises(OtherCluster):
            follower.step()

    def test_forgotten_deletions_mean_a_rebuild(self, items: Database, tenant: TenantId, follower: Follower) -> None:
        with items.transaction(tenant, SYSTEM) as tx:
            insert_item(tx)
        follower.step()
        with items.transaction(tenant, SYSTEM) as tx:
            tx.execute("delete from items where tenant_id = :tenant_id")
        with items.lookup() as connection:
            horizon = connection.execute(text("select pg_snapshot_xmin(pg_current_snapshot())::text")).scalar_one()
            assert connection.execute(text("select siyu_forget_tombstones(cast(:xid as xid8))"), {"xid": horizon}).scalar_one() == 1
        with pytest.raises(OtherCluster, match="forgotten"):
            follower.step()

    def test_deletions_already_taken_over_may_be_forgotten(self, items: Database, tenant: TenantId, follower: Follower) -> None:
        with items.transaction(tenant, SYSTEM) as tx:
            insert_item(tx)
            tx.execute("delete from items where tenant_id = :tenant_id")
        follower.step()
        assert follower.replica is not None and follower.replica.mark is not None
        with items.lookup() as connection:
            connection.execute(text("select siyu_forget_tombstones(cast(:xid as xid8))"), {"xid": str(follower.replica.mark.snapshot.xmin)})
        follower.step()
        assert same(follower, items)


class TestHorizon:
    def test_a_long_transaction_is_reported_once(self, items: Database, tenant: TenantId, follower: Follower, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(follow, "HELD_SECONDS", 0.05)

        def alarmed() -> bool:  # other databases of the server may have transactions that are older still, for a moment
            follower.step()
            return bool(logs)

        with capture_logs() as logs, items.transaction(tenant, SYSTEM) as slow:
            insert_item(slow)
            until(alarmed)
            follower.step()
        assert {entry["event"] for entry in logs} == {"replica.horizon_held"}


class TestChunks:
    def test_are_bounded_and_whole(self, items: Database, tenant: TenantId, follower: Follower) -> None:
        with items.transaction(tenant, SYSTEM) as tx:
            tx.execute("insert into items (tenant_id, id, many) select :tenant_id, gen_random_uuid(), n from generate_series(1, 2500) n")
        with closing(Source(items.url)) as source, source.reading() as reading:
            sizes = [chunk.num_rows for chunk in chunks(reading.rows(ITEMS), 1000)]
        assert sum(sizes) == 2500 and max(sizes) <= 2000 and len(sizes) > 1
