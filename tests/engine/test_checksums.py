"""The comparison finds what differs, and nothing else."""

import threading
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest

from siyu import engine, events
from siyu.engine import Engine
from siyu.engine.checksums import Block, verify
from siyu.engine.follow import Follower
from siyu.engine.source import Source
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import TenantId
from tests.engine.tables import TABLES, insert_identity, insert_item
from tests.events.test_log import Paid


def fill(database: Database, tenant: TenantId) -> None:
    with database.transaction(tenant, SYSTEM) as tx:
        identity = insert_identity(tx, uuid4())
        for number in range(300):
            insert_item(
                tx,
                identity_id=identity if number % 2 else None,
                amount=Decimal(number) / 8,
                many=number - 150,
                note=None if number % 3 else "备注\n'x'",
                marks=["a", "b"] if number % 5 else None,
                at=datetime(1969 + number // 4, 1, 1, 12, 30, 0, number, tzinfo=UTC),
                done=number % 2 == 0,
                props='{"b": 1.50, "a": "中"}',
            )
        for number in range(20):
            events.append(tx, Paid(str(number)), key=str(number))


def unequal(blocks: list[dict[str, object]]) -> set[str]:
    return {str(block["table"]) for block in blocks if not block["equal"]}


class TestVerify:
    def test_equal_sides_agree_in_every_block(self, items: Database, tenant: TenantId, settings: Settings) -> None:
        fill(items, tenant)
        blocks = [Block(**block) for block in engine.verify(settings, items, TABLES, block_rows=100)]
        assert all(block.equal for block in blocks)
        assert sum(block.rows for block in blocks if block.table == "items") == 300
        assert len([block for block in blocks if block.table == "items"]) == 3
        assert {block.table for block in blocks} == {"items", "events", "identities", "items.customer_id", "events.customer_id"}

    @pytest.mark.parametrize(
        ("harm", "found"),
        [
            ("update data.items set amount = amount + 0.0000000001 where many = 7", {"items"}),
            ("update data.items set note = '' where many = 1", {"items"}),
            ('update data.items set "at" = "at" + interval 1 microsecond where many = 7', {"items"}),
            ("delete from data.items where many = 7", {"items"}),
            ("insert into data.items select * from data.items where many = 7", {"items"}),
            ("update data.events set props = '{}' where key = '3'", {"events"}),
            ("update data.items set customer_id = uuid() where many = 7", {"items.customer_id"}),
        ],
    )
    def test_finds_what_differs(self, follower: Follower, items: Database, tenant: TenantId, harm: str, found: set[str]) -> None:
        fill(items, tenant)
        follower.step()
        assert follower.replica is not None
        with follower.replica.cursor() as cursor:
            cursor.execute(harm)
        stop = threading.Event()
        thread = threading.Thread(target=follower.run, args=(stop,))
        thread.start()
        blocks = verify(follower, Source(items.url), 100)
        stop.set()
        follower.wake()
        thread.join()
        assert {block.table for block in blocks if not block.equal} == found

    def test_a_rebuild_mends_it(self, items: Database, tenant: TenantId, settings: Settings) -> None:
        fill(items, tenant)
        with engine.running(settings, items, TABLES) as owner:
            client = Engine(settings.home, TABLES)
            client.rebuild()
            assert owner.follower.replica is not None
            with owner.follower.replica.used() as replica, replica.cursor() as cursor:
                cursor.execute("delete from data.items where many > 0")
            assert unequal(client.verify(block_rows=1000)) == {"items"}
            client.rebuild()
            assert unequal(client.verify(block_rows=1000)) == set()
