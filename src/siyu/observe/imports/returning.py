"""What a file gives back beyond what was bought, told before and after it is imported alike."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal

from siyu.infra.tx import Tx
from siyu.observe import orders
from siyu.observe.imports.model.imports import Import
from siyu.observe.imports.model.parsing import EPOCH
from siyu.observe.imports.model.problems import Problem
from siyu.observe.imports.model.returns import Dealing, unexplained
from siyu.observe.imports.staging import Staging
from siyu.observe.orders import Buyer

_FIELDS = {"n": "customer_no", "u": "unionid", "p": "phone"}


def notices(transaction: Callable[[], AbstractContextManager[Tx]], staging: Staging, one: Import) -> Iterator[list[Problem]]:
    """Of the judged rows: refunds of a named order beyond its amount, and returns beyond what their buyer had bought."""
    for refunded in staging.refunded():
        with transaction() as tx:
            numbers = [number for row in refunded for number in row[1]]
            kept = orders.amounts(tx, one.options.shop, [row[0] for row in refunded], without=numbers)
        yield [
            Problem(row, "refunded_more", one.mapping["refund_of"], named, {"order_no": named, "refunded": orders.plain(back), "amount": orders.plain(amount)})
            for named, _, row, own, here in refunded
            if (amount := kept[named][0] if here is None else here) is not None and (back := own + kept[named][1]) > amount
        ]
    for dealings in staging.dealings():
        with transaction() as tx:
            dealt = _with_earlier(tx, one.options.shop, dealings)
        yield [
            Problem(back.row, "returned_more", one.mapping["quantity"], goods, {"quantity": orders.plain(back.quantity), "over": orders.plain(over)})
            for (_, goods), those in dealt.items()
            for back, over in unexplained(those)
            if back.row is not None
        ]


def _with_earlier(tx: Tx, shop: str, here: list[tuple[str, str, Dealing]]) -> dict[tuple[str, str], list[Dealing]]:
    """Dealings by (buyer, thing), those of other files and of the API added."""
    dealt: dict[tuple[str, str], list[Dealing]] = defaultdict(list)
    for buyer, goods, dealing in here:
        dealt[buyer, goods].append(dealing)
    buyers = {Buyer(**{_FIELDS[buyer[0]]: buyer[1:]}): buyer for buyer, _ in dealt}
    numbers = sorted({dealing.number for _, _, dealing in here})
    for person, one in orders.dealings(tx, shop, list(buyers), sorted({goods for _, goods in dealt}), without=numbers):
        if (buyers[person], one.sku) in dealt:
            at = (one.at - EPOCH) // timedelta(microseconds=1)
            dealt[buyers[person], one.sku].append(Dealing(one.back, at, one.number, Decimal(one.quantity)))
    return dealt
