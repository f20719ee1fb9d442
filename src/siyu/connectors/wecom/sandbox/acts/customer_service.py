"""Customers come to 微信客服 and write; servicers answer, end and pause."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, HTTPException
from pydantic import Field

from siyu.connectors.wecom.sandbox.acts.people import customer_of
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.inputs import Link, Order
from siyu.connectors.wecom.sandbox.town.customer_service import NobodyThere, NoSuchAddress
from siyu.connectors.wecom.sandbox.town.life import Town


class EntryOrder(Order):
    url: Link = Field(description="The account's address as the customer got it, scene_param and all.")
    external_userid: str


class LineOrder(Order):
    open_kfid: str
    external_userid: str
    text: str = "你好"
    menu_id: str = Field(default="", description="The item of a menu that was clicked.")
    userid: str = Field(default="", description="The servicer who answers; empty: the customer writes.")


class EndOrder(Order):
    open_kfid: str
    external_userid: str
    userid: str


class PauseOrder(Order):
    open_kfid: str
    userid: str
    stopped: bool = True


def router(corp: Corp, town: Town) -> APIRouter:
    acts = APIRouter()

    @contextmanager
    def books(external_userid: str = "") -> Iterator[sqlite3.Connection]:
        with corp.books.write() as db:
            if external_userid:
                customer_of(db, external_userid)
            try:
                yield db
            except NoSuchAddress:
                raise HTTPException(404, "no such link") from None
            except NobodyThere as reason:
                raise HTTPException(409, str(reason)) from None

    @acts.post("/sandbox/kf/entries")
    def enter(order: EntryOrder) -> dict[str, str]:
        parts = urlsplit(order.url)
        scene_param = dict(parse_qsl(parts.query)).get("scene_param", "")
        with books(order.external_userid) as db:
            code = parts.path.rpartition("/")[2]
            return {"open_kfid": town.customer_service.enter(db, code, order.external_userid, corp.clock.now(), scene_param=scene_param)}

    @acts.post("/sandbox/kf/messages")
    def write(order: LineOrder) -> dict[str, str]:
        desk, now = town.customer_service, corp.clock.now()
        with books(order.external_userid) as db:
            if order.userid:
                return {"msgid": desk.answer(db, order.open_kfid, order.external_userid, order.userid, order.text, now)}
            body = {"content": order.text} | ({"menu_id": order.menu_id} if order.menu_id else {})
            return {"msgid": desk.write(db, order.open_kfid, order.external_userid, "text", body, now)}

    @acts.post("/sandbox/kf/endings")
    def end(order: EndOrder) -> dict[str, str]:
        with books(order.external_userid) as db:
            town.customer_service.end(db, order.open_kfid, order.external_userid, order.userid, corp.clock.now())
        return {"status": "ok"}

    @acts.post("/sandbox/kf/pauses")
    def pause(order: PauseOrder) -> dict[str, str]:
        with books() as db:
            town.customer_service.pause(db, order.open_kfid, order.userid, corp.clock.now(), stopped=order.stopped)
        return {"status": "ok"}

    @acts.get("/sandbox/books/kf")
    def lines() -> list[dict[str, Any]]:
        """All that was written and happened, what apps sent (origin 0) too."""
        with corp.books.read() as db:
            return [dict(row) for row in db.execute("select * from kf_message order by seq")]

    return acts
