"""The control interface under /sandbox/, for demos, training and tests. Not part of the platform's contract."""

import hmac
import json
import mimetypes
import sqlite3
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Header, HTTPException, Query
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from siyu.connectors.wecom.crypto import BadKeys
from siyu.connectors.wecom.sandbox import login_pages, openapi, playground
from siyu.connectors.wecom.sandbox.acts import ROUTERS
from siyu.connectors.wecom.sandbox.acts.people import acting, customer_of, member_of
from siyu.connectors.wecom.sandbox.clock import FASTEST, iso
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.fault_orders import FaultOrder, parameters, taken
from siyu.connectors.wecom.sandbox.faults import KINDS
from siyu.connectors.wecom.sandbox.inputs import LARGEST, MOST_DAYS, MOST_SECONDS, Instant, Order, Pace, WebAddress, refusal, told, within_reach
from siyu.connectors.wecom.sandbox.lost import lost
from siyu.connectors.wecom.sandbox.pushes import Callback, UrlCheckFailed
from siyu.connectors.wecom.sandbox.summary import summary
from siyu.connectors.wecom.sandbox.town.effects import ShopTarget
from siyu.connectors.wecom.sandbox.town.groups import NoSuchCode
from siyu.connectors.wecom.sandbox.town.life import Town
from siyu.connectors.wecom.sandbox.town.scenario import Scenario
from siyu.connectors.wecom.sandbox.town.step import Step


class ClockChange(Order):
    business: Instant | None = Field(default=None, description=f"Instant to jump to, ISO 8601; at most {MOST_DAYS} days ahead.")
    speed: Pace | None = Field(default=None, description=f"Business seconds per machine second, 1 to {FASTEST}; 0 stands still.")
    pause: bool = Field(default=False, description="The same as speed 0.")
    skew: float | None = Field(
        default=None,
        ge=-MOST_SECONDS,
        le=MOST_SECONDS,
        description="Seconds by which the platform's clock is ahead of the town's; kept until the sandbox stops.",
    )


class StepOrder(Order):
    until: Instant | None = Field(
        default=None, description=f"Perform everything due up to this instant and set the clock to it; at most {MOST_DAYS} days ahead."
    )
    seconds: float | None = Field(default=None, ge=0, le=MOST_SECONDS, description="The same, from now.")
    events: int | None = Field(default=None, ge=1, le=1_000_000, description="At most so many events; without `until` the next ones.")
    coalesce: float = Field(default=0.0, ge=0, le=MOST_SECONDS, description="Events this near in business seconds are performed side by side.")


class StormOrder(Order):
    seed: int = Field(description="Half of the kinds are drawn by it, each with its own probability.")


class CallbackOrder(Order):
    url: WebAddress
    token: str
    aes_key: str
    receive_id: str | None = None
    agent_id: int | None = Field(default=None, ge=0)
    check: bool = Field(default=True, description="Make the platform's URL check before saving.")


class ShopOrderTarget(Order):
    url: WebAddress = Field(description="siyu's orders interface; the shop POSTs each order to it.")
    key: str = Field(pattern=r"^[!-~]*$")
    shop: str = Field(default="online", max_length=200, description="The shop's name there.")


class SummaryOrder(Order):
    markers: list[str] | None = Field(default=None, description="Group sends whose content holds one of these.")
    msgids: list[str] | None = None


class ConfirmOrder(Order):
    msgid: str | None = None
    userid: str | None = None


class PublishOrder(Order):
    moment_id: str | None = None
    userid: str | None = None


class ActOrder(Order):
    act: Literal[
        "add",
        "scan",
        "customer_deletes",
        "staff_deletes",
        "member_leaves",
        "join_group",
        "leave_group",
        "rename_group",
        "dismiss_group",
        "speak_in_group",
        "post_moment",
    ]
    userid: str = Field(default="", description="Not needed for scan.")
    external_userid: str = Field(default="", description="Not needed for member_leaves.")
    state: str = ""
    config_id: str = Field(default="", description="The code that is scanned; with join_group a group code.")
    chat_id: str = ""
    name: str = ""
    text: str = Field(default="", description="Of a moment that a member posts.")
    removed: bool = Field(default=False, description="With leave_group: by the owner, not of their own will.")
    half: bool = Field(default=False, description="With add and scan: the member has not confirmed yet (免验证).")


def control(corp: Corp, town: Town, scenario: Scenario, key: str) -> FastAPI:
    """The application; every request carries `Authorization: Bearer <key>`."""

    def guard(authorization: Annotated[str, Header()] = "") -> None:
        if not hmac.compare_digest(authorization.encode(), f"Bearer {key}".encode()):
            raise HTTPException(401, "bearer key missing or wrong")

    app = FastAPI(title="siyu sandbox", docs_url="/sandbox/docs", openapi_url="/sandbox/openapi.json", redoc_url=None)
    app.add_exception_handler(RequestValidationError, told)
    app.add_exception_handler(404, lost)
    guarded = [Depends(guard)]

    @app.get("/sandbox/health")
    def health() -> dict[str, str]:
        return {"status": "ok", "corp_id": corp.settings.corp}

    @app.get("/sandbox/contract.json")
    def contract() -> dict[str, Any]:
        """The calls under /cgi-bin/ as an OpenAPI document."""
        return openapi.document()

    @app.get("/shop/{page:path}", response_class=HTMLResponse, include_in_schema=False)
    def shop(page: str) -> str:
        """Where links of a demo may lead."""
        head = f"<!doctype html><html lang=zh-CN><meta charset=utf-8><title>{scenario.brand}</title>"
        return f"{head}<h1>{scenario.brand}</h1><p>沙箱小镇的商城 · the town's shop</p>"

    @app.get("/media/{media_id}", include_in_schema=False)
    def picture(media_id: str) -> Response:
        """Where permanent pictures are looked at."""
        with corp.books.read() as db:
            row = db.execute("select size, name from media where media_id = ? and purpose = 'permanent'", (media_id,)).fetchone()
        if row is None:
            raise HTTPException(404, "no such picture")
        kind = mimetypes.guess_type(row["name"])[0] or "image/jpeg"
        return Response(corp.media.content(media_id, 0, row["size"]), media_type=kind)

    @app.get("/sandbox/clock", dependencies=guarded)
    def read_clock() -> dict[str, Any]:
        return {"business": iso(corp.clock.now()), "speed": corp.clock.speed, "skew": corp.skew, "file": str(corp.clock.path)}

    @app.post("/sandbox/clock", dependencies=guarded)
    def set_clock(change: ClockChange) -> dict[str, Any]:
        business = within_reach("business", change.business, corp.clock.now()) if change.business is not None else None
        corp.skew = corp.skew if change.skew is None else change.skew
        corp.clock.set(business=business, speed=0.0 if change.pause else change.speed)
        return read_clock()

    @app.post("/sandbox/step", dependencies=guarded)
    def step(order: StepOrder) -> dict[str, Any]:
        now = corp.clock.now()
        until = within_reach("until", order.until, now) if order.until is not None else now + order.seconds if order.seconds is not None else None
        return _step(town.step(until, events=order.events, coalesce=order.coalesce))

    @app.get("/sandbox/pending", dependencies=guarded)
    def pending(until: Annotated[Instant | None, Query()] = None) -> dict[str, Any]:
        with corp.books.read() as db:
            rows = db.execute("select kind, count(*) as n, min(at) as next_at from due where ?1 is null or at <= ?1 group by kind", (until,)).fetchall()
        next_at = town.next_at()
        return {
            "events": sum(row["n"] for row in rows),
            "by_kind": {row["kind"]: row["n"] for row in rows},
            "next_by_kind": {row["kind"]: iso(row["next_at"]) for row in rows},
            "next_at": iso(next_at) if next_at is not None else None,
            "effects": town.effects.open_count(),
            "pushes": corp.pushes.open_count(),
        }

    @app.get("/sandbox/books/summary", dependencies=guarded)
    def read_summary(marker: str | None = None, msgid: str | None = None) -> dict[str, Any]:
        return choose_summary(SummaryOrder(markers=[marker] if marker else None, msgids=[msgid] if msgid else None))

    @app.post("/sandbox/books/summary", dependencies=guarded)
    def choose_summary(order: SummaryOrder) -> dict[str, Any]:
        with corp.books.read() as db:
            people = db.execute("select count(*) from customer").fetchone()[0]
            friends = db.execute("select count(*) from follow where left_by_staff_at is null").fetchone()[0]
            found = summary(db, scenario.customer, markers=order.markers, msgids=order.msgids)
        return {"business": iso(corp.clock.now()), "customers": people, "follows": friends, **found}

    @app.get("/sandbox/books/sends", dependencies=guarded)
    def sends() -> list[dict[str, Any]]:
        with corp.books.read() as db:
            rows = db.execute("select msgid, created_at, link, cancelled_at from send order by created_at, msgid").fetchall()
            return [
                {
                    "msgid": row["msgid"],
                    "created_at": iso(row["created_at"]),
                    "link": row["link"],
                    "cancelled": row["cancelled_at"] is not None,
                    "recipients": [
                        dict(recipient)
                        for recipient in db.execute(
                            "select userid, external_userid, status from send_recipient where msgid = ? order by userid, external_userid", (row["msgid"],)
                        )
                    ],
                    "chats": [
                        dict(chat)
                        for chat in db.execute("select userid, chat_id, status from send_chat where msgid = ? order by userid, chat_id", (row["msgid"],))
                    ],
                }
                for row in rows
            ]

    @app.get("/sandbox/books/groups", dependencies=guarded)
    def groups() -> list[dict[str, Any]]:
        """`opengid`: what a mini-program learns when it is opened in the group."""
        with corp.books.read() as db:
            rows = db.execute(
                """
                select chat_id, name, owner, status, dismissed_at is not null as dismissed,
                    (select count(*) from chat_member m where m.chat_id = chat.chat_id and m.left_at is null) as members
                from chat order by created_at, chat_id
                """
            ).fetchall()
        return [{**dict(row), "opengid": corp.opengid(row["chat_id"])} for row in rows]

    @app.get("/sandbox/books/moments", dependencies=guarded)
    def moments() -> list[dict[str, Any]]:
        """Each moment with how many were to publish it, did, saw it, liked it, commented on it and opened its link."""
        with corp.books.read() as db:
            rows = db.execute(
                """
                select m.moment_id, m.creator, m.text, m.cancelled_at is not null as cancelled,
                    (select count(*) from moment_task t where t.moment_id = m.moment_id) as tasks,
                    (select count(published_at) from moment_task t where t.moment_id = m.moment_id) as published,
                    (select count(seen_from) from moment_customer c where c.moment_id = m.moment_id) as seen,
                    (select count(*) from moment_reaction r where r.moment_id = m.moment_id and r.kind = 'like') as likes,
                    (select count(*) from moment_reaction r where r.moment_id = m.moment_id and r.kind = 'comment') as comments,
                    (select count(*) from link_opening o where o.msgid = m.moment_id) as opened
                from moment m order by m.created_at, m.moment_id
                """
            )
            return [dict(row) for row in rows]

    @app.get("/sandbox/books/welcomes", dependencies=guarded)
    def welcomes() -> list[dict[str, Any]]:
        """First words that customers got, and codes for which nobody sent any."""
        with corp.books.read() as db:
            rows = db.execute("select * from welcome order by rowid").fetchall()
        return [{**dict(row), "attachments": json.loads(row["attachments"] or "[]")} for row in rows]

    @app.get("/sandbox/books/intercepts", dependencies=guarded)
    def intercepts() -> list[dict[str, Any]]:
        """Sends that a rule of the corp kept with the member."""
        with corp.books.read() as db:
            rows = db.execute("select msgid, userid, rule_id, at from intercepted order by id").fetchall()
        return [{**dict(row), "at": iso(row["at"])} for row in rows]

    @app.get("/sandbox/faults", dependencies=guarded)
    def faults() -> dict[str, Any]:
        return {"kinds": KINDS, "params": {kind: taken(kind) for kind in KINDS}, "faults": [vars(fault) for fault in corp.faults.listed()]}

    @app.post("/sandbox/faults", dependencies=guarded)
    def add_fault(order: FaultOrder) -> dict[str, int]:
        """Each kind takes its own parameters: `params` of the list."""
        return {"id": corp.faults.order(order.kind, order.path, probability=order.probability, count=order.count, params=parameters(order))}

    @app.delete("/sandbox/faults", dependencies=guarded)
    def clear_faults(id: Annotated[int | None, Query(ge=0, le=LARGEST)] = None) -> dict[str, str]:
        corp.faults.clear(id)
        return {"status": "ok"}

    @app.post("/sandbox/faults/storm", dependencies=guarded)
    def brew(order: StormOrder) -> dict[str, float]:
        """Faults of one number in place of all others, and a clock that is wrong."""
        return {"faults": corp.brew(order.seed), "skew": corp.skew}

    @app.post("/sandbox/callbacks", dependencies=guarded)
    def set_callback(order: CallbackOrder) -> dict[str, str]:
        agent_id = order.agent_id if order.agent_id is not None else corp.settings.all_apps[0].agent_id
        callback = Callback(agent_id, order.url, order.token, order.aes_key, order.receive_id or corp.settings.corp)
        try:
            corp.pushes.configure(callback, check=order.check)
        except BadKeys as error:
            raise refusal(error.part, str(error)) from None
        except UrlCheckFailed as error:
            raise HTTPException(422, f"openapi回调地址请求不通过: {error}") from None
        return {"status": "ok"}

    @app.post("/sandbox/shop", dependencies=guarded)
    def set_shop(order: ShopOrderTarget) -> dict[str, str]:
        town.effects.sell_to(ShopTarget(order.url, order.key, order.shop))
        return {"status": "ok"}

    @app.post("/sandbox/confirm", dependencies=guarded)
    def confirm(order: ConfirmOrder) -> dict[str, int]:
        return {"confirmed": town.confirm(msgid=order.msgid, userid=order.userid)}

    @app.post("/sandbox/publish", dependencies=guarded)
    def publish(order: PublishOrder) -> dict[str, int]:
        """Members publish moments that wait for them."""
        with corp.books.write() as db:
            return {"published": town.moments.publish_open(db, corp.clock.now(), moment_id=order.moment_id, userid=order.userid)}

    @app.post("/sandbox/acts", dependencies=guarded)
    def act(order: ActOrder) -> dict[str, Any]:
        with corp.books.write() as db:
            if order.act == "member_leaves":
                return {"changed": town.dismiss(db, order.userid, corp.clock.now())}
            if order.act.endswith("_group"):
                return _act_on_group(town, db, order, corp.clock.now())
            now = corp.clock.now()
            if order.act == "post_moment":
                acting(db, order.userid)
                return {"changed": True, "moment_id": town.moments.post(db, order.userid, order.text, now)}
            customer_of(db, order.external_userid)
            if order.act == "scan":
                met, changed = town.scan(db, order.config_id, order.external_userid, now, half=order.half)
                if met is None:
                    raise HTTPException(404, "no such code, or nobody behind it")
                return {"changed": changed, "userid": met}
            member_of(db, order.userid, gone=order.act != "add")
            if order.act == "add":
                return {"changed": town.add(db, order.userid, order.external_userid, now, state=order.state, half=order.half)}
            by = "customer" if order.act == "customer_deletes" else "staff"
            return {"changed": town.leave(db, order.userid, order.external_userid, now, by=by)}

    for made in ROUTERS:
        app.include_router(made(corp, town), dependencies=guarded)
    app.include_router(login_pages.router(corp))
    app.include_router(playground.router())
    return app


def _act_on_group(town: Town, db: sqlite3.Connection, order: ActOrder, now: float) -> dict[str, Any]:
    who = order.external_userid or order.userid
    if order.act == "join_group":
        (customer_of if order.external_userid else member_of)(db, who)
    by_code = order.act == "join_group" and order.config_id
    if not by_code and not db.execute("select 1 from chat where chat_id = ?", (order.chat_id,)).fetchone():
        raise HTTPException(404, "no such group")
    match order.act:
        case "join_group" if by_code:
            try:
                chat_id, changed = town.groups.scan(db, order.config_id, who, now)
            except NoSuchCode:
                raise HTTPException(404, "no such code, or nobody behind it") from None
            return {"changed": changed, "chat_id": chat_id}
        case "join_group":
            return {"changed": town.groups.join(db, order.chat_id, who, now, invitor=order.userid if order.external_userid else "")}
        case "leave_group":
            return {"changed": town.groups.leave(db, order.chat_id, who, now, removed=order.removed)}
        case "speak_in_group":
            return {"changed": town.chatter.say(db, order.chat_id, who, now)}
        case "rename_group":
            return {"changed": town.groups.rename(db, order.chat_id, order.name, now)}
        case _:
            return {"changed": town.groups.dismiss(db, order.chat_id, now)}


def _step(done: Step) -> dict[str, Any]:
    return {
        "events": done.events,
        "business": iso(done.business),
        "next_at": iso(done.next_at) if done.next_at is not None else None,
        "open_effects": done.open_effects,
        "open_pushes": done.open_pushes,
    }
