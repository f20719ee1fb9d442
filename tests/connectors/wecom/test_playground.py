"""The sandbox's own page as it is served: closed to others, in both languages, with a word for whatever it may meet."""

import json
import re
from importlib.resources import files
from typing import Any

import pytest

from siyu.connectors.wecom.sandbox import acts, control, playground
from siyu.connectors.wecom.sandbox.faults import KINDS
from siyu.connectors.wecom.sandbox.playground import LANGUAGES, preferred
from tests.connectors.wecom.conftest import Place

WORDS = {language: json.loads(files(playground.__package__).joinpath(f"{language}.json").read_text("utf-8")) for language in LANGUAGES}
_NO = re.compile(r"HTTPException\(\d+, \"([^\"]+)\"\)")


def names(words: dict[str, Any], before: str = "") -> set[str]:
    return {name for key, value in words.items() for name in (names(value, f"{before}{key}.") if isinstance(value, dict) else {f"{before}{key}"})}


class TestWords:
    def test_both_languages_have_the_same(self) -> None:
        assert names(WORDS["zh-CN"]) == names(WORDS["en-US"])

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_fault_and_every_no_has_one(self, language: str) -> None:
        assert set(WORDS[language]["fault"]) == set(KINDS)
        sources = [file.read_text("utf-8") for file in files(acts.__package__).iterdir() if file.name.endswith(".py")]
        said = {text for source in sources for text in _NO.findall(source)} | set(
            _NO.findall(files(control.__package__).joinpath("control.py").read_text("utf-8"))
        )
        assert said - {"bearer key missing or wrong"} <= set(WORDS[language]["errors"])
        assert len(said) > 8

    def test_every_word_of_the_page_exists(self) -> None:
        scripts = [file.read_text("utf-8") for file in files(playground.__package__).iterdir() if file.name.endswith(".js")]
        used = {name for script in scripts for name in re.findall(r"\bt\(\"([^\"]+)\"", script)}
        assert len(used) > 100 and used <= names(WORDS["zh-CN"])


class TestServing:
    def test_it_trusts_no_other_host_and_no_markup(self, still: Place) -> None:
        answer = still.raw.get("/sandbox/")
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
        for file in files(playground.__package__).iterdir():
            if file.name.endswith((".js", ".css", ".html")):
                text = file.read_text("utf-8")
                assert "innerHTML" not in text and "//cdn" not in text and not re.findall(r"https?://(?!www\.w3\.org)", text), file.name

    def test_its_parts_are_served_and_nothing_else_is(self, still: Place) -> None:
        page = still.raw.get("/sandbox/").text
        for part in re.findall(r'(?:src|href)="(page/[^"]+)"', page):
            assert still.raw.get(f"/sandbox/{part}").status_code == 200
        assert still.raw.get("/sandbox/page/main.js").headers["content-type"].startswith("text/javascript")
        assert still.raw.get("/sandbox/page/__init__.py").status_code == 404
        assert still.raw.get("/sandbox/page/..%2fschema.sql").status_code == 404
        assert still.raw.get("/sandbox").headers["location"] == "sandbox/"

    def test_who_follows_a_link_to_nowhere_reads_so_on_a_plain_page(self, still: Place) -> None:
        for path in ("/", "/nowhere", "/ca/none", "/kf/none", "/media/none"):
            answer = still.raw.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
            assert "这个地址没有内容" in answer.text and "nothing at this address" in answer.text
        for method, path in (("GET", "/sandbox/nowhere"), ("POST", "/nowhere")):
            answer = still.control.request(method, path)
            assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})

    def test_what_it_shows_needs_the_key(self, still: Place) -> None:
        for path in ("about", "books/people", "books/chats?userid=a&external_userid=b", "books/codes", "books/tasks?userid=a", "clock"):
            assert still.raw.get(f"/sandbox/{path}").status_code == 401
        assert still.get("about")["corp_id"] == still.address.corp_id
        assert "shop-key" not in json.dumps(still.get("about"))

    @pytest.mark.parametrize(
        ("asked", "given"),
        [
            ("", "zh-CN"),
            ("zh-TW,en;q=0.5", "zh-CN"),
            ("en-GB,zh;q=0.4", "en-US"),
            ("fr, en;q=0.3, zh;q=0.2", "en-US"),
            ("fr", "zh-CN"),
            ("en;q=zero,zh", "zh-CN"),
        ],
    )
    def test_the_language_is_the_browsers(self, still: Place, asked: str, given: str) -> None:
        assert preferred(asked) == given
        assert f'lang="{given}"' in still.raw.get("/sandbox/", headers={"accept-language": asked}).text
        assert 'lang="en-US"' in still.raw.get("/sandbox/?lang=en-US", headers={"accept-language": asked}).text
