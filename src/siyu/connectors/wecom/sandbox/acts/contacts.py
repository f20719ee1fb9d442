"""What members do with their customers by hand: confirm, note, tag. Unlike the same over the interface, it calls back."""

import json
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import Field

from siyu.connectors.wecom.sandbox.acts.people import acting, customer_of
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.inputs import Order
from siyu.connectors.wecom.sandbox.town.life import Town


class PairOrder(Order):
    userid: str
    external_userid: str


class RemarkOrder(PairOrder):
    remark: str | None = Field(default=None, max_length=20)
    description: str | None = Field(default=None, max_length=150)
    remark_company: str | None = Field(default=None, max_length=20)


class TagOrder(PairOrder):
    add: list[str] = Field(default_factory=list, description="Ids of tags of the corp.")
    remove: list[str] = Field(default_factory=list)
    own: list[str] | None = Field(default=None, description="Names of the member's own tags, which replace those that are there.")


def router(corp: Corp, town: Town) -> APIRouter:
    acts = APIRouter()

    def standing(order: PairOrder) -> tuple[str, str]:
        """The pair, when the member still has the customer; else 404."""
        with corp.books.read() as db:
            acting(db, order.userid)
            customer_of(db, order.external_userid)
            pair = (order.userid, order.external_userid)
            if not db.execute("select 1 from follow where userid = ? and external_userid = ? and left_by_staff_at is null", pair).fetchone():
                raise HTTPException(404, "they are no friends")
        return pair

    def edited(pair: tuple[str, str]) -> None:
        corp.pushes.send("change_external_contact/edit_external_contact", {"UserID": pair[0], "ExternalUserID": pair[1]}, business=corp.clock.now())

    @acts.post("/sandbox/contacts/confirmations")
    def confirm(order: PairOrder) -> dict[str, bool]:
        """A member accepts a customer who was half-added."""
        with corp.books.write() as db:
            acting(db, order.userid)
            return {"changed": town.half_friends.confirm(db, order.userid, order.external_userid, corp.clock.now())}

    @acts.post("/sandbox/contacts/remarks")
    def remark(order: RemarkOrder) -> dict[str, bool]:
        with corp.books.write() as db:
            pair, changed = standing(order), False
            for name, value in order.model_dump(exclude={"userid", "external_userid"}, exclude_none=True).items():
                update = f"update follow set {name} = ?1 where userid = ?2 and external_userid = ?3 and {name} <> ?1"  # noqa: S608  fields of the order
                changed |= bool(db.execute(update, (value, *pair)).rowcount)
            if changed:
                edited(pair)
            return {"changed": changed}

    @acts.post("/sandbox/contacts/tags")
    def tag(order: TagOrder) -> dict[str, bool]:
        with corp.books.write() as db:
            pair, changed = standing(order), 0
            for id in order.add:
                if not db.execute("select 1 from tag where id = ?", (id,)).fetchone():
                    raise HTTPException(404, "no such tag")
                changed += db.execute("insert or ignore into follow_tag values (?, ?, ?)", (*pair, id)).rowcount
            for id in order.remove:
                changed += db.execute("delete from follow_tag where userid = ? and external_userid = ? and tag_id = ?", (*pair, id)).rowcount
            if order.own is not None:
                update = "update follow set own_tags = ?1 where userid = ?2 and external_userid = ?3 and own_tags <> ?1"
                changed += db.execute(update, (json.dumps(list(dict.fromkeys(order.own)), ensure_ascii=False), *pair)).rowcount
            if changed:
                edited(pair)
            return {"changed": bool(changed)}

    @acts.get("/sandbox/books/tags")
    def tags() -> list[dict[str, Any]]:
        """The corp's tags with their groups, in the platform's order."""
        with corp.books.read() as db:
            rows = db.execute(
                "select t.id, t.name, g.name as group_name from tag t join tag_group g on g.id = t.group_id order by g.sort desc, t.sort desc, t.id"
            )
            return [dict(row) for row in rows]

    return acts
