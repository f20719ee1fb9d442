"""What this sandbox is: brand, corp, rule in force, whom it tells."""

import json
from typing import Any

from fastapi import APIRouter

from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.town.life import Town


def router(corp: Corp, town: Town) -> APIRouter:
    acts = APIRouter()

    @acts.get("/sandbox/about")
    def about() -> dict[str, Any]:
        """`callbacks` and `shop`: addresses without their keys; empty while there are none."""
        settings, shop = corp.settings, corp.books.note("shop")
        with corp.books.read() as db:
            callbacks = [row["url"] for row in db.execute("select url from callback order by agent_id")]
        return {
            "brand": town.brand,
            "timezone": town.timezone,
            "url": corp.url,
            "corp_id": settings.corp,
            "seed": settings.origin,
            "send_rule": settings.limits.group_send_rule,
            "callbacks": callbacks,
            "shop": json.loads(shop)["url"] if shop else "",
            "link_hosts": list(settings.link_hosts),
        }

    return acts
