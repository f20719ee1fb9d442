"""Moments against the sandbox over HTTP: who published, who answered, what was deleted."""

import sqlite3
from dataclasses import replace
from typing import Any

from siyu.connectors.wecom import MomentLink, NewMoment
from siyu.infra.tx import SYSTEM, Actor, Scope
from siyu.observe.moments import service
from tests.connectors.wecom.asking import a_moment_picture
from tests.observe.contacts.scene import Scene
from tests.observe.operator import TestClient

DAY = 86_400


def shown(client: TestClient, path: str = "", **query: Any) -> Any:
    answer = client.get(f"/api/moments{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def read(town: Scene, client: TestClient, *, later: float = 2) -> Any:
    """The result of another reading of moments."""
    town.place.post("step", seconds=later)
    assert client.post("/api/readings/moments").status_code == 202
    town.worker.drain()
    return result(town)


def result(town: Scene) -> Any:
    return town.ask("select result from jobs where kind = 'moments.sync' order by id desc limit 1")[0].result


def made(town: Scene, moment: NewMoment) -> str:
    """The id of a moment of the corp that is there."""
    jobid = town.place.client.add_moment(moment)
    town.place.post("step", seconds=town.place.sandbox.settings.limits.moment_job_seconds)
    return town.place.client.moment_job(jobid).moment_id


def answered(town: Scene, moment_id: str, userid: str, external_userid: str, kind: str) -> None:
    """A customer's answer, put straight into the town's books."""
    with sqlite3.connect(town.place.sandbox.settings.home / "books.sqlite") as books:
        row = (moment_id, userid, external_userid, kind, town.place.sandbox.clock.now())
        books.execute("insert or ignore into moment_reaction values (?, ?, ?, ?, ?)", row)
    books.close()


def taken_back(town: Scene, moment_id: str) -> None:
    with sqlite3.connect(town.place.sandbox.settings.home / "books.sqlite") as books:
        books.execute("delete from moment_reaction where moment_id = ? and kind = 'like'", (moment_id,))
    books.close()


def deleted(town: Scene, moment_id: str) -> None:
    with sqlite3.connect(town.place.sandbox.settings.home / "books.sqlite") as books:
        for table in ("moment_reaction", "moment_customer", "moment_task", "moment"):
            books.execute(f"delete from {table} where moment_id = ?", (moment_id,))
    books.close()


def said(town: Scene, name: str) -> list[Any]:
    return town.ask(f"select props from events where name = 'moment.{name}'")


class TestOfTheCorp:
    def test_who_published_and_who_answered(self, town: Scene, client: TestClient) -> None:
        link = NewMoment("新品到店", (MomentLink("新品", "https://shop.example/new", a_moment_picture(town.place)),))
        moment_id = made(town, link)
        userid = town.place.busiest()
        first, second = town.place.customers_of(userid)[:2]
        town.place.post("publish", moment_id=moment_id, userid=userid)
        answered(town, moment_id, userid, first, "like")
        answered(town, moment_id, userid, second, "comment")
        town.sync()
        assert result(town) == {"moments": 1, "new": 1, "changed": 0, "gone": 0}
        (item,) = shown(client)["items"]
        assert (item["text"], item["link_title"], item["link_url"]) == ("新品到店", "新品", "https://shop.example/new")
        assert (item["by_member"], item["creator"], item["everybody"], item["gone_at"]) == (False, "", True, None)
        tasks = list(town.place.client.moment_tasks(moment_id))
        published = sum(task.published for task in tasks)
        truth = [town.place.client.moment_reactions(moment_id, task.userid) for task in tasks if task.published]
        likes, comments = sum(len(one.likes) for one in truth), sum(len(one.comments) for one in truth)
        assert item["counts"] == {"members": len(tasks), "published": published, "likes": likes, "comments": comments}
        assert published >= 1 and likes >= 1 and comments >= 1
        assert (len(said(town, "liked")), len(said(town, "commented"))) == (likes, comments)
        parts = shown(client, f"/{item['corp']}/{moment_id}")["parts"]
        assert len(parts) == len(tasks) and sum(part["published"] for part in parts) == published
        assert read(town, client) == {"moments": 1, "new": 0, "changed": 0, "gone": 0}

    def test_a_like_taken_back_goes_and_the_log_keeps_it(self, town: Scene, client: TestClient) -> None:
        userid = town.place.busiest()
        moment_id = town.place.post("acts", act="post_moment", userid=userid, text="下班啦")["moment_id"]
        answered(town, moment_id, userid, town.place.customers_of(userid)[0], "like")
        town.place.post("step", seconds=2)
        town.sync()
        likes = shown(client)["items"][0]["counts"]["likes"]
        taken_back(town, moment_id)
        assert read(town, client)["changed"] == 1
        assert shown(client)["items"][0]["counts"]["likes"] == 0 and len(said(town, "liked")) == likes >= 1

    def test_a_deleted_one_keeps_its_row(self, town: Scene, client: TestClient) -> None:
        kept, gone = made(town, NewMoment("留下的")), made(town, NewMoment("删掉的"))
        town.sync()
        deleted(town, gone)
        assert read(town, client)["gone"] == 1
        assert {item["moment_id"]: item["gone_at"] is None for item in shown(client)["items"]} == {kept: True, gone: False}
        assert read(town, client)["gone"] == 0

    def test_after_two_weeks_nobody_is_asked_any_more(self, town: Scene, client: TestClient) -> None:
        moment_id = made(town, NewMoment("旧的"))
        town.sync()
        read(town, client, later=15 * DAY)
        town.place.fault("code", "externalcontact/get_moment_task", count=None, code=40058)
        assert read(town, client) == {"moments": 1, "new": 0, "changed": 0, "gone": 0}
        (row,) = town.ask(f"select settled from corp_moments where moment_id = '{moment_id}'")
        assert row.settled


class TestByMembers:
    def test_a_members_own_post_has_one_part_and_only_those_who_see_him_see_it(self, town: Scene, client: TestClient) -> None:
        userid = town.place.busiest()
        other = next(member for member in town.place.client.follow_users() if member != userid)
        mine, theirs = (town.place.post("acts", act="post_moment", userid=who, text=who)["moment_id"] for who in (userid, other))
        town.sync()
        items = {item["moment_id"]: item for item in shown(client, by="member")["items"]}
        assert items.keys() == {mine, theirs} and shown(client, by="corp")["items"] == []
        assert items[mine]["creator"] and items[mine]["counts"]["members"] == items[mine]["counts"]["published"] == 1
        with town.database.transaction(town.tenant, SYSTEM) as tx:
            staff_id = town.ask(f"select id from staff where userid = '{other}'")[0].id
            actor = replace(tx, actor=Actor("user", None, "某人", "guide", frozenset(), Scope("own", staff_id)))
            assert [one.heading.moment_id for one in service.page(actor, by_member=None, before=None, limit=9)] == [theirs]
        answer = client.get(f"/api/moments/{town.corp.id}/none")
        assert (answer.status_code, answer.json()["code"]) == (404, "moment.not_found")

    def test_half_a_year_is_read_the_first_time_in_pages(self, town: Scene, client: TestClient) -> None:
        userid = town.place.busiest()
        for number in range(23):
            town.place.post("acts", act="post_moment", userid=userid, text=str(number))
            town.place.post("step", seconds=4 * DAY if number < 10 else 60)
        town.place.fault("code", "externalcontact/get_moment_comments", count=1, probability=0.2, code=45009)
        town.sync()
        for _ in range(2):
            town.later(600)
        paged: list[Any] = []
        cursor: dict[str, str] = {}
        while not paged or cursor:
            page = shown(client, limit=10, **cursor)
            paged += page["items"]
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
        assert [item["text"] for item in paged] == [str(number) for number in reversed(range(23))]
