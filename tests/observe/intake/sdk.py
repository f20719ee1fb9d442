"""Segment's own SDK for Python, unchanged: says a few things of every kind to the address and with the key that it is given."""

import sys
from datetime import UTC, datetime

from segment.analytics import Client

EVENTS = 230


def main(host: str, key: str) -> int:
    trouble: list[object] = []
    client = Client(key, host=host, gzip=True, max_retries=5, timeout=10, on_error=lambda error, items: trouble.append(error))
    client.identify("u1", {"phone": "13800138000", "name": "小屿"}, anonymous_id="device")
    client.alias("before", "u1")
    client.group("u1", "family", {"name": "一家"})
    client.page("u1", "茶", "首页", {"url": "https://shop.example/"})
    client.screen("u1", "茶", "购物车")
    for number in range(EVENTS):
        client.track("u1", "Order Completed", {"n": number, "total": 12.5}, timestamp=datetime(2026, 3, 1, 12, number % 60, tzinfo=UTC))
    client.shutdown()
    print(trouble)  # noqa: T201
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
