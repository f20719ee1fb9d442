"""The data the town is made of: names, places, products, from small files that may ship."""

import csv
from dataclasses import dataclass
from pathlib import Path

from siyu.connectors.wecom.sandbox.draws import Draws, Weighted

FILES = ("surnames.csv", "given_names.csv", "cities.csv", "provinces.csv", "products_zh.csv")
"""What a folder of the town's data holds."""
_MUNICIPAL = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")


@dataclass(frozen=True)
class Product:
    """`price` is the median of the source data; `weight` how often it was bought."""

    sku: str
    name: str
    category: str
    price: float
    weight: int


@dataclass(frozen=True)
class Place:
    city: str
    province: str


class Catalogue:
    """Reads the files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._surnames = _weighted(folder / "surnames.csv", "surname")
        self._given = {gender: _weighted(folder / "given_names.csv", "given_name", gender=name) for gender, name in ((1, "male"), (2, "female"))}
        provinces = {row["code"]: row["name"] for row in _rows(folder / "provinces.csv")}
        self.places = [
            Place(provinces[row["province_code"]] if row["name"] == "市辖区" else row["name"], provinces[row["province_code"]])
            for row in _rows(folder / "cities.csv")
            if row["name"] not in _MUNICIPAL[1:]
        ]
        self.products = [
            Product(row["sku"], row["name"], row["category"], float(row["price"]), int(row["weight"]))
            for row in _rows(folder / "products_zh.csv")
            if row["kind"] == "product" and float(row["price"]) > 0
        ]
        self._places = Weighted(self.places, [4.0 if place.city == place.province else 1.0 for place in self.places])

    def name(self, draws: Draws, gender: int, *purpose: str | int) -> str:
        return self._surnames.pick(draws, "surname", *purpose) + self._given[gender].pick(draws, "given name", *purpose)

    def place(self, draws: Draws, *purpose: str | int) -> Place:
        return self._places.pick(draws, "place", *purpose)


def find_data(given: Path | None) -> Path:
    """The folder with the town's data: the one given, else what the package carries, else `data/town` of the checkout. Raises FileNotFoundError."""
    if given is not None:
        return given
    for parent in Path(__file__).resolve().parents:
        for folder in (parent / "_data" / "town", parent / "data" / "town"):
            if (folder / "surnames.csv").exists():
                return folder
    raise FileNotFoundError("data/town: give its folder with --data")


def _rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _weighted(path: Path, column: str, **match: str) -> Weighted[str]:
    rows = [row for row in _rows(path) if all(row[name] == value for name, value in match.items())]
    return Weighted([row[column] for row in rows], [float(row["weight"]) for row in rows])
