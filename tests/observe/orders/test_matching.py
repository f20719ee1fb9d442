from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from siyu.kernel.ids import OrderId
from siyu.observe.orders.model import Purchase, Return, match
from tests.observe.orders.drafts import PAID

days = st.integers(0, 9).map(lambda day: PAID + timedelta(days=day))
skus = st.sampled_from("AB")
counts = st.integers(1, 6).map(Decimal)
purchases = st.lists(st.tuples(days, skus, counts, st.sampled_from([Decimal("1.25"), Decimal(3)])), max_size=8).map(
    lambda rows: [Purchase(OrderId(UUID(int=n)), f"O{n}", at, 1, sku, count, price) for n, (at, sku, count, price) in enumerate(rows)]
)
returns = st.lists(st.tuples(days, skus, counts, st.integers(0, 3000)), max_size=8).map(
    lambda rows: [Return((f"R{n}", 1), at, sku, count, Decimal(amount) / 100) for n, (at, sku, count, amount) in enumerate(rows)]
)


class TestMatch:
    @given(purchases, returns)
    def test_laws(self, bought: list[Purchase], backs: list[Return]) -> None:
        answer = match(bought, backs)
        taken: dict[tuple[OrderId, str], Decimal] = defaultdict(Decimal)
        for back in backs:
            parts = answer[back.key]
            assert sum(part.quantity for part in parts) == back.quantity
            assert sum(part.amount for part in parts) == back.amount
            assert all(part.amount >= 0 for part in parts)
            for part in parts:
                if part.order_id is not None:
                    taken[part.order_id, back.sku] += part.quantity
                    assert any(p.order_id == part.order_id and p.sku == back.sku and p.paid_at <= back.at for p in bought)
        for purchase in bought:
            assert taken[purchase.order_id, purchase.sku] <= purchase.quantity

    @given(purchases, returns)
    def test_does_not_depend_on_the_order_of_data(self, bought: list[Purchase], backs: list[Return]) -> None:
        answer = match(bought, backs)
        assert match(bought[::-1], backs[::-1]) == answer

    def test_prefers_the_same_price(self) -> None:
        cheap = Purchase(OrderId(UUID(int=1)), "O1", PAID, 1, "A", Decimal(5), Decimal("1.25"))
        dear = Purchase(OrderId(UUID(int=2)), "O2", PAID + timedelta(days=1), 1, "A", Decimal(5), Decimal(3))
        (taken,) = match([cheap, dear], [Return(("R", 1), PAID + timedelta(days=2), "A", Decimal(2), Decimal("2.50"))])["R", 1]
        assert taken.order_id == cheap.order_id
