"""Losses after which the two added each other again, against the sandbox over HTTP: they stay as history, marked with the instant."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.observe.contacts.scene import AES_KEY, TOKEN, Scene, receiver
from tests.observe.operator import TestClient, operator


@pytest.fixture
def client(scene: Scene, tmp_path: Path) -> Iterator[TestClient]:
    scene.sync()
    with operator(scene, tmp_path) as client, receiver(scene.database) as address:
        scene.place.post("callbacks", url=f"{address}/callbacks/wecom/{scene.corp.callback_key}", token=TOKEN, aes_key=AES_KEY)
        yield client


def losses(client: TestClient, **query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get("/api/losses", params=query).json()["items"]
    return items


def totals(client: TestClient, **query: str) -> tuple[int, int]:
    found = client.get("/api/losses/totals", params=query).json()
    return found["losses"], found["returned"]


def happens(scene: Scene, act: str, pair: tuple[str, str]) -> None:
    scene.act(act, *pair)
    for _ in range(2):
        scene.later(10)


class TestComingBack:
    @pytest.mark.parametrize(("act", "by"), [("customer_deletes", "customer"), ("staff_deletes", "staff")])
    def test_the_loss_stays_and_says_when_it_ended(self, scene: Scene, client: TestClient, act: str, by: str) -> None:
        pair = scene.pairs()[0]
        happens(scene, act, pair)
        (lost,) = losses(client)
        assert (lost["by"], lost["returned_at"], totals(client)) == (by, None, (1, 0))
        happens(scene, "add", pair)
        assert scene.ours()[pair] == "active"
        (back,) = losses(client)
        kept = ("staff", "by", "added_at", "ended_at", "days_kept", "add_way", "state")
        assert [back[name] for name in kept] == [lost[name] for name in kept] and back["customer"]
        (row,) = scene.ask(
            f"select c.added_at from contacts c join staff s on s.id = c.staff_id where s.userid = '{pair[0]}' and c.external_userid = '{pair[1]}'"
        )
        assert datetime.fromisoformat(back["returned_at"]) == row.added_at
        assert totals(client) == (1, 1)
        assert (losses(client, returned="yes"), losses(client, returned="no")) == ([back], [])

    @pytest.mark.parametrize(("act", "by"), [("customer_deletes", "customer"), ("staff_deletes", "staff")])
    def test_a_loss_that_ended_before_anybody_looked_is_kept(self, scene: Scene, client: TestClient, act: str, by: str) -> None:
        pair = scene.pairs()[0]
        for one in (act, "add"):
            scene.act(one, *pair)
        for _ in range(2):
            scene.later(10)
        assert scene.ours()[pair] == "active"
        (loss,) = losses(client)
        assert loss["by"] == by and loss["added_at"] < loss["ended_at"] < loss["returned_at"]
        assert [
            row.name
            for row in scene.ask("select name from events where name in ('contact.added', 'contact.lost') and source = 'wecom' order by id desc limit 2")
        ] == [
            "contact.added",
            "contact.lost",
        ]
        scene.sync()
        assert losses(client) == [loss]

    def test_who_leaves_again_is_two_losses(self, scene: Scene, client: TestClient) -> None:
        pair = scene.pairs()[0]
        for act in ("customer_deletes", "add", "staff_deletes", "add", "customer_deletes"):
            happens(scene, act, pair)
        assert [(one["by"], one["returned_at"] is not None) for one in losses(client)] == [("customer", False), ("staff", True), ("customer", True)]
        assert (totals(client), totals(client, by="customer"), totals(client, returned="no")) == ((3, 2), (2, 1), (1, 0))
        scene.sync()
        assert len(losses(client)) == 3
