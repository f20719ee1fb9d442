"""The first day: company, customers, friendships and tags are written into empty books."""

import json
import sqlite3
from collections.abc import Sequence

from siyu.connectors.wecom.sandbox.clock import epoch
from siyu.connectors.wecom.sandbox.draws import Draws
from siyu.connectors.wecom.sandbox.town import groups, organisation
from siyu.connectors.wecom.sandbox.town.catalogue import Catalogue
from siyu.connectors.wecom.sandbox.town.population import HABITS, Person
from siyu.connectors.wecom.sandbox.town.scenario import Scenario

_TAGS = (
    ("会员等级", ("普通会员", "银卡会员", "金卡会员"), (0.75, 0.2, 0.05)),
    ("来源渠道", ("门店扫码", "导购名片", "老客推荐", "公众号"), (0.55, 0.25, 0.12, 0.08)),
    ("兴趣", ("烛台香氛", "餐厨", "收纳", "节日装饰", "文具", "家居装饰"), (0.2, 0.25, 0.15, 0.15, 0.1, 0.15)),
)


def external_userid_of(draws: Draws, shop_customer_id: str) -> str:
    """The customer's id in this corp: 32 characters, the same in every run with this seed."""
    return "wm" + draws.letters(30, "external_userid", shop_customer_id)


def found(
    db: sqlite3.Connection, people: Sequence[Person], scenario: Scenario, catalogue: Catalogue, draws: Draws, *, start: float, chat_members: int = 500
) -> None:
    """People must be complete. Part of one transaction, so a killed founding leaves nothing."""
    organisation.found(db, scenario, catalogue, draws, [(person.store, person.guide) for person in people])
    tags = _found_tags(db, draws, start)
    guides: dict[int, list[str]] = {}
    for row in db.execute("select userid, main_department from staff where position = '导购' order by userid"):
        guides.setdefault(row["main_department"], []).append(row["userid"])
    store_of = {userid: store for store, userids in guides.items() for userid in userids}
    for person in people:
        who, created = person.shop_customer_id, min(epoch(person.created_at), start)
        external_userid = settle(db, draws, person, created)
        _befriend(db, draws, person.guide, external_userid, person, created)
        others = [guide for guide in guides.get(store_of.get(person.guide, 0), []) if guide != person.guide]
        if others and draws.happens(scenario.second_guide_rate, "second guide", who):
            later = created + (start - created) * draws.uniform("second guide since", who)
            _befriend(db, draws, draws.pick(others, "second guide is", who), external_userid, person, later)
        for group, ids, edges in tags:
            chosen = next(id for id, edge in zip(ids, edges, strict=True) if draws.uniform("tag", group, who) < edge)
            db.execute("insert into follow_tag values (?, ?, ?)", (person.guide, external_userid, chosen))
    friends = [(person.guide, external_userid_of(draws, person.shop_customer_id), min(epoch(person.created_at), start)) for person in people]
    groups.found(db, scenario, draws, friends, start=start, most=chat_members)


def settle(db: sqlite3.Connection, draws: Draws, person: Person, at: float) -> str:
    """A complete person becomes a customer of the town; the external_userid."""
    external_userid = external_userid_of(draws, person.shop_customer_id)
    habits = {name: value for name in HABITS if (value := getattr(person, name)) is not None}
    values = (external_userid, person.shop_customer_id, person.unionid, person.name, person.gender, person.city, person.province, at, json.dumps(habits))
    db.execute(
        "insert into customer (external_userid, shop_customer_id, unionid, name, gender, city, province, created_at, habits) values (?,?,?,?,?,?,?,?,?)", values
    )
    return external_userid


def _befriend(db: sqlite3.Connection, draws: Draws, userid: str, external_userid: str, person: Person, at: float) -> None:
    db.execute(
        "insert into follow (userid, external_userid, remark, description, created_at, add_way, oper_userid, talked_at) values (?,?,?,?,?,?,?,?)",
        (userid, external_userid, person.name, person.city, at, 1 if draws.happens(0.8, "add way", person.shop_customer_id) else 3, external_userid, at),
    )


def _found_tags(db: sqlite3.Connection, draws: Draws, start: float) -> list[tuple[str, list[str], list[float]]]:
    """(group name, tag ids, running shares)."""
    found = []
    for g, (group, names, shares) in enumerate(_TAGS):
        group_id = "et" + draws.letters(30, "tag group", group)
        db.execute("insert into tag_group (id, name, sort, created_at) values (?, ?, ?, ?)", (group_id, group, 100 - g, start))
        ids = ["et" + draws.letters(30, "tag", group, name) for name in names]
        for t, (id, name) in enumerate(zip(ids, names, strict=True)):
            db.execute("insert into tag (id, group_id, name, sort, created_at) values (?, ?, ?, ?, ?)", (id, group_id, name, 100 - t, start))
        edges = [sum(shares[: n + 1]) for n in range(len(shares))]
        edges[-1] = 1.0
        found.append((group, ids, edges))
    return found
