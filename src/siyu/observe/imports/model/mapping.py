"""Which column means what: a guess from headings and sample values, to be shown and corrected."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from siyu.kernel.errors import Refusal
from siyu.observe.imports.model import values
from siyu.observe.imports.model.fields import BY_NAME, FIELDS, Field

Columns: TypeAlias = Mapping[str, str | None]
"""Field → heading of its column, None when the file does not tell."""


class MappingIncomplete(Refusal):
    """Orders cannot be read without these fields; `fields` names them."""

    code = "import.mapping_incomplete"
    status = 422


class UnknownColumn(Refusal):
    """The mapping names a column or a field that there is not."""

    code = "import.unknown_column"
    status = 422


def plain(heading: str) -> str:
    """A heading without case, width, blanks, units in brackets or punctuation: `Unit Price (¥)` → `unitprice`."""
    text = unicodedata.normalize("NFKC", heading).lower()
    text = re.sub(r"[(\[（【].*?[)\]）】]", "", text)
    return re.sub(r"[\s_\-./:*#'\"、·]+", "", text)


def header_hash(headings: Sequence[str]) -> str:
    """Equal for files with the same headings in the same order."""
    return hashlib.blake2b("\x1f".join(headings).encode(), digest_size=16).hexdigest()


def guess(headings: Sequence[str], samples: Sequence[Sequence[str]]) -> dict[str, str | None]:
    """The likeliest meaning of each column, each column once. `samples`: some rows of the file, each as long as the headings."""
    by_column = {heading: [row[index] for row in samples if row[index].strip()] for index, heading in enumerate(headings)}
    scored = sorted(
        (
            (_score(field, heading, by_column[heading]), -rank, -index, field.field, heading)
            for rank, field in enumerate(FIELDS)
            for index, heading in enumerate(headings)
        ),
        reverse=True,
    )
    found: dict[str, str | None] = {field.field: None for field in FIELDS}
    taken: set[str] = set()
    for score, _, _, field_name, heading in scored:
        if score > 0 and found[field_name] is None and heading not in taken:
            found[field_name] = heading
            taken.add(heading)
    if found["paid_at"] is None:
        dates = [heading for heading, cells in by_column.items() if heading not in taken and cells and _share_of_instants(cells) == 1]
        if len(dates) == 1:
            found["paid_at"] = dates[0]
    return found


def complete(mapping: Columns, headings: Sequence[str]) -> dict[str, str | None]:
    """The mapping with every field named. Raises UnknownColumn or MappingIncomplete."""
    unknown = sorted({field for field in mapping if field not in BY_NAME} | {column for column in mapping.values() if column and column not in headings})
    if unknown:
        raise UnknownColumn(names=unknown)
    whole = {field.field: mapping.get(field.field) or None for field in FIELDS}
    missing = [field.field for field in FIELDS if field.required and not whole[field.field]]
    if not whole["amount"] and not (whole["quantity"] and whole["unit_price"]):
        missing.append("amount")
    if not whole["sku"] and not whole["product_name"]:
        missing.append("sku")
    if missing:
        raise MappingIncomplete(fields=missing)
    return whole


def known(cells: Sequence[str]) -> int:
    """How many fields these cells name word for word."""
    names = {plain(cell) for cell in cells}
    return sum(not names.isdisjoint(field.aliases) for field in FIELDS)


def answered(mapping: Columns) -> int:
    """How many of the five questions that an order answers this mapping finds a column for: which order, when, what, how much, who."""
    told = {field for field, column in mapping.items() if column}
    much = "amount" in told or {"quantity", "unit_price"} <= told
    return sum(("order_no" in told, "paid_at" in told, bool(told & {"sku", "product_name"}), much, bool(told & {"customer_no", "unionid", "phone"})))


def day_first(cells: Sequence[str]) -> bool:
    """Whether dates like 13/12/2010 put the day first; False when nothing tells."""
    for cell in cells:
        match = re.match(r"\s*(\d{1,2})[/.\-](\d{1,2})[/.\-]\d{2,4}", cell)
        if match and (int(match[1]) > 12 or int(match[2]) > 12):
            return int(match[1]) > 12
    return False


def _score(field: Field, heading: str, cells: Sequence[str]) -> int:
    """A heading known word for word counts most, whatever stands below it; one that contains a known word only when its values agree."""
    name = plain(heading)
    if name in field.aliases:
        return 1000 - field.aliases.index(name)
    inside = [len(alias) for alias in field.aliases if len(alias) >= (2 if not alias.isascii() else 4) and alias in name]
    if not inside:
        return 0
    if cells and field.kind == "number" and sum(values.number(cell) is not None for cell in cells) * 2 < len(cells):
        return 0
    if cells and field.kind == "instant" and _share_of_instants(cells) < 0.5:
        return 0
    return 100 + max(inside)


def _share_of_instants(cells: Sequence[str]) -> float:
    return sum(values.local_time(cell, day_first=False) is not None or values.local_time(cell, day_first=True) is not None for cell in cells) / len(cells)
