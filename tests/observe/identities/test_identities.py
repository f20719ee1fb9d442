from datetime import timedelta

import pytest

from siyu.infra.tx import Tx
from siyu.observe import identities
from siyu.observe.identities import Link, Sighting, namespaces

NUMBER = namespaces.shop_customer("tmall")


class TestSeen:
    def test_the_same_mark_has_one_identity(self, tx: Tx) -> None:
        first = identities.seen(tx, NUMBER, "17850")
        assert identities.seen(tx, NUMBER, "17850") == first
        assert identities.seen(tx, namespaces.shop_customer("jd"), "17850") != first

    def test_keeps_the_widest_time_and_the_strongest_word(self, tx: Tx) -> None:
        earlier, later = tx.now - timedelta(days=9), tx.now - timedelta(days=2)
        identities.seen(tx, NUMBER, "1", verified=False, at=later)
        identities.seen(tx, NUMBER, "1", at=earlier)
        identities.seen(tx, NUMBER, "1", verified=False, at=later - timedelta(days=1))
        (found,) = identities.find(tx, [(NUMBER, "1")]).values()
        assert (found.first_seen_at, found.last_seen_at, found.verified) == (earlier, later, True)

    def test_many_at_once_with_repeats(self, tx: Tx) -> None:
        day = timedelta(days=1)
        ids = identities.seen_many(
            tx,
            [Sighting((NUMBER, "1"), tx.now - day, tx.now), Sighting((NUMBER, "1"), tx.now - 3 * day, tx.now - 2 * day), (namespaces.PHONE, "13800000000")],
        )
        assert set(ids) == {(NUMBER, "1"), (namespaces.PHONE, "13800000000")}
        (found,) = identities.find(tx, [(NUMBER, "1")]).values()
        assert found.first_seen_at == tx.now - 3 * day

    def test_seeing_again_writes_nothing(self, tx: Tx) -> None:
        identities.seen(tx, NUMBER, "1")
        written = "select ctid from identities where tenant_id = :tenant_id"
        before = tx.execute(written).all()
        identities.seen(tx, NUMBER, "1")
        assert tx.execute(written).all() == before


class TestLink:
    def test_a_pair_is_recorded_once_per_source(self, tx: Tx) -> None:
        a, b = identities.seen(tx, NUMBER, "1"), identities.seen(tx, namespaces.UNIONID, "o1")
        assert identities.link_many(tx, [Link(a, b, "first", tx.now), Link(b, a, "second", tx.now), Link(a, a, "self", tx.now)], source="orders") == 1
        assert identities.link_many(tx, [Link(b, a, "third", tx.now)], source="orders") == 0
        assert identities.link_many(tx, [Link(b, a, "third", tx.now)], source="contacts") == 1
        assert tx.execute("select key from identity_links where tenant_id = :tenant_id and source = 'orders'").scalars().all() == ["first"]


class TestPhone:
    @pytest.mark.parametrize(
        ("text", "stored"),
        [
            ("13812345678", "13812345678"),
            ("+86 138-1234-5678", "13812345678"),
            ("0086 13812345678", "13812345678"),
            ("+44 20 7946 0958", "+442079460958"),
            ("138****5678", None),
            ("12345", None),
            ("", None),
        ],
    )
    def test_is_stored_one_way(self, text: str, stored: str | None) -> None:
        assert namespaces.phone(text) == stored
