"""Relations that are on their way to another member: that WeCom lists them no more is no loss until it is known what became of them."""

from collections.abc import Callable, Collection

from siyu.infra.tx import Tx
from siyu.kernel.ids import StaffId

Pair = tuple[StaffId, str]
"""A member, and a customer's external_userid."""
Find = Callable[[Tx, Collection[Pair]], Collection[Pair]]


class _Found:
    """Who knows which relations are being handed on, when a capability offers it."""

    by: Find | None = None


def spare_with(find: Find) -> None:
    """Have another capability say which of some relations are being handed on and not settled."""
    _Found.by = find


def spared(tx: Tx, pairs: Collection[Pair]) -> Collection[Pair]:
    """Those of these relations that no reading may end."""
    return _Found.by(tx, pairs) if _Found.by and pairs else ()
