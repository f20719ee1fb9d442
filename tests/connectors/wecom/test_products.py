"""商品图册 over HTTP."""

from dataclasses import replace
from typing import Any

import pytest

from siyu.connectors.wecom import Credentials, Product, WeCom
from siyu.connectors.wecom.sandbox.settings import AppSettings
from tests.connectors.wecom.asking import a_picture, a_product, an_album_picture
from tests.connectors.wecom.conftest import Build, Place
from tests.connectors.wecom.test_group_chats import code_of


class TestProducts:
    def test_one_round_trips_is_changed_and_deleted(self, build: Build) -> None:
        place = build()
        candle = Product("香氛蜡烛", 12_800, (an_album_picture(place),), "SKU1")
        id = place.client.add_product(candle)
        assert place.client.product(id).product == candle and place.client.product(id).created_at
        place.client.update_product(id, replace(candle, price_fen=0))
        assert [(one.product_id, one.product.price_fen, one.created_at) for one in place.client.products()] == [(id, 0, None)]
        place.client.delete_product(id)
        assert code_of(place.client.product, id) == code_of(place.client.delete_product, id) == 41074
        assert code_of(place.client.product, "made-up") == 41075 and list(place.client.products()) == []

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"description": ""}, 41087),
            ({"description": "长" * 301}, 41073),
            ({"price": -1}, 41086),
            ({"price": 5_000_001}, 41086),
            ({"price": "1"}, 41086),
            ({"product_sn": "编号"}, 41085),
            ({"product_sn": "a" * 129}, 41085),
            ({"attachments": []}, 41088),
            ({"attachments": [{"type": "image"}] * 10}, 41064),
            ({"attachments": [{"type": "video"}]}, 41065),
            ({"attachments": [{"type": "image", "image": {"media_id": "made-up"}}]}, 40007),
        ],
    )
    def test_what_does_not_fit_is_refused(self, still: Place, change: dict[str, Any], code: int) -> None:
        body = Product("香氛蜡烛", 12_800, (an_album_picture(still),)).body() | change
        assert still.call("POST", "externalcontact/add_product_album", body=body)["errcode"] == code
        assert still.call("POST", "externalcontact/update_product_album", body={"product_id": a_product(still), **change})["errcode"] == code

    def test_pictures_of_other_scenes_are_refused(self, still: Place) -> None:
        assert code_of(still.client.add_product, Product("烛台", 1, (a_picture(still),))) == 40007

    def test_an_app_without_the_right_changes_only_its_own(self, build: Build) -> None:
        place = build(apps=(AppSettings(1, "a" * 43), AppSettings(2, "b" * 43, edits_all_tags=False)))
        id = a_product(place)
        with WeCom(Credentials(place.address.corp_id, "b" * 43, 2), place.client._settings) as another:
            assert another.product(id) and code_of(another.delete_product, id) == 48002

    def test_listing_pages(self, build: Build) -> None:
        place = build()
        made = {a_product(place) for _ in range(3)}
        first = place.call("POST", "externalcontact/get_product_album_list", body={"limit": 2})
        rest = place.call("POST", "externalcontact/get_product_album_list", body={"limit": 2, "cursor": first["next_cursor"]})
        assert {row["product_id"] for row in [*first["product_list"], *rest["product_list"]]} == made and rest["next_cursor"] == ""
