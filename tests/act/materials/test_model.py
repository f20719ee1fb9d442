"""What a material may be, field by field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.act.gateway.model.actions import Card, Content, marked
from siyu.act.materials.model import CARD_TITLE_BYTES, LINK, LINK_BYTES, TEXT_BYTES, BadMaterial, UnknownPlaceholder, check

SHOP = "https://shop.example/new"
GOOD: dict[str, Any] = {"title": "上新", "text": "新品到店", "link_url": None, "link_title": None}


class TestCheck:
    @pytest.mark.parametrize(
        "given",
        [
            {},
            {"title": "字" * 60},
            {"title": "  上新  "},
            {"text": "字" * 1333 + "x"},
            {"text": "两行\n和👨‍👩‍👧"},
            {"text": "看 {link}", "link_url": SHOP},
            {"link_url": SHOP, "link_title": "进店"},
            {"text": "看 {link}", "link_url": SHOP, "link_title": "进店"},
            {"link_url": SHOP, "link_title": "字" * 42},
            {"text": "x" * (TEXT_BYTES - LINK_BYTES) + LINK, "link_url": SHOP},
        ],
    )
    def test_passes(self, given: dict[str, Any]) -> None:
        check(**GOOD | given)

    @pytest.mark.parametrize(
        ("given", "field", "reason"),
        [
            ({"title": ""}, "title", "length"),
            ({"title": " \n"}, "title", "length"),
            ({"title": "字" * 61}, "title", "length"),
            ({"text": ""}, "text", "length"),
            ({"text": " \n "}, "text", "length"),
            ({"text": "x" * (TEXT_BYTES + 1)}, "text", "length"),
            ({"text": "字" * 1334}, "text", "length"),
            ({"text": "x" * (TEXT_BYTES - LINK_BYTES + 1) + LINK, "link_url": SHOP}, "text", "length"),
            ({"text": "看 {link}"}, "link_url", "missing"),
            ({"link_title": "进店"}, "link_url", "missing"),
            ({"link_url": SHOP}, "text", "link"),
            ({"link_url": SHOP, "link_title": ""}, "link_title", "length"),
            ({"link_url": SHOP, "link_title": "字" * 43}, "link_title", "length"),
        ],
    )
    def test_names_the_field_and_why(self, given: dict[str, Any], field: str, reason: str) -> None:
        with pytest.raises(BadMaterial) as refused:
            check(**GOOD | given)
        assert (refused.value.params["field"], refused.value.params["reason"]) == (field, reason)

    @pytest.mark.parametrize(
        ("given", "found"),
        [
            ({"text": "{name}，您好 {name}"}, ["{name}"]),
            ({"text": "看 {link} {Link}", "link_url": SHOP}, ["{Link}"]),
            ({"text": "｛客户昵称｝您好，{ first_name }"}, ["｛客户昵称｝", "{ first_name }"]),
            ({"link_url": SHOP, "link_title": "{link}"}, ["{link}"]),
        ],
    )
    def test_what_nobody_fills_in_is_named(self, given: dict[str, Any], found: list[str]) -> None:
        with pytest.raises(UnknownPlaceholder) as refused:
            check(**GOOD | given)
        assert refused.value.params["found"] == found

    @pytest.mark.parametrize("text", ["{}", "{ 限时，全场 }", "{两\n行}", "满 {100 减 20"])
    def test_braces_around_anything_else_are_text(self, text: str) -> None:
        check(**GOOD | {"text": text})

    @given(
        text=st.lists(st.sampled_from([LINK, "新品", "x" * 100, "字" * 300]), max_size=60).map("".join),
        title=st.none() | st.text("字a", max_size=70),
    )
    def test_whatever_passes_fits_into_wecom_once_its_link_is_in_place(self, text: str, title: str | None) -> None:
        try:
            check("上新", text, SHOP, title)
        except BadMaterial:
            return
        content = Content(text, Card(title, SHOP) if title else None, SHOP)
        sent = marked(content, "https://crm.brand.example/t/0123456789")
        assert content.linked
        assert 1 <= len(sent.text.encode()) <= 4000
        assert sent.card is None or 1 <= len(sent.card.title.encode()) <= CARD_TITLE_BYTES == 128
