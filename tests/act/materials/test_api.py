"""The material library over HTTP, as every role meets it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from tests.act.materials.conftest import SPRING, Library

SHOP = "https://shop.example/new"
READERS = ["owner", "operator", "supervisor", "guide", "community_owner", "analyst", "admin"]
WRITERS = ["owner", "operator", "supervisor", "admin"]


def a_title() -> str:
    """One that no other test uses."""
    return f"上新 {uuid4().hex}"


class TestWrite:
    def test_gives_back_what_was_written(self, library: Library) -> None:
        title = a_title()
        answer = library.write(title=f"  {title} ", text=" 看看 {link}\n", link_url=SHOP, link_title="进店")
        assert answer.status_code == 201, answer.text
        one = answer.json()
        assert (one["title"], one["text"], one["link_url"], one["link_title"], one["words"]) == (title, " 看看 {link}\n", SHOP, "进店", [])
        assert library.client().get(f"/api/materials/{one['id']}").json() == one
        assert library.listed()[0] == one
        operator = library.client().get("/api/me").json()["account"]["id"]
        assert (one["created_by"], one["created_at"]) == (f"user:{operator}", "2026-03-02T02:00:00Z")

    def test_shows_the_terms_where_they_stand_and_keeps_the_text_all_the_same(self, library: Library) -> None:
        text = "全场最好,出售手 枪,货到付款"
        hits = library.write(text=text).json()["words"]
        found = {(hit["level"], text[hit["start"] : hit["end"]].replace(" ", "")) for hit in hits}
        assert any(level == "block" and "手枪" in words for level, words in found), hits
        assert library.client().post("/api/words/check", json={"text": text}).json()["hits"] == hits

    def test_looks_at_the_words_of_the_card_too(self, library: Library) -> None:
        hits = library.write(link_url=SHOP, link_title="出售手枪").json()["words"]
        assert [hit["level"] for hit in hits] == ["block"]
        assert library.write(title="出售手枪").json()["words"] == []  # colleagues see it, customers never

    def test_what_nobody_fills_in_is_refused_and_named(self, library: Library) -> None:
        answer = library.write(text="{name}，看 {link}", link_url=SHOP)
        assert (answer.status_code, answer.json()["code"], answer.json()["params"]) == (422, "material.unknown_placeholder", {"found": ["{name}"]})

    @pytest.mark.parametrize(
        ("changes", "field", "reason"),
        [
            ({"title": " "}, "title", "length"),
            ({"title": "x" * 61}, "title", "length"),
            ({"text": "  "}, "text", "length"),
            ({"text": "字" * 1334}, "text", "length"),
            ({"text": "看 {link}"}, "link_url", "missing"),
            ({"link_title": "进店"}, "link_url", "missing"),
            ({"link_url": SHOP}, "text", "link"),
            ({"link_url": SHOP, "link_title": " "}, "link_title", "length"),
            ({"link_url": SHOP, "link_title": "字" * 43}, "link_title", "length"),
            *[
                ({"text": "看 {link}", "link_url": address}, "link_url", "address")
                for address in (
                    "",
                    "shop.example",
                    "//shop.example",
                    "https://",
                    "javascript:alert(1)",
                    "ftp://shop.example",
                    "http://[",
                    "https://shop.example:99999",
                    "https://user:pw@shop.example",
                    "https://shop.example\\@evil.example",
                    "https://shop.example/a b",
                    "https://shop.example/" + "x" * 2048,
                )
            ],
        ],
    )
    def test_what_cannot_be_meant_is_refused_and_leaves_nothing(self, library: Library, changes: dict[str, Any], field: str, reason: str) -> None:
        before = len(library.listed())
        answer = library.write(**changes)
        problem = answer.json()
        assert (answer.status_code, answer.headers["content-type"], problem["code"]) == (422, "application/problem+json", "material.invalid")
        assert (problem["params"]["field"], problem["params"]["reason"]) == (field, reason)
        assert len(library.listed()) == before

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"title": None}, "title"),
            ({"title": 5}, "title"),
            ({"text": ["新品"]}, "text"),
            ({"link_url": {"href": SHOP}}, "link_url"),
            ({"link_title": 7}, "link_title"),
        ],
    )
    def test_what_is_no_text_names_its_field(self, library: Library, changes: dict[str, Any], field: str) -> None:
        before = len(library.listed())
        answer = library.write(**changes)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert [one["field"] for one in answer.json()["params"]["fields"]] == [field]
        assert len(library.listed()) == before

    def test_the_longest_text_is_counted_in_bytes(self, library: Library) -> None:
        assert library.write(text="字" * 1333 + "x").status_code == 201
        problem = library.write(text="字" * 1333 + "xx").json()
        assert problem["params"] == {"field": "text", "reason": "length", "limit": 4000}


class TestEdit:
    def test_is_a_new_material_and_the_old_one_stays(self, library: Library) -> None:
        old = library.write(text="旧文案").json()
        new = library.write(text="新文案").json()
        assert old["id"] != new["id"]
        assert library.client().get(f"/api/materials/{old['id']}").json() == old

    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_nothing_written_can_be_changed(self, library: Library, method: str) -> None:
        one = library.write().json()
        answer = library.client().request(method, f"/api/materials/{one['id']}", json=SPRING | {"text": "改"})
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert library.client().get(f"/api/materials/{one['id']}").json() == one


class TestArchive:
    def test_takes_it_from_the_list_and_lets_it_be_read(self, library: Library) -> None:
        one = library.write().json()
        assert library.client().delete(f"/api/materials/{one['id']}").status_code == 204
        assert one["id"] not in {other["id"] for other in library.listed()}
        assert library.client().get(f"/api/materials/{one['id']}").json() == one

    def test_twice_or_of_nothing_is_not_found(self, library: Library) -> None:
        one = library.write().json()
        library.client().delete(f"/api/materials/{one['id']}")
        for id in (one["id"], str(uuid4())):
            answer = library.client().delete(f"/api/materials/{id}")
            assert (answer.status_code, answer.json()["code"], answer.json()["params"]) == (404, "material.not_found", {"material_id": id})


class TestList:
    def test_pages_follow_each_other_newest_first(self, library: Library) -> None:
        written = [library.write(title=a_title()).json()["id"] for _ in range(5)]
        first = library.client().get("/api/materials?limit=3").json()
        rest = library.client().get(f"/api/materials?limit=2&cursor={first['next_cursor']}").json()
        assert [one["id"] for one in first["items"] + rest["items"]] == written[::-1]

    @pytest.mark.parametrize("cursor", ["nonsense", "W10", "WzVd", "WyJ4Il0", "e30", "中"])
    def test_a_cursor_of_another_list_is_refused(self, library: Library, cursor: str) -> None:
        answer = library.client().get("/api/materials", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"], answer.json()["params"]["field"]) == (422, "invalid", "cursor")


class TestPermissions:
    @pytest.mark.parametrize("role", READERS)
    def test_by_role(self, library: Library, role: str) -> None:
        one = library.write().json()
        assert library.client(role).get(f"/api/materials/{one['id']}").json() == one
        assert one in library.client(role).get("/api/materials").json()["items"]
        before = len(library.listed())
        wrote, archived = library.write(role), library.client(role).delete(f"/api/materials/{one['id']}")
        if role in WRITERS:
            assert (wrote.status_code, archived.status_code) == (201, 204)
        else:
            assert (wrote.status_code, archived.status_code, len(library.listed())) == (403, 403, before)
            assert (wrote.json()["code"], wrote.json()["params"]) == ("forbidden", {"permission": "materials.write"})

    def test_another_brand_finds_nothing(self, library: Library) -> None:
        one = library.write().json()
        stranger = library.client("stranger")
        assert one["id"] not in {other["id"] for other in library.listed("stranger")}
        for answer in (stranger.get(f"/api/materials/{one['id']}"), stranger.delete(f"/api/materials/{one['id']}")):
            assert (answer.status_code, answer.json()["code"]) == (404, "material.not_found")
        assert one in library.listed()


class TestAgain:
    def test_a_key_repeats_the_answer(self, library: Library) -> None:
        key, before = {"idempotency-key": uuid4().hex}, len(library.listed())

        def post(_: int = 0, **changes: str) -> Any:
            return library.client().post("/api/materials", json=SPRING | changes, headers=key)

        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(post, range(8)))
        assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}
        assert len(library.listed()) == before + 1
        other = post(text="别的")
        assert (other.status_code, other.json()["code"]) == (409, "idempotency.key_reused")

    def test_a_key_is_everybodys_own(self, library: Library) -> None:
        key = {"idempotency-key": uuid4().hex}
        ids = {library.client(role).post("/api/materials", json=SPRING, headers=key).json()["id"] for role in ("operator", "supervisor", "stranger")}
        assert len(ids) == 3
