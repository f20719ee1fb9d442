"""Learning names of goods."""

from collections.abc import Iterable
from datetime import datetime

from siyu.infra.tx import Tx
from siyu.observe.products import store


def learn(tx: Tx, shop: str, sold: Iterable[tuple[str, str | None, datetime]]) -> None:
    """Note what was sold under which name, and when. The name of the latest sale stays, whatever order sales come in; of equal instants the greater name."""
    latest: dict[str, tuple[bool, datetime, str]] = {}
    for sku, name, at in sold:
        seen = (bool(name), at, name or "")
        known = latest.get(sku)
        if sku and (known is None or seen > known):
            latest[sku] = seen
    if latest:
        store.upsert(tx, shop, [(sku, name or None, at) for sku, (_, at, name) in sorted(latest.items())])
