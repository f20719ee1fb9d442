from datetime import timedelta
from decimal import Decimal

import pytest

from siyu import events
from siyu.infra.tx import Actor, Scope, Tx
from siyu.kernel.ids import CustomerId, new_id
from siyu.observe import identities, orders
from siyu.observe.identities import namespaces
from siyu.observe.orders.model import AbsurdAmount, FutureOrder
from tests.observe.orders.drafts import PAID, a_line, a_refund, an_order, back


def said(tx: Tx) -> list[tuple[str, str]]:
    return [(row.name, row.key) for row in tx.execute("select name, key from events where tenant_id = :tenant_id order by name, key")]


class TestRecord:
    def test_keeps_exact_decimals_and_rounds_the_total_once(self, tx: Tx) -> None:
        lines = [a_line("A", "3", "0.335"), a_line("B", "3", "0.335"), a_line("C", "1", "0.00")]
        recorded = orders.record(tx, an_order("A1", *lines), source="test")
        order = orders.get(tx, recorded.id)
        assert (order.amount, order.total_fen) == (Decimal("2.010"), 201)
        assert [(line.unit_price, line.amount, line.kind) for line in order.lines] == [
            (Decimal("0.335"), Decimal("1.005"), "sale"),
            (Decimal("0.335"), Decimal("1.005"), "sale"),
            (Decimal("0.00"), Decimal("0"), "gift"),
        ]

    def test_the_same_again_changes_nothing(self, tx: Tx) -> None:
        first = orders.record(tx, an_order("A1", a_line(price="2.50")), source="test")
        before = tx.execute("select xmin::text, ctid::text from order_lines where tenant_id = :tenant_id").all(), said(tx)
        again = orders.record(tx, an_order("A1", a_line(price="2.5")), source="other")
        assert (first.outcome, again.outcome, again.id) == ("new", "unchanged", first.id)
        assert (tx.execute("select xmin::text, ctid::text from order_lines where tenant_id = :tenant_id").all(), said(tx)) == before

    def test_other_content_replaces_it_whole(self, tx: Tx) -> None:
        first = orders.record(tx, an_order("A1", a_line("A"), a_line("B"), a_line("C")), source="test")
        again = orders.record(tx, an_order("A1", a_line("B", "2")), source="test")
        assert (again.outcome, again.id) == ("changed", first.id)
        order = orders.get(tx, first.id)
        assert [(line.sku, line.quantity) for line in order.lines] == [("B", Decimal(2))]
        assert order.amount == 20
        assert said(tx) == [("order.changed", "changed/A1/2"), ("order.paid", "paid/A1")]

    def test_equal_lines_are_different_lines(self, tx: Tx) -> None:
        recorded = orders.record(tx, an_order("A1", a_line(), a_line()), source="test")
        assert orders.get(tx, recorded.id).amount == 20

    def test_is_said_at_the_time_it_was_paid(self, tx: Tx) -> None:
        orders.record(tx, an_order("A1", paid_at=PAID.replace(year=2010)), source="test")
        (identity,) = identities.find(tx, [(namespaces.shop_customer("main"), "17850")]).values()
        (event,) = events.read(tx, [identity.id])
        assert (event.name, event.occurred_at, event.props["total_fen"]) == ("order.paid", PAID.replace(year=2010), 1000)

    def test_gifts_alone_are_no_purchase(self, tx: Tx) -> None:
        recorded = orders.record(tx, an_order("A1", a_line(price="0")), source="test")
        assert orders.get(tx, recorded.id).status == "gift"
        assert said(tx) == []

    def test_a_cancelled_order_is_called_off_once(self, tx: Tx) -> None:
        recorded = orders.record(tx, an_order("A1"), source="test")
        orders.record(tx, an_order("A1", asserted="cancelled"), source="test")
        orders.record(tx, an_order("A1", a_line("X"), asserted="cancelled"), source="test")
        assert orders.get(tx, recorded.id).status == "cancelled"
        assert [name for name, _ in said(tx)].count("order.cancelled") == 1

    def test_marks_of_one_order_are_linked(self, tx: Tx) -> None:
        orders.record(tx, an_order("A1", unionid="o1", phone="13800000000"), source="test")
        assert tx.execute("select count(*) from identity_links where tenant_id = :tenant_id").scalar() == 2

    def test_refuses_what_cannot_be_meant(self, tx: Tx) -> None:
        with pytest.raises(FutureOrder):
            orders.record(tx, an_order("A1", paid_at=tx.now + timedelta(days=2)), source="test")
        with pytest.raises(AbsurdAmount):
            orders.record(tx, an_order("A1", a_line(quantity="10000001", price="1")), source="test")

    def test_any_text_is_kept_exactly(self, tx: Tx) -> None:
        name = '=cmd|"/c calc"!A1\t\\,{NULL}\n\'x'
        recorded = orders.record(tx, an_order(name, a_line("NULL", name=name)), source="test")
        order = orders.get(tx, recorded.id)
        assert (order.order_no, order.lines[0].sku, order.lines[0].name) == (name, "NULL", name)


class TestRefund:
    def test_of_a_named_order(self, tx: Tx) -> None:
        recorded = orders.record(tx, an_order("A1", a_line(quantity="3")), source="test")
        orders.refund(tx, a_refund("R1", back(), order_no="A1", customer_no=None), source="test")
        order = orders.get(tx, recorded.id)
        assert (order.status, order.refunded, order.refunded_fen) == ("partly_refunded", Decimal(10), 1000)
        assert [(line.kind, line.refund_no) for line in order.lines] == [("sale", None), ("refund", "R1")]
        orders.refund(tx, a_refund("R2", back(quantity="2", amount="20"), order_no="A1"), source="test")
        assert orders.get(tx, recorded.id).status == "refunded"

    def test_again_changes_nothing_and_other_content_replaces_it(self, tx: Tx) -> None:
        recorded = orders.record(tx, an_order("A1", a_line(quantity="3")), source="test")
        first = orders.refund(tx, a_refund("R1", back(), back("B"), order_no="A1"), source="test")
        assert orders.refund(tx, a_refund("R1", back(), back("B"), order_no="A1"), source="test") == first
        assert orders.get(tx, recorded.id).refunded == 20
        assert orders.refund(tx, a_refund("R1", back(amount="5"), order_no="A1"), source="test") == first
        assert orders.get(tx, recorded.id).refunded == 5

    def test_cannot_exceed_what_is_left(self, tx: Tx) -> None:
        orders.record(tx, an_order("A1"), source="test")
        orders.refund(tx, a_refund("R1", back(amount="6"), order_no="A1"), source="test")
        with pytest.raises(orders.RefundTooLarge):
            orders.refund(tx, a_refund("R2", back(amount="6"), order_no="A1"), source="test")
        orders.refund(tx, a_refund("R1", back(amount="10"), order_no="A1"), source="test")

    def test_of_an_unknown_order(self, tx: Tx) -> None:
        with pytest.raises(orders.OrderNotFound):
            orders.refund(tx, a_refund("R1", order_no="nowhere"), source="test")

    def test_without_an_order_finds_the_purchase(self, tx: Tx) -> None:
        older = orders.record(tx, an_order("A1", a_line(quantity="5")), source="test")
        newer = orders.record(tx, an_order("A2", a_line(quantity="2"), paid_at=PAID + timedelta(days=1)), source="test")
        later = orders.record(tx, an_order("A3", a_line(quantity="9"), paid_at=PAID + timedelta(days=5)), source="test")
        orders.refund(tx, a_refund("R1", back(quantity="3", amount="30"), at=PAID + timedelta(days=2)), source="test")
        assert [orders.get(tx, one.id).refunded for one in (older, newer, later)] == [10, 20, 0]

    def test_one_that_waited_is_given_to_its_order_whatever_its_date(self, tx: Tx) -> None:
        orders.refund_many(tx, [a_refund("R1", at=PAID - timedelta(hours=10), order_no="A1")], source="import")
        recorded = orders.record(tx, an_order("A1", paid_at=PAID), source="test")
        order = orders.get(tx, recorded.id)
        assert (order.status, order.refunded) == ("refunded", Decimal(10))

    def test_an_order_that_comes_later_still_explains_an_earlier_refund(self, tx: Tx) -> None:
        orders.refund(tx, a_refund("R1", at=PAID + timedelta(days=2)), source="test")
        assert tx.execute("select matched from refunds where tenant_id = :tenant_id").scalar() == 0
        recorded = orders.record(tx, an_order("A1"), source="test")
        assert orders.get(tx, recorded.id).status == "refunded"
        assert tx.execute("select matched from refunds where tenant_id = :tenant_id").scalar() == 10


class TestPage:
    def test_finds_by_number_by_mark_and_by_time(self, tx: Tx) -> None:
        first = orders.record(tx, an_order("A1", phone="13800000000"), source="test")
        second = orders.record(tx, an_order("A2", customer_no="2", paid_at=PAID + timedelta(days=1)), source="test")

        def ids(**wanted: str) -> list[object]:
            return [order.id for order in orders.page(tx, orders.Filter(**wanted))]  # type: ignore[arg-type]

        assert ids() == [second.id, first.id]
        assert ids(q="A1") == ids(q="17850") == [first.id]
        assert ids(q="nobody") == []
        assert ids(status="refunded") == []
        (last,) = orders.page(tx, orders.Filter(), limit=1)
        assert [order.id for order in orders.page(tx, orders.Filter(), before=(last.paid_at, last.id))] == [first.id]

    def test_a_guide_sees_no_orders_of_others(self, tx: Tx) -> None:
        recorded = orders.record(tx, an_order("A1"), source="test")
        tx.execute("update identities set customer_id = :id where tenant_id = :tenant_id", {"id": new_id(CustomerId, tx.now)})
        guide = Tx(tx.connection, tx.tenant_id, Actor("user", scope=Scope("own")), tx.now, tx.tz)
        assert orders.page(guide, orders.Filter()) == []
        with pytest.raises(orders.OrderNotFound):
            orders.get(guide, recorded.id)
