"""Terms are found in disguise, and ordinary sentences pass."""

import gzip
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.act import words
from siyu.act.words.model import Matcher, Term

MATCHER = Matcher([Term("炸药", "weapons", "block"), Term("自制炸药", "weapons", "block"), Term("casino", "ads", "warn"), Term("网络", "ads", "warn")])


@pytest.mark.parametrize("text", ["出售炸药", "出售炸 药", "出售炸\u200b药", "炸.药", "炸**药", "炸-_-药"])
def test_disguises(text: str) -> None:
    assert [hit.word for hit in MATCHER.find(text)] == ["炸药"]


def test_the_longest_at_one_place_and_where_it_stands() -> None:
    (hit,) = [hit for hit in MATCHER.find("教你自制 炸药!") if hit.start == 2]
    assert (hit.word, hit.end) == ("自制炸药", 7)


@pytest.mark.parametrize(("text", "found"), [("CASINO", 1), ("casino!", 1), ("casinos", 0), ("網絡", 1), ("网络", 1), ("ｃａｓｉｎｏ", 1)])
def test_case_width_and_whole_words(text: str, found: int) -> None:
    assert len(MATCHER.find(text)) == found


@given(st.text(max_size=80))
def test_positions_lie_in_the_text(text: str) -> None:
    for hit in MATCHER.find(f"{text}炸药{text}"):
        assert 0 <= hit.start < hit.end <= 2 * len(text) + 2


def test_an_ordinary_promotion_passes() -> None:
    text = "亲爱的老朋友,春季新款已到店,下单满 199 元减 30,牛奶杯、烛台都有货,点击查看:{link}"
    assert words.blocked(text) == ()


@pytest.mark.data
def test_real_conversations_pass() -> None:
    """At most 0.5 % of 8,458 sentences of real dialogues are stopped."""
    sentences: list[str] = []
    with gzip.open(Path(os.environ["SIYU_TEST_DATA"]) / "cn_dialogues" / "crosswoz_val.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            sentences += [part["content"] for part in json.loads(line)["messages"]]
    stopped = [sentence for sentence in sentences if words.blocked(sentence)]
    assert len(sentences) > 8_000
    assert len(stopped) <= len(sentences) * 0.005, stopped[:10]
