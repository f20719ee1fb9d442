"""What customers think of the messages they get: read only, as nobody can order a mood."""

from typing import Any

from fastapi import APIRouter

from siyu.connectors.wecom.sandbox.clock import iso
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.town.life import Town
from siyu.connectors.wecom.sandbox.weeks import weeks


def router(corp: Corp, town: Town) -> APIRouter:
    books = APIRouter()

    @books.get("/sandbox/books/weeks")
    def by_week() -> list[dict[str, Any]]:
        """Deliveries, openings, orders, mutes, complaints, deletions and referrals, by weeks since the founding."""
        with corp.books.read() as db:
            return weeks(db, corp.clock.now())

    @books.get("/sandbox/books/mutes")
    def mutes() -> list[dict[str, Any]]:
        with corp.books.read() as db:
            rows = db.execute("select external_userid, userid, msgid, at, until from mute order by id").fetchall()
        return [{**dict(row), "at": iso(row["at"]), "until": iso(row["until"])} for row in rows]

    @books.get("/sandbox/books/complaints")
    def complaints() -> list[dict[str, Any]]:
        """The platform tells nobody of them: no callback comes."""
        with corp.books.read() as db:
            rows = db.execute("select external_userid, userid, msgid, at from complaint order by id").fetchall()
        return [{**dict(row), "at": iso(row["at"])} for row in rows]

    @books.get("/sandbox/books/referrals")
    def referrals() -> list[dict[str, Any]]:
        """Who was brought by whom to which member, and the code (`config_id`) by which an app could know; empty for the member's own."""
        with corp.books.read() as db:
            rows = db.execute("select external_userid, referrer, userid, config_id, at from referral order by at, external_userid").fetchall()
        return [{**dict(row), "at": iso(row["at"])} for row in rows]

    return books
