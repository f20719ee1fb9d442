"""Callbacks that went out, and once more."""

from typing import Any

from fastapi import APIRouter, HTTPException

from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.inputs import Last, Order
from siyu.connectors.wecom.sandbox.town.life import Town


class AgainOrder(Order):
    id: int


def router(corp: Corp, town: Town) -> APIRouter:
    acts = APIRouter()

    @acts.get("/sandbox/books/pushes")
    def pushes(last: Last = -1) -> list[dict[str, Any]]:
        """The last ones, or all, oldest first, each with its tries."""
        with corp.books.read() as db:
            rows = db.execute("select id, agent_id, event, state, created_machine, body from push order by id desc limit ?", (last,)).fetchall()
            tries: dict[int, list[dict[str, Any]]] = {}
            for row in db.execute("select * from push_try where push_id >= ? order by rowid", (rows[-1]["id"] if rows else 0,)):
                tries.setdefault(row["push_id"], []).append({"at_machine": row["at_machine"], "status": row["status"], "error": row["error"]})
        return [{**dict(row), "body": row["body"].decode(), "tries": tries.get(row["id"], [])} for row in reversed(rows)]

    @acts.post("/sandbox/pushes/again")
    def again(order: AgainOrder) -> dict[str, str]:
        """The same body, encrypted anew, to the address of today."""
        if not corp.pushes.again(order.id):
            raise HTTPException(404, "no such callback")
        return {"status": "ok"}

    return acts
