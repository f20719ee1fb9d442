"""Albums against the sandbox over HTTP."""

from typing import Any

from siyu.connectors.wecom import Product
from tests.connectors.wecom.asking import an_album_picture
from tests.observe.contacts.scene import Scene
from tests.observe.operator import TestClient


def a_product(town: Scene, description: str, *, price_fen: int = 12_900, number: str = "") -> str:
    picture = an_album_picture(town.place)
    return town.place.client.add_product(Product(description, price_fen, (picture, picture), number))


def shown(client: TestClient, **query: Any) -> dict[str, Any]:
    answer = client.get("/api/album-products", params=query)
    assert answer.status_code == 200, answer.text
    return {item["product_id"]: item for item in answer.json()["items"]}


def result(town: Scene) -> Any:
    return town.ask("select state, result, error from jobs where kind = 'albums.sync' order by id desc limit 1")[0]


class TestSync:
    def test_all_pages_follow_the_reading_of_contacts(self, town: Scene, client: TestClient) -> None:
        made = {a_product(town, f"椅子{n}", price_fen=100 + n, number=f"SKU{n}"): n for n in range(103)}
        town.sync()
        assert result(town).result == {"products": 103, "new": 103, "changed": 0, "gone": 0}
        paged: list[Any] = []
        cursor: dict[str, str] = {}
        while not paged or cursor:
            page = client.get("/api/album-products", params={"limit": 40, **cursor}).json()
            paged += page["items"]
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
        assert len(paged) == 103
        for item in paged:
            n = made[item["product_id"]]
            assert (item["description"], item["price_fen"], item["number"], item["pictures"]) == (f"椅子{n}", 100 + n, f"SKU{n}", 2)
        assert [item["number"] for item in shown(client, q="SKU77").values()] == ["SKU77"]

    def test_changed_deleted_and_made_ones_are_counted(self, town: Scene, client: TestClient) -> None:
        kept, gone = a_product(town, "椅子"), a_product(town, "桌子")
        town.sync()
        same = town.place.client.product(kept).product
        town.place.client.update_product(kept, Product("椅子(新款)", 9_900, same.picture_media_ids, same.number))
        town.place.client.delete_product(gone)
        made = a_product(town, "柜子")
        town.place.post("step", seconds=2)
        client.post("/api/readings/album")
        town.worker.drain()
        assert result(town).result == {"products": 2, "new": 1, "changed": 1, "gone": 1}
        assert {id: item["price_fen"] for id, item in shown(client).items()} == {kept: 9_900, made: 12_900}
        assert shown(client, deleted=True).keys() == {gone}
        before = town.ask("select *, xmin::text from album_products order by product_id")
        town.sync()
        assert town.ask("select *, xmin::text from album_products order by product_id") == before

    def test_a_right_that_is_missing_fails_the_job_with_wecoms_words(self, town: Scene) -> None:
        town.place.fault("forbidden", "externalcontact/get_product_album_list", count=None)
        town.sync()
        assert (result(town).state, result(town).error["params"]["code"]) == ("failed", 48002)
