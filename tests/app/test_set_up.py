"""What can be typed wrongly when WeCom is connected: each mistake has a plain message of its own, before saving and in `siyu doctor`, in both languages."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from siyu.app import check_up, words
from siyu.infra import secrets
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from siyu.infra.tx import SYSTEM
from siyu.observe import contacts
from siyu.observe.contacts import Finding
from tests.app.doors import WORDS
from tests.conftest import NOW, make_tenant
from tests.connectors.wecom.conftest import Place, builder
from tests.connectors.wecom.neighbours import Neighbour, neighbour
from tests.observe.contacts.scene import AES_KEY, TOKEN
from tests.observe.operator import TestClient

LANGUAGES: tuple[words.Language, ...] = ("zh-CN", "en-US")
UNINVITED = b'{"errcode": 41001, "errmsg": "access_token missing, hint: [1_1_1], from ip: 127.0.0.1, more info at https://open.work.weixin.qq.com"}'
Given = dict[str, Any]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with builder(tmp_path) as build:
        yield build()


@pytest.fixture
def other() -> Iterator[Neighbour]:
    with neighbour() as told:
        told.answer = lambda heard: (200, UNINVITED)
        told.ahead_seconds = NOW.timestamp() - time.time()  # by the clock that these tests go by
        yield told


def wrong_secret(place: Place, other: Neighbour) -> Given:
    return {"secret": "wrong"}


def another_corps_secret(place: Place, other: Neighbour) -> Given:
    place.fault("code", "gettoken", count=None, code=40091)
    return {}


def another_corp(place: Place, other: Neighbour) -> Given:
    return {"corp_id": "ww0000000000000000"}


def nobody_there(place: Place, other: Neighbour) -> Given:
    return {"base_url": "http://127.0.0.1:9"}


def hour_ahead(place: Place, other: Neighbour) -> Given:
    other.ahead_seconds -= 3600
    return {"base_url": other.url}


def hour_behind(place: Place, other: Neighbour) -> Given:
    other.ahead_seconds += 3600
    return {"base_url": other.url}


MISTAKES: dict[Callable[[Place, Neighbour], Given], tuple[str, str]] = {
    wrong_secret: ("secret", "wrong"),
    another_corps_secret: ("corp", "other_secret"),
    another_corp: ("corp", "unknown"),
    nobody_there: ("address", "refused"),
    hour_ahead: ("clock", "ahead"),
    hour_behind: ("clock", "behind"),
}

TRIED: dict[Callable[[Place, Neighbour], Given], tuple[str, str]] = {another_corp: ("corp", "mistyped")}
"""What is said otherwise before anything is saved."""


def typed(place: Place, **other: Any) -> Given:
    address = place.address
    return {"corp_id": address.corp_id, "agent_id": address.agent_id, "secret": address.secret, "base_url": address.url, **other}


def said(found: Finding, language: words.Language) -> str:
    return "\n".join(words.finding(found, language, ZoneInfo("Asia/Shanghai"))[1])


class TestTrial:
    @pytest.mark.parametrize("mistake", MISTAKES)
    def test_each_mistake_has_its_own_finding_and_nothing_else_is_red_for_it(
        self, client: TestClient, place: Place, other: Neighbour, mistake: Callable[[Place, Neighbour], Given]
    ) -> None:
        check, outcome = TRIED.get(mistake, MISTAKES[mistake])
        answer = client.post("/api/corps/test", json=typed(place, **mistake(place, other))).json()
        red = [(one["check"], one["outcome"]) for one in answer["findings"] if one["state"] == "error"]
        assert answer["state"] == "error" and red[0] == (check, outcome)
        assert client.get("/api/corps").json() == []
        found = Finding(**next(one for one in answer["findings"] if one["check"] == check))
        for language in LANGUAGES:
            lines = said(found, language).splitlines()
            assert len(lines) == 3 and "{{" not in "".join(lines) and outcome not in lines  # what, what it means, what to do

    def test_a_key_of_the_wrong_length_is_refused_with_its_length(self, client: TestClient, place: Place) -> None:
        body = typed(place, name="品牌", callback_token=TOKEN, callback_aes_key=AES_KEY[:-1])
        answer = client.post("/api/corps", json=body)
        assert (answer.status_code, answer.json()["code"], answer.json()["params"]["length"]) == (422, "corp.bad_aes_key", 42)
        assert client.get("/api/corps").json() == []
        assert all("{{length}}" in told["corp"]["bad_aes_key"]["title"] and told["corp"]["bad_aes_key"]["advice"] for told in WORDS)


class TestDoctor:
    @pytest.fixture(autouse=True)
    def home(self, fresh_url: str, tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        environment = {"SIYU_HOME": str(tmp_path), "SIYU_DATABASE_URL": fresh_url, "SIYU_PORT": "9", "SIYU_CLOCK_FILE": str(place.sandbox.clock.path)}
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

    @pytest.mark.parametrize("mistake", MISTAKES)
    def test_it_says_the_same_in_a_terminal(
        self, database: Database, tmp_path: Path, place: Place, other: Neighbour, mistake: Callable[[Place, Neighbour], Given], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        contacts.use(keys=secrets.load(tmp_path))
        with database.transaction(make_tenant(database), SYSTEM) as tx:
            given = typed(place, **mistake(place, other))
            contacts.connect(tx, name="品牌", callback_token=TOKEN, callback_aes_key=AES_KEY, **given)
        (done,) = check_up.check_ups(Settings(), None)
        assert done.red
        check, outcome = MISTAKES[mistake]
        (found,) = [one for one in done.findings if one.check == check]
        assert (found.state, found.outcome) == ("error", outcome)
        for language, shell in zip(LANGUAGES, ("zh_CN.UTF-8", "en_US.UTF-8"), strict=True):
            monkeypatch.setenv("LC_ALL", shell)
            screen = Console(width=300, record=True, quiet=False, file=(tmp_path / "screen").open("w"))
            check_up.show(done, screen)
            assert said(found, language).splitlines()[0] in screen.export_text()
            screen.file.close()
        contacts.use()


class TestWords:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_no_two_mistakes_read_alike(self, language: words.Language) -> None:
        facts = {"code": 1, "host": "h", "minutes": 60}
        read = [said(Finding(check, "error", outcome, facts), language) for check, outcome in MISTAKES.values()]
        assert len({text.splitlines()[0] for text in read}) == len(MISTAKES)
