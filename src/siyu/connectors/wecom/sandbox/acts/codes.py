"""What hangs on the walls of the town: codes and links by which customers come."""

import json
from typing import Any

from fastapi import APIRouter

from siyu.connectors.wecom.sandbox.contract.acquisition import url_of
from siyu.connectors.wecom.sandbox.contract.contact_ways import members_of
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.inputs import Last
from siyu.connectors.wecom.sandbox.temporary_chats import over
from siyu.connectors.wecom.sandbox.town.life import Town


def router(corp: Corp, town: Town) -> APIRouter:
    acts = APIRouter()

    @acts.get("/sandbox/books/codes")
    def codes(last: Last = 100) -> dict[str, list[dict[str, Any]]]:
        """The newest of each kind: `contact_ways`, `acquisition_links`, `group_codes`. A temporary way that is over leads nowhere any more."""
        with corp.books.read() as db:
            ways = db.execute("select * from contact_way order by created_at desc, config_id limit ?", (last,)).fetchall()
            links = db.execute("select * from acquisition_link where deleted_at is null order by created_at desc, link_id limit ?", (last,)).fetchall()
            groups = db.execute("select * from join_way order by created_at desc, config_id limit ?", (last,)).fetchall()
            names = {row["chat_id"]: row["name"] for row in db.execute("select chat_id, name from chat")}
            return {
                "contact_ways": [
                    {name: way[name] for name in ("config_id", "remark", "state")}
                    | {name: bool(way[name]) for name in ("skip_verify", "temporary")}
                    | {"over": over(way, corp.clock.now()), "members": members_of(db, way)}
                    for way in ways
                ],
                "acquisition_links": [{"link_id": link["link_id"], "name": link["name"], "url": url_of(link)} for link in links],
                "group_codes": [
                    {name: way[name] for name in ("config_id", "remark", "state")} | {"groups": [names.get(id, id) for id in json.loads(way["chats"])]}
                    for way in groups
                ],
            }

    return acts
