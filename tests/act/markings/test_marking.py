"""Tagging customers over HTTP against the sandbox: WeCom first, ours with its yes, its no in words; exclusive groups; what others do meanwhile."""

from collections.abc import Sequence
from typing import Any

from siyu.access import accounts
from siyu.connectors.wecom import CorpTagGroup
from siyu.infra.tx import SYSTEM
from tests.crowd import PASSWORD, Crowd
from tests.observe.contacts.scene import Scene, receiver
from tests.observe.contacts.test_sandbox import body, push
from tests.observe.operator import TestClient

Pair = tuple[str, str]


def groups(town: Scene) -> list[CorpTagGroup]:
    """Groups of several tags."""
    return [group for group in town.place.client.corp_tags() if len(group.tags) > 1]


def ids(town: Scene, pair: Pair) -> tuple[str, str]:
    """Our customer and member of a pair."""
    (row,) = town.ask(
        "select i.customer_id, c.staff_id from contacts c join identities i on i.id = c.identity_id join staff s on s.id = c.staff_id "
        f"where s.userid = '{pair[0]}' and c.external_userid = '{pair[1]}'"
    )
    return str(row.customer_id), str(row.staff_id)


def truth(town: Scene, pair: Pair) -> set[str]:
    """The tags of a pair in the platform's books."""
    follows = town.place.client.contact(pair[1]).follows
    return {tag.tag_id for follow in follows if follow.userid == pair[0] for tag in follow.tags if tag.tag_id}


def ours(town: Scene, pair: Pair) -> set[str]:
    (row,) = town.ask(f"select c.tags from contacts c join staff s on s.id = c.staff_id where s.userid = '{pair[0]}' and c.external_userid = '{pair[1]}'")
    return set(row.tags)


def shared(town: Scene) -> tuple[Pair, Pair]:
    """One customer whom two members have."""
    pair = town.pairs()[0]
    other = next(userid for userid, _ in town.pairs() if (userid, pair[1]) not in town.truth())
    town.act("add", other, pair[1])
    town.sync()
    return pair, (other, pair[1])


def asked(town: Scene, client: TestClient, *pairs: Pair, add: Sequence[str] = (), remove: Sequence[str] = (), **more: Any) -> str:
    """A marking of these pairs' customers that was asked for."""
    wish = {"add": list(add), "remove": list(remove), "customer_ids": [ids(town, pair)[0] for pair in pairs], **more}
    answer = client.post("/api/markings", json=wish)
    assert answer.status_code == 202, answer.text
    id: str = answer.json()["id"]
    return id


def marked(town: Scene, client: TestClient, *pairs: Pair, **wish: Any) -> dict[str, Any]:
    """What became of it, once the job is over."""
    id = asked(town, client, *pairs, **wish)
    town.worker.drain()
    return outcome(client, id)


def outcome(client: TestClient, id: str) -> dict[str, Any]:
    counts: dict[str, Any] = client.get(f"/api/markings/{id}").json()["counts"]
    return counts


def rows(client: TestClient, id: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(f"/api/markings/{id}/relations").json()["items"]
    return items


def refused(client: TestClient, **wish: Any) -> tuple[int, str]:
    answer = client.post("/api/markings", json=wish)
    return answer.status_code, answer.json()["code"]


class TestOneCustomer:
    def test_tags_go_on_and_off_there_and_here(self, town: Scene, client: TestClient) -> None:
        pair, group = town.pairs()[0], groups(town)[0]
        held = truth(town, pair)
        new = next(tag.id for tag in group.tags if tag.id not in held)
        assert marked(town, client, pair, add=[new], remove=sorted(held)) == {"done": 1}
        assert truth(town, pair) == {new} == ours(town, pair)
        page = client.get(f"/api/customers/{ids(town, pair)[0]}").json()
        assert {tag["id"] for relation in page["relations"] for tag in relation["tags"]} >= {new}
        (entry,) = town.ask("select subject, detail from audit_entries where act = 'marking.asked'")
        assert entry.subject.startswith("marking:") and entry.detail["customers"] == 1

    def test_asking_again_calls_nobody_and_changes_nothing(self, town: Scene, client: TestClient) -> None:
        pair, tag = town.pairs()[0], groups(town)[0].tags[0].id
        marked(town, client, pair, add=[tag])
        before = town.ask("select id, xmin::text from contacts where tenant_id = :tenant_id order by id")
        town.place.fault("code", "externalcontact/mark_tag", count=None, code=84061)  # would be refused, were it called
        assert marked(town, client, pair, add=[tag]) == {"unchanged": 1}
        assert town.ask("select id, xmin::text from contacts where tenant_id = :tenant_id order by id") == before

    def test_one_relation_or_all_of_them(self, town: Scene, client: TestClient) -> None:
        one, other = shared(town)
        first, second = (tag.id for tag in groups(town)[0].tags[:2])
        marked(town, client, one, add=[first], remove=[second])
        assert first in truth(town, one) & truth(town, other)
        only = ids(town, other)[1]
        marked(town, client, one, add=[second], staff_id=only)
        assert second in truth(town, other) and second not in truth(town, one)
        assert ours(town, other) == truth(town, other) and ours(town, one) == truth(town, one)

    def test_a_relation_that_ended_is_refused_in_words(self, town: Scene, client: TestClient) -> None:
        one, other = shared(town)
        town.act("staff_deletes", *one)
        town.sync()
        tag = next(tag.id for tag in groups(town)[0].tags if tag.id not in truth(town, other))
        customer, member = ids(town, one)
        assert refused(client, add=[tag], customer_ids=[customer], staff_id=member) == (409, "marking.relation_ended")
        assert marked(town, client, one, add=[tag]) == {"done": 1} and tag in truth(town, other)
        town.act("staff_deletes", *other)
        town.sync()
        id = asked(town, client, one, add=[tag])
        town.worker.drain()
        assert [(row["state"], row["reason"]) for row in rows(client, id)] == [("refused", "ended")]

    def test_what_ended_after_it_was_asked_for_is_told(self, town: Scene, client: TestClient) -> None:
        pair, tag = town.pairs()[0], groups(town)[0].tags[0].id
        town.place.client.mark_tags(*pair, remove=[tag])
        town.sync()
        town.act("staff_deletes", *pair)  # nobody has told us yet
        id = asked(town, client, pair, add=[tag])
        for _ in range(2):
            town.later(10)
        assert [(row["state"], row["reason"], row["code"]) for row in rows(client, id)] == [("refused", "wecom", 84061)]
        assert town.ours()[pair] == "deleted_by_staff"  # what WeCom refused was read again


class TestMany:
    def test_each_is_counted_and_told(self, town: Scene, client: TestClient) -> None:
        pairs = list({external: (userid, external) for userid, external in town.pairs()}.values())[:8]
        town.act("staff_deletes", *pairs[0])
        town.sync()
        tag = groups(town)[0].tags[0].id
        bearing = {pair for pair in pairs[1:] if tag in truth(town, pair)}
        id = asked(town, client, *pairs, add=[tag])
        town.worker.drain()
        counts = outcome(client, id)
        assert sum(counts.values()) == len(rows(client, id)) >= len(pairs)
        assert counts["refused"] >= 1 and counts.get("unchanged", 0) >= len(bearing)
        assert all(tag in truth(town, pair) for pair in pairs[1:])
        (job,) = town.ask("select state, done, total, failed from jobs where kind = 'markings.mark'")
        assert (job.state, job.done, job.total, job.failed) == ("done", sum(counts.values()), sum(counts.values()), counts["refused"])

    def test_a_lost_answer_and_a_busy_platform_are_tried_again(self, town: Scene, client: TestClient) -> None:
        pairs = list({external: (userid, external) for userid, external in town.pairs()}.values())[:6]
        tag = groups(town)[0].tags[0].id
        town.place.fault("reset_after", "externalcontact/mark_tag", count=1)
        town.place.fault("code", "externalcontact/mark_tag", count=2, code=45009)
        id = asked(town, client, *pairs, add=[tag])
        for _ in range(6):
            town.later(600)
        assert not {"planned", "refused"} & outcome(client, id).keys()
        assert all(tag in truth(town, pair) and tag in ours(town, pair) for pair in pairs)

    def test_a_right_that_is_missing_stops_the_job_and_leaves_the_rest(self, town: Scene, client: TestClient) -> None:
        pair, tag = town.pairs()[0], groups(town)[0].tags[0].id
        town.place.client.mark_tags(*pair, remove=[tag])
        town.sync()
        town.place.fault("forbidden", "externalcontact/mark_tag", count=None)
        id = asked(town, client, pair, add=[tag])
        town.worker.drain()
        (job,) = town.ask("select state, error from jobs where kind = 'markings.mark'")
        assert (job.state, job.error["params"]["code"]) == ("failed", 48002)
        assert outcome(client, id)["planned"] >= 1

    def test_a_filter_of_the_list_means_whom_the_list_shows(self, crowd: Crowd) -> None:
        with crowd.database.transaction(crowd.tenant, SYSTEM) as tx:
            corp = tx.execute("select id from corps where tenant_id = :tenant_id").scalar_one()
            tx.execute("insert into tag_groups (tenant_id, corp_id, id, name, place) values (:tenant_id, :corp, 'g', '等级', 1)", {"corp": corp})
            tx.execute("insert into tags (tenant_id, corp_id, id, group_id, name, place) values (:tenant_id, :corp, 't', 'g', '金', 1)", {"corp": corp})
        for login in ("operator", "guide"):
            listed = crowd.get("/api/customers", login, contact="yes")["total"]
            answer = crowd.client(login).post("/api/markings/preview", json={"add": ["t"], "filter": {"contact": "yes"}})
            assert answer.status_code == 200, answer.text
            seen = answer.json()
            assert seen["customers"] == listed and seen["changing"] > 0


class TestExclusive:
    def test_one_of_the_group_takes_the_others_off_in_the_same_call(self, town: Scene, client: TestClient) -> None:
        pair, group = town.pairs()[0], groups(town)[0]
        first, second = (tag.id for tag in group.tags[:2])
        town.place.client.mark_tags(*pair, add=[first])
        town.sync()
        exclusive(town, client, group.id)
        assert marked(town, client, pair, add=[second], staff_id=ids(town, pair)[1]) == {"done": 1}
        inside = {tag.id for tag in group.tags}
        assert truth(town, pair) & inside == {second} == ours(town, pair) & inside

    def test_two_of_the_group_at_once_are_refused(self, town: Scene, client: TestClient) -> None:
        pair, group = town.pairs()[0], groups(town)[0]
        exclusive(town, client, group.id)
        both = [tag.id for tag in group.tags[:2]]
        assert refused(client, add=both, customer_ids=[ids(town, pair)[0]]) == (409, "marking.tags_exclude_each_other")

    def test_clashes_are_counted_and_listed_and_one_marking_ends_them(self, town: Scene, client: TestClient) -> None:
        group = groups(town)[0]
        first, second = (tag.id for tag in group.tags[:2])
        for userid, external in town.pairs():
            town.place.client.mark_tags(userid, external, remove=[tag.id for tag in group.tags])
        pair = town.pairs()[0]
        town.place.client.mark_tags(*pair, add=[first, second])
        town.sync()
        assert clashes(town, client, group.id) == 0
        exclusive(town, client, group.id)
        assert clashes(town, client, group.id) == 1
        (one,) = client.get(f"/api/tags/{town.corp.id}/{group.id}/clashes").json()["items"]
        assert one["customer"]["id"] == ids(town, pair)[0] and set(one["tags"]) == {tag.name for tag in group.tags[:2]}
        town.sync()  # a reading of the library leaves our rule as it is
        assert clashes(town, client, group.id) == 1
        marked(town, client, pair, add=[first], staff_id=ids(town, pair)[1])
        assert clashes(town, client, group.id) == 0 and second not in truth(town, pair)

    def test_a_clash_made_in_wecom_is_told_by_callback(self, town: Scene, client: TestClient) -> None:
        pair, group = town.pairs()[0], groups(town)[0]
        exclusive(town, client, group.id)
        before = clashes(town, client, group.id)
        held = {tag.id for tag in group.tags} & truth(town, pair)
        assert len(held) < 2
        town.place.post("contacts/tags", userid=pair[0], external_userid=pair[1], add=[tag.id for tag in group.tags])
        with receiver(town.database) as address:
            push(address, town.corp, body("edit_external_contact", *pair))
            for _ in range(2):
                town.later(10)
        assert clashes(town, client, group.id) == before + 1


class TestUndo:
    def test_each_relation_is_as_it_was_and_undoing_can_be_undone(self, town: Scene, client: TestClient) -> None:
        one, other = town.pairs()[:2]
        new = next(tag.id for group in groups(town) for tag in group.tags if tag.id not in truth(town, one) | truth(town, other))
        old = sorted(truth(town, one) | truth(town, other))
        before = {pair: truth(town, pair) for pair in (one, other)}
        id = asked(town, client, one, other, add=[new], remove=old)
        town.worker.drain()
        after = {pair: truth(town, pair) for pair in before}
        assert all(tags == {new} for tags in after.values())
        undone = undo(town, client, id)
        assert {pair: truth(town, pair) for pair in before} == before == {pair: ours(town, pair) for pair in before}
        shown = client.get(f"/api/markings/{undone}").json()
        assert (shown["add"], shown["remove"], shown["undoes"], shown["undone_by"], shown["job_id"]) == (old, [new], id, None, None)
        assert client.get(f"/api/markings/{id}").json()["undone_by"] == undone
        undo(town, client, undone)
        assert {pair: truth(town, pair) for pair in before} == after
        listed = client.get("/api/markings", params={"limit": 2}).json()
        assert [one["undoes"] for one in listed["items"]] == [undone, id]
        rest = client.get("/api/markings", params={"cursor": listed["next_cursor"]}).json()
        assert [one["id"] for one in rest["items"]] == [id] and rest["next_cursor"] is None
        assert {row.act for row in town.ask("select act from audit_entries where act like 'marking.%'")} == {"marking.asked", "marking.undone"}

    def test_what_was_borne_before_stays_and_what_was_changed_since_too(self, town: Scene, client: TestClient) -> None:
        pair, group = town.pairs()[0], max(groups(town), key=lambda one: len(one.tags))
        first, second, third = (tag.id for tag in group.tags[:3])
        borne = next(tag.id for other in groups(town) if other.id != group.id for tag in other.tags)
        town.place.client.mark_tags(*pair, add=[first, borne], remove=[second, third])
        town.sync()
        exclusive(town, client, group.id)
        id = asked(town, client, pair, add=[second, borne], staff_id=ids(town, pair)[1])
        town.worker.drain()
        assert {second, borne} <= truth(town, pair) and first not in truth(town, pair)
        town.place.client.mark_tags(*pair, add=[third], remove=[second])  # by the member, in WeCom
        town.sync()
        undone = undo(town, client, id)
        assert outcome(client, undone) == {"unchanged": 1}
        assert {third, borne} <= truth(town, pair) and not {first, second} & truth(town, pair)

    def test_what_cannot_be_undone_is_told(self, town: Scene, client: TestClient) -> None:
        pair = town.pairs()[0]
        tag = next(tag.id for group in groups(town) for tag in group.tags if tag.id not in truth(town, pair))
        id = asked(town, client, pair, add=[tag])
        assert refusal(client, id) == (409, "marking.under_way")
        town.worker.drain()
        undo(town, client, id)
        assert refusal(client, id) == (409, "marking.undone")
        nothing = asked(town, client, pair, remove=[tag])
        town.worker.drain()
        assert refusal(client, nothing) == (409, "marking.nothing_to_undo")
        assert refusal(client, ids(town, pair)[0]) == (404, "marking.not_found")

    def test_a_relation_that_ended_meanwhile_is_told(self, town: Scene, client: TestClient) -> None:
        one, other = town.pairs()[:2]
        tag = next(tag.id for group in groups(town) for tag in group.tags if tag.id not in truth(town, one) | truth(town, other))
        id = asked(town, client, one, other, add=[tag])
        town.worker.drain()
        town.act("staff_deletes", *one)
        town.sync()
        undone = undo(town, client, id)
        assert outcome(client, undone)["refused"] == 1 and tag not in truth(town, other)

    def test_a_guide_undoes_own_markings_only(self, town: Scene, client: TestClient) -> None:
        one, other = shared(town)
        tag = next(tag.id for group in groups(town) for tag in group.tags if tag.id not in truth(town, one) | truth(town, other))
        id = asked(town, client, one, add=[tag])
        town.worker.drain()
        with town.database.transaction(town.tenant, SYSTEM) as tx:
            member = tx.execute("select id from staff where tenant_id = :tenant_id and userid = :userid", {"userid": one[0]}).scalar_one()
            accounts.add(tx, login="guide", name="导购", role="guide", password=PASSWORD, staff_id=member)
        assert client.post("/api/session", json={"login": "guide", "password": PASSWORD}).status_code == 200
        assert refusal(client, id) == (404, "marking.not_found") and client.get("/api/markings").json()["items"] == []
        own = asked(town, client, one, remove=[tag])
        town.worker.drain()
        assert [row["id"] for row in client.get("/api/markings").json()["items"]] == [own]
        undo(town, client, own)
        assert tag in truth(town, one) & truth(town, other)


class TestRefusals:
    def test_what_cannot_be_is_told_before_anything_is_kept(self, town: Scene, client: TestClient) -> None:
        customer, tag = ids(town, town.pairs()[0])[0], groups(town)[0].tags[0].id
        assert refused(client, customer_ids=[customer]) == (422, "marking.bad")
        assert refused(client, add=["et-none"], customer_ids=[customer]) == (422, "marking.bad")
        assert refused(client, add=[tag], remove=[tag], customer_ids=[customer]) == (422, "marking.bad")
        assert refused(client, add=[tag], customer_ids=[]) == (422, "marking.bad")
        assert refused(client, add=[tag])[0] == 422
        assert not town.ask("select id from markings")

    def test_a_repeat_with_the_same_key_is_one_marking(self, town: Scene, client: TestClient) -> None:
        wish = {"add": [groups(town)[0].tags[0].id], "customer_ids": [ids(town, town.pairs()[0])[0]]}
        answers = [client.post("/api/markings", json=wish, headers={"idempotency-key": "one"}).json() for _ in range(2)]
        assert answers[0] == answers[1] and len(town.ask("select id from markings")) == 1

    def test_a_guide_marks_own_relations_only(self, town: Scene, client: TestClient) -> None:
        one, other = shared(town)
        with town.database.transaction(town.tenant, SYSTEM) as tx:
            member = tx.execute("select id from staff where tenant_id = :tenant_id and userid = :userid", {"userid": one[0]}).scalar_one()
            accounts.add(tx, login="guide", name="导购", role="guide", password=PASSWORD, staff_id=member)
        tag = groups(town)[0].tags[0].id
        for pair in (one, other):
            town.place.client.mark_tags(*pair, remove=[tag])
        town.sync()
        foreign = next(pair for pair in town.pairs() if pair[0] != one[0] and (one[0], pair[1]) not in town.truth())
        assert client.post("/api/session", json={"login": "guide", "password": PASSWORD}).status_code == 200
        id = asked(town, client, one, foreign, add=[tag])
        town.worker.drain()
        assert tag in truth(town, one) and tag not in truth(town, other)
        assert [(row["state"], row["reason"]) for row in rows(client, id) if row["state"] == "refused"] == [("refused", "not_found")]
        assert all(row["customer"] is None for row in rows(client, id) if row["reason"] == "not_found")


def undo(town: Scene, client: TestClient, id: str) -> str:
    """The marking that took another one back, once its job is over."""
    answer = client.post(f"/api/markings/{id}/undo")
    assert answer.status_code == 202, answer.text
    town.worker.drain()
    made: str = answer.json()["id"]
    return made


def refusal(client: TestClient, id: str) -> tuple[int, str]:
    answer = client.post(f"/api/markings/{id}/undo")
    return answer.status_code, answer.json()["code"]


def exclusive(town: Scene, client: TestClient, group: str) -> None:
    assert client.put(f"/api/tags/{town.corp.id}/{group}/exclusive", json={"on": True}).status_code == 204


def clashes(town: Scene, client: TestClient, group: str) -> int:
    (library,) = client.get("/api/tags").json()
    count: int = next(one["clashes"] for one in library["groups"] if one["id"] == group)
    return count
