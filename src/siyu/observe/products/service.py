"""Learning names of goods."""

from datetime import datetime

from siyu.infra.tx import Tx
from siyu.observe.products import store


class Names:
    """Names of goods as they were sold, gathered to be written at once: long files sell the same things all over."""

    def __init__(self) -> None:
        self._latest: dict[str, tuple[bool, datetime, str]] = {}

    def __len__(self) -> int:
        return len(self._latest)

    def note(self, sku: str, name: str | None, at: datetime) -> None:
        """A sale of `sku` under `name`. The name of the latest sale stays, whatever order sales come in; of equal instants the greater name."""
        known = self._latest.get(sku)
        if known is None or at >= known[1] or (name and not known[0]):
            seen = (bool(name), at, name or "")
            if sku and (known is None or seen > known):
                self._latest[sku] = seen

    def write(self, tx: Tx, shop: str, *, limit: int = 5_000) -> None:
        """Write up to `limit` of what was gathered, and forget that."""
        skus = sorted(self._latest)[:limit]
        rows = [(sku, self._latest[sku][2] or None, self._latest[sku][1]) for sku in skus]
        if rows:
            store.upsert(tx, shop, rows)
        for sku in skus:
            del self._latest[sku]
