"""The shipped lists, and looking a text up in them."""

import csv
from functools import cache
from pathlib import Path

import siyu
from siyu.act.words.model import Hit, Level, Matcher, Term

_LEVELS: dict[str, Level] = {"block": "block", "warn": "warn"}


def check(text: str) -> list[Hit]:
    """Terms of the lists in a text, by position."""
    return _matcher().find(text)


def blocked(text: str) -> tuple[str, ...]:
    """Terms in a text that must not leave the house."""
    return tuple(dict.fromkeys(hit.word for hit in check(text) if hit.level == "block"))


@cache
def _matcher() -> Matcher:
    with open(_file(), encoding="utf-8", newline="") as file:
        return Matcher(Term(row["word"], row["category"], _LEVELS[row["level"]]) for row in csv.DictReader(file))


def _file() -> Path:
    package = Path(siyu.__file__).parent
    packed = package / "_data" / "words" / "words.csv"
    return packed if packed.exists() else package.parents[1] / "data" / "words" / "words.csv"
