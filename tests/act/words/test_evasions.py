"""The shipped lists against the tricks that people use to get a term past them."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from siyu.act import words

SHIPPED = Path(__file__).parents[3] / "data" / "words" / "words.csv"
DISGUISES: dict[str, Callable[[str], str]] = {
    "plain": lambda word: word,
    "full width": lambda word: "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in word),
    "upper case": str.upper,
    "blanks": lambda word: " ".join(word),
    "no-break blanks": lambda word: "\u00a0".join(word),
    "line breaks": lambda word: "\n".join(word),
    "dots": lambda word: "·".join(word),
    "stars": lambda word: "*".join(word),
    "commas": lambda word: "，".join(word),
    "emoji": lambda word: "😀".join(word),
    "invisible": lambda word: "\u200b".join(word),
    "fillers": lambda word: "\u3164".join(word),
    "half fillers": lambda word: "\uffa0".join(word),
    "variation selectors": lambda word: "\ufe0f".join(word),
    "soft hyphens": lambda word: "\u00ad".join(word),
}


def blocking() -> list[str]:
    with open(SHIPPED, encoding="utf-8", newline="") as file:
        return [row["word"] for row in csv.DictReader(file) if row["level"] == "block"]


@pytest.mark.parametrize("disguise", DISGUISES)
def test_no_shipped_term_hides_behind(disguise: str) -> None:
    hidden = [word for word in blocking() if not words.blocked(f"您好，{DISGUISES[disguise](word)}，请看")]
    assert hidden == []


def test_levels_are_known_and_terms_unique() -> None:
    with open(SHIPPED, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["level"] for row in rows} == {"block", "warn"}
    assert len({row["word"] for row in rows}) == len(rows)
