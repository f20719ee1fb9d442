"""Who lives in the town: rows of a file, or people made from the seed."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from siyu.connectors.wecom.sandbox.clock import epoch, iso
from siyu.connectors.wecom.sandbox.draws import Draws
from siyu.connectors.wecom.sandbox.town.catalogue import Catalogue
from siyu.connectors.wecom.sandbox.town.organisation import Store, userid_of
from siyu.connectors.wecom.sandbox.town.scenario import Scenario

HABITS = ("orders_per_month", "open_rate", "order_rate", "reply_rate", "delete_rate")


@dataclass(frozen=True)
class Person:
    """One customer. Empty texts are filled from the seed; habits left None take the scenario's rate. `created_at`: ISO 8601, when they became friends."""

    shop_customer_id: str
    unionid: str = ""
    name: str = ""
    gender: int = 0
    city: str = ""
    province: str = ""
    store: str = ""
    guide: str = ""
    created_at: str = ""
    orders_per_month: float | None = None
    open_rate: float | None = None
    order_rate: float | None = None
    reply_rate: float | None = None
    delete_rate: float | None = None


class BadPopulation(ValueError):
    """The file lacks a column or holds a value that cannot be meant."""


def load(path: Path) -> list[Person]:
    """CSV or Parquet; the one column needed is `shop_customer_id`, unknown columns are ignored. Raises BadPopulation."""
    import duckdb  # only a file needs it, and it is slow to load

    reader = "read_parquet" if path.suffix == ".parquet" else "read_csv"
    options = "" if path.suffix == ".parquet" else ", all_varchar = true, header = true"
    with duckdb.connect() as connection:
        found = connection.execute(f"select * from {reader}(?{options})", [str(path)])  # noqa: S608  the reader is one of two words
        columns = [column[0] for column in found.description or ()]
        rows = found.fetchall()
    if "shop_customer_id" not in columns:
        raise BadPopulation(f"{path}: no column shop_customer_id")
    known = {field.name for field in fields(Person)}
    people = [_person({name: value for name, value in zip(columns, row, strict=True) if name in known}) for row in rows]
    if len({person.shop_customer_id for person in people}) != len(people):
        raise BadPopulation(f"{path}: a shop_customer_id stands twice")
    return people


def _person(row: dict[str, Any]) -> Person:
    given: dict[str, Any] = {}
    for name, value in row.items():
        if value is None or value == "":
            continue
        try:
            given[name] = float(value) if name in HABITS else int(value) if name == "gender" else str(value)
        except ValueError:
            raise BadPopulation(f"{name}: {value!r} is no number") from None
    if not given.get("shop_customer_id"):
        raise BadPopulation("a row without shop_customer_id")
    return Person(**given)


def numbered(count: int) -> list[Person]:
    """People with nothing but a shop number, to be completed."""
    return [Person(shop_customer_id=f"C{number:06d}") for number in range(1, count + 1)]


def complete(people: Iterable[Person], stores: Sequence[Store], scenario: Scenario, catalogue: Catalogue, draws: Draws, *, start: float) -> list[Person]:
    """Fill what is missing, each from the seed and the person's own shop number alone: the file's order and size change nothing."""
    return [_completed(person, stores, scenario, catalogue, draws, start) for person in people]


def _completed(person: Person, stores: Sequence[Store], scenario: Scenario, catalogue: Catalogue, draws: Draws, start: float) -> Person:
    who = person.shop_customer_id
    gender = person.gender or draws.integer(1, 2, "gender", who)
    place = catalogue.place(draws, who)
    city, province = (person.city, person.province) if person.city else (place.city, place.province)
    near = [store for store in stores if store.city == city] or [store for store in stores if province in store.provinces] or list(stores)
    store = next((store for store in stores if store.name == person.store), None) or draws.pick(near, "store", who)
    created = epoch(person.created_at) if person.created_at else start - draws.uniform("created", who) * scenario.known_days * 86_400
    return Person(
        shop_customer_id=who,
        unionid=person.unionid or "o" + draws.letters(27, "unionid", who),
        name=person.name or catalogue.name(draws, gender, who),
        gender=gender,
        city=city,
        province=province,
        store=person.store or store.name,
        guide=person.guide or userid_of(store, draws.integer(1, scenario.guides_per_store, "guide", who)),
        created_at=iso(created),
        **{habit: getattr(person, habit) for habit in HABITS},
    )


def write(people: Iterable[Person], path: Path) -> None:
    """A population file: CSV, or Parquet by the name's ending."""
    target = path.with_suffix(".csv") if path.suffix == ".parquet" else path
    with open(target, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Person)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(person) for person in people)
    if path.suffix == ".parquet":
        import duckdb

        with duckdb.connect() as connection:
            connection.execute(f"copy (select * from read_csv('{target}', all_varchar = true, header = true)) to '{path}' (format parquet)")  # noqa: S608
        target.unlink()
