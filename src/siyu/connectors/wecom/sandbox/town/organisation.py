"""The town's company: headquarters, regions, stores, supervisors and guides."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from siyu.connectors.wecom.sandbox.draws import Draws
from siyu.connectors.wecom.sandbox.town.catalogue import Catalogue
from siyu.connectors.wecom.sandbox.town.scenario import Scenario

_STREETS = ("中山路", "人民路", "解放路", "新华路", "和平路", "建设路", "文化路", "滨江路")


@dataclass(frozen=True)
class Store:
    """A shop of the brand: a department of the third level."""

    id: int
    name: str
    city: str
    region: int
    provinces: tuple[str, ...]
    number: int


def stores_of(scenario: Scenario) -> list[Store]:
    """The stores in order; ids are those of their departments: root 1, regions 10, 20 …, stores 11, 12, 21 …"""
    stores = []
    number = 0
    for r, region in enumerate(scenario.regions, start=1):
        for s, city in enumerate(region.store_cities, start=1):
            number += 1
            name = f"{city.removesuffix('市')}{_STREETS[(number - 1) % len(_STREETS)]}店"
            stores.append(Store(r * 100 + s, name, city, r * 100, region.provinces, number))
    return stores


def userid_of(store: Store, guide: int) -> str:
    """The guide's userid: store number and place in the store."""
    return f"guide{store.number:02d}{guide:02d}"


def supervisor_of(store: Store) -> str:
    return f"store{store.number:02d}"


def manager_of(region: int) -> str:
    return f"region{region // 100:02d}"


def found(db: sqlite3.Connection, scenario: Scenario, catalogue: Catalogue, draws: Draws, extra: Iterable[tuple[str, str]] = ()) -> None:
    """Write departments and staff. `extra`: (store, guide) pairs that a population names and the scenario does not know."""
    stores = stores_of(scenario)
    departments = [(1, scenario.brand, 0, 1, ["owner"])]
    departments += [(n * 100, region.name, 1, 1000 - n, [manager_of(n * 100)]) for n, region in enumerate(scenario.regions, start=1)]
    departments += [(store.id, store.name, store.region, 1000 - store.number, [supervisor_of(store)]) for store in stores]
    departments.append((900, "客户服务部", 1, 1, ["service01"]))
    staff = [_Post("owner", "总经理", 1, True, (), False), _Post("operator01", "私域运营", 1, False, ("owner",), False)]
    staff += [_Post(manager_of(n * 100), "区域经理", n * 100, True, ("owner",), False) for n in range(1, len(scenario.regions) + 1)]
    for store in stores:
        staff.append(_Post(supervisor_of(store), "店长", store.id, True, (manager_of(store.region),), True))
        for guide in range(1, scenario.guides_per_store + 1):
            staff.append(_Post(userid_of(store, guide), "导购", store.id, False, (supervisor_of(store),), True))
    staff.append(_Post("service01", "客服主管", 900, True, ("owner",), True))
    staff.append(_Post("service02", "客服", 900, False, ("service01",), True))
    _add_extra(departments, staff, extra, stores)
    db.executemany(
        "insert into department values (?, ?, ?, ?, ?)",
        [(id, name, parent, sort, json.dumps(leaders)) for id, name, parent, sort, leaders in departments],
    )
    for post in staff:
        gender = (
            draws.integer(1, 2, "gender", post.userid) if post.position in ("总经理", "区域经理") else 2 if draws.happens(0.75, "gender", post.userid) else 1
        )
        db.execute(
            """
            insert into staff (userid, name, position, gender, departments, leads, direct_leaders, main_department, follows_customers, mobile)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                post.userid,
                catalogue.name(draws, gender, post.userid),
                post.position,
                gender,
                json.dumps([post.department]),
                json.dumps([int(post.leads)]),
                json.dumps(post.leaders),
                post.department,
                int(post.follows),
                f"1{draws.integer(30, 99, 'mobile prefix', post.userid)}{draws.integer(0, 99_999_999, 'mobile', post.userid):08d}",
            ),
        )


@dataclass(frozen=True)
class _Post:
    userid: str
    position: str
    department: int
    leads: bool
    leaders: tuple[str, ...]
    follows: bool


def _add_extra(departments: list[tuple[int, str, int, int, list[str]]], staff: list[_Post], extra: Iterable[tuple[str, str]], stores: list[Store]) -> None:
    ids = {store.name: store.id for store in stores}
    known = {post.userid for post in staff}
    for store, guide in sorted(set(extra)):
        if store not in ids:
            ids[store] = 2000 + len(ids)
            departments.append((ids[store], store, 1, 1, []))
        if guide not in known:
            known.add(guide)
            staff.append(_Post(guide, "导购", ids[store], False, (), True))
