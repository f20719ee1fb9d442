"""Welcome messages over HTTP, as every role meets them."""

import warnings
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from siyu.access import accounts, roles
from siyu.act.welcomes import store
from siyu.act.welcomes.model import End, Greeting, Outcome
from siyu.app.http import create_app
from siyu.infra.database import Database
from siyu.infra.secrets import Secrets
from siyu.infra.settings import Settings
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import CorpId, JobId, TenantId
from siyu.observe import contacts
from tests.act.gateway.conftest import AES_KEY, KEYS, TOKEN
from tests.conftest import NOW, TestClock, _admin, _named, make_tenant

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would like another client
    from starlette.testclient import TestClient

PASSWORD, SHOP = "plum-blossom-at-dawn", "https://shop.example/new"
READERS = {"owner", "operator", "supervisor", "analyst", "admin"}
WRITERS = {"owner", "operator", "admin"}


@dataclass
class Lobby:
    """The brands' application. Accounts are named after their roles; `stranger` owns the other brand. `corp`: the brand's only app."""

    app: Any
    database: Database
    brand: TenantId
    other: TenantId
    corp: CorpId
    clients: dict[str, TestClient] = field(default_factory=dict)

    def client(self, login: str = "operator") -> TestClient:
        if login not in self.clients:
            client = TestClient(self.app, base_url="http://siyu.test")
            assert client.post("/api/session", json={"login": login, "password": PASSWORD}).status_code == 200
            self.clients[login] = client
        return self.clients[login]

    def write(self, login: str = "operator", **changes: Any) -> Any:
        return self.client(login).post("/api/welcomes", json={"corp_id": str(self.corp), "text": "欢迎光临"} | changes)

    def written(self, **changes: Any) -> Any:
        answer = self.write(**changes)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def listed(self) -> list[Any]:
        (app,) = self.client().get("/api/welcomes").json()
        found: list[Any] = app["welcomes"]
        return found

    def find(self, id: str) -> Any:
        return next((one for one in self.listed() if one["id"] == id), None)


@pytest.fixture(scope="module")
def lobby(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lobby]:
    name = f"lobby_{uuid4().hex[:12]}"
    _admin(server_url, f"create database {name} template {template} strategy file_copy")
    with closing(Database(_named(server_url, name), clock=TestClock())) as database:
        app = create_app(database, Settings(home=tmp_path_factory.mktemp("lobby")))
        contacts.use(keys=Secrets(KEYS))
        brand, other = make_tenant(database), make_tenant(database, name="别的品牌")
        with database.transaction(brand, SYSTEM) as tx:
            for role in roles.NAMES:
                accounts.add(tx, login=role, name=role.title(), role=role, password=PASSWORD)
            corp = contacts.connect(
                tx, corp_id="ww1", agent_id=1000002, name="品牌", base_url="http://127.0.0.1:9", secret="s", callback_token=TOKEN, callback_aes_key=AES_KEY
            )
        with database.transaction(other, SYSTEM) as tx:
            accounts.add(tx, login="stranger", name="Stranger", role="owner", password=PASSWORD)
        yield Lobby(app, database, brand, other, corp.id)
        contacts.use()
    _admin(server_url, f"drop database if exists {name} with (force)")


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestWrite:
    def test_gives_back_what_was_written_and_it_is_on(self, lobby: Lobby) -> None:
        one = lobby.written(text=" 您好\n", link_title=" 新品 ", link_url=SHOP, states=["live ", "live", "store"])
        assert (one["text"], one["link_title"], one["link_url"], one["states"]) == (" 您好\n", "新品", SHOP, ["live", "store"])
        assert (one["version"], one["active"], one["corp_id"], one["changed_at"]) == (1, True, str(lobby.corp), "2026-03-02T02:00:00Z")
        assert lobby.listed()[0] == one

    @pytest.mark.parametrize(
        ("changes", "field", "reason"),
        [
            ({"text": " "}, "text", "length"),
            ({"text": "字" * 1334}, "text", "length"),
            ({"link_title": "新品"}, "link_url", "missing"),
            ({"link_url": SHOP}, "link_title", "missing"),
            ({"link_title": " ", "link_url": SHOP}, "link_title", "length"),
            ({"link_title": "字" * 43, "link_url": SHOP}, "link_title", "length"),
            ({"link_title": "新品", "link_url": "javascript:alert(1)"}, "link_url", "address"),
            ({"states": [" "]}, "states", "length"),
            ({"states": ["字" * 22]}, "states", "length"),
        ],
    )
    def test_what_cannot_be_said_is_refused_and_leaves_nothing(self, lobby: Lobby, changes: dict[str, Any], field: str, reason: str) -> None:
        before = len(lobby.listed())
        answer = lobby.write(**changes)
        assert problem(answer) == (422, "welcome.invalid")
        assert (answer.json()["params"]["field"], answer.json()["params"]["reason"]) == (field, reason)
        assert len(lobby.listed()) == before

    @pytest.mark.parametrize("changes", [{"text": "出售手枪"}, {"link_title": "出售手 枪", "link_url": SHOP}])
    def test_blocked_terms_are_named(self, lobby: Lobby, changes: dict[str, Any]) -> None:
        answer = lobby.write(**changes)
        assert problem(answer) == (422, "welcome.blocked_words")
        assert any("手枪" in word for word in answer.json()["params"]["words"])
        one = lobby.written()
        assert problem(lobby.client().put(f"/api/welcomes/{one['id']}", json={"text": "您好"} | changes)) == (422, "welcome.blocked_words")
        assert lobby.find(one["id"]) == one

    @pytest.mark.parametrize("changes", [{"text": "{name}，您好"}, {"text": "看 {link}"}, {"link_title": "{name}", "link_url": "https://shop.example/new"}])
    def test_what_nobody_fills_in_is_refused_and_named(self, lobby: Lobby, changes: dict[str, Any]) -> None:
        answer = lobby.write(**changes)
        assert problem(answer) == (422, "welcome.unknown_placeholder") and answer.json()["params"]["found"][0] in "".join(changes.values())
        one = lobby.written()
        assert problem(lobby.client().put(f"/api/welcomes/{one['id']}", json={"text": "您好"} | changes)) == (422, "welcome.unknown_placeholder")

    def test_an_app_that_is_not_there(self, lobby: Lobby) -> None:
        assert problem(lobby.write(corp_id=str(UUID(int=1)))) == (404, "corp.not_found")


class TestEdit:
    def test_is_a_further_version_and_the_old_one_stays(self, lobby: Lobby) -> None:
        one = lobby.written(text="旧", states=["live"])
        edited = lobby.client("admin").put(f"/api/welcomes/{one['id']}", json={"text": "新"}).json()
        assert (edited["id"], edited["version"], edited["text"], edited["states"], edited["active"]) == (one["id"], 2, "新", [], True)
        assert lobby.find(one["id"]) == edited
        with lobby.database.transaction(lobby.brand, SYSTEM) as tx:
            rows = tx.execute("select version, text, changed_by from welcomes where id = :id order by version", {"id": one["id"]}).all()
        assert [(row.version, row.text) for row in rows] == [(1, "旧"), (2, "新")]
        assert rows[0].changed_by != rows[1].changed_by

    def test_off_and_on_again(self, lobby: Lobby) -> None:
        id = lobby.written()["id"]
        assert lobby.client().post(f"/api/welcomes/{id}/off").json()["active"] is False
        assert lobby.client().put(f"/api/welcomes/{id}", json={"text": "改"}).json()["active"] is False
        again = lobby.client().post(f"/api/welcomes/{id}/on").json()
        assert (again["active"], again["version"], again["text"]) == (True, 4, "改")

    def test_each_act_is_written_down(self, lobby: Lobby) -> None:
        id = lobby.written()["id"]
        lobby.client().put(f"/api/welcomes/{id}", json={"text": "改"})
        for act in ("off", "on"):
            lobby.client().post(f"/api/welcomes/{id}/{act}")
        entries = lobby.client("owner").get("/api/audit", params={"subject": f"welcome:{id}"}).json()["items"]
        assert [entry["act"] for entry in reversed(entries)] == ["welcome.written", "welcome.edited", "welcome.switched_off", "welcome.switched_on"]

    def test_of_nothing_is_not_found(self, lobby: Lobby) -> None:
        path = f"/api/welcomes/{uuid4()}"
        for answer in (lobby.client().put(path, json={"text": "您好"}), lobby.client().post(f"{path}/on"), lobby.client().post(f"{path}/off")):
            assert problem(answer) == (404, "welcome.not_found")

    def test_of_two_at_the_same_moment_one_is_told(self, lobby: Lobby) -> None:
        id = lobby.written()["id"]
        with lobby.database.transaction(lobby.brand, SYSTEM) as tx:
            (current,) = store.current(tx, id=id)
            assert store.insert(tx, current) is False


class TestResults:
    def test_ends_of_the_last_thirty_days_with_their_seconds(self, lobby: Lobby) -> None:
        said = lobby.written()
        with lobby.database.transaction(lobby.brand, SYSTEM) as tx:
            tx.execute("delete from greetings where tenant_id = :tenant_id")
            (welcome,) = store.current(tx, id=said["id"])

            def came(days: float, seconds: float, end: End) -> None:
                at = NOW - timedelta(days=days)
                store.settle(
                    tx, Greeting(JobId(uuid4()), lobby.corp, "guide1", "wm1", "", at, at + timedelta(seconds=seconds), end, welcome if not end.code else None)
                )

            for seconds in range(1, 101):
                came(seconds / 10, seconds / 10, End(Outcome.SENT))
            came(31, 14, End(Outcome.SENT))
            came(2, 15, End(Outcome.EXPIRED))
            came(2, 1, End(Outcome.REFUSED, 45009))
        results = lobby.client().get("/api/welcomes/results").json()
        assert results["tallies"] == [
            {"outcome": "sent", "code": None, "codes": 100},
            {"outcome": "expired", "code": None, "codes": 1},
            {"outcome": "refused", "code": 45009, "codes": 1},
        ]
        assert (results["median_seconds"], results["p99_seconds"]) == (5.0, 9.9)
        assert (results["since"], results["as_of"]) == ("2026-01-31T02:00:00Z", "2026-03-02T02:00:00Z")

    def test_of_nothing(self, lobby: Lobby) -> None:
        assert lobby.client("stranger").get("/api/welcomes/results").json()["median_seconds"] is None


class TestPermissions:
    @pytest.mark.parametrize("role", roles.NAMES)
    def test_by_role(self, lobby: Lobby, role: str) -> None:
        one = lobby.written()
        for path in ("/api/welcomes", "/api/welcomes/results"):
            assert lobby.client(role).get(path).status_code == (200 if role in READERS else 403)
        path = f"/api/welcomes/{one['id']}"
        statuses = [
            lobby.write(role).status_code,
            lobby.client(role).put(path, json={"text": "改"}).status_code,
            lobby.client(role).post(f"{path}/off").status_code,
            lobby.client(role).post(f"{path}/on").status_code,
        ]
        assert statuses == ([201, 200, 200, 200] if role in WRITERS else [403] * 4)

    def test_another_brand_finds_nothing(self, lobby: Lobby) -> None:
        one = lobby.written()
        stranger = lobby.client("stranger")
        assert stranger.get("/api/welcomes").json() == []
        assert problem(stranger.post(f"/api/welcomes/{one['id']}/off")) == (404, "welcome.not_found")
        assert problem(stranger.post("/api/welcomes", json={"corp_id": str(lobby.corp), "text": "您好"})) == (404, "corp.not_found")
        assert lobby.find(one["id"]) == one
