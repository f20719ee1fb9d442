"""Tagging everybody whom a filter chooses: what the preview counts is what is planned, in each account's scope, refusals with their reason."""

from collections import Counter
from collections.abc import Iterator

import pytest

from siyu.act.markings import model, service
from siyu.infra.tx import SYSTEM
from siyu.understand.customers import Filter
from tests.crowd import Crowd, Person, sql

REASONS = {True: "ended", False: "no_relation"}


@pytest.fixture
def tagged(crowd: Crowd) -> Iterator[Crowd]:
    """Every third relation bears the tag already."""
    with crowd.database.transaction(crowd.tenant, SYSTEM) as tx:
        corp = tx.execute("select id from corps where tenant_id = :tenant_id").scalar_one()
        tx.execute("insert into tag_groups (tenant_id, corp_id, id, name, place) values (:tenant_id, :corp, 'segment', '等级', 1)", {"corp": corp})
        tx.execute("insert into tags (tenant_id, corp_id, id, group_id, name, place) values (:tenant_id, :corp, 'gold', 'segment', '金', 1)", {"corp": corp})
        tx.execute("update contacts set tags = '[\"gold\"]' where tenant_id = :tenant_id and substr(id::text, 1, 1) in ('0', '3', '6', '9', 'c')")
    yield crowd
    sql(crowd.database, "update contacts set tags = '[]' where tenant_id = :tenant", tenant=crowd.tenant)
    for table in ("tags", "tag_groups"):
        sql(crowd.database, f"delete from {table} where tenant_id = :tenant", tenant=crowd.tenant)


def own(crowd: Crowd, person: Person, login: str) -> list[str]:
    """How the relations of a customer to members in an account's scope stand."""
    mine = crowd.scopes[login]
    return [relation for member, relation in person.relations if mine is None or member in mine]


class TestFilter:
    @pytest.mark.parametrize("login", ["operator", "supervisor", "guide"])
    def test_what_the_preview_counts_is_planned(self, tagged: Crowd, login: str) -> None:
        wish = service.Wish(["gold"], [], None, Filter(), None)
        with tagged.acting(login) as tx:
            seen = service.preview(tx, wish)
            marking, _ = service.ask(tx, wish)
            counts = service.counts(tx, [marking.id])[marking.id]
            rows = tx.execute(
                "select state, reason, contact_id from marked_relations where tenant_id = :tenant_id and marking_id = :id", {"id": marking.id}
            ).all()
            steps = service.take(tx, marking.id, 1_000)
            settled = service.counts(tx, [marking.id])[marking.id]
        people = tagged.seen(login)
        active = [relation for person in people for relation in own(tagged, person, login) if relation == "active"]
        assert seen.customers == len(people) and counts["planned"] == len(active) == seen.changing + seen.unchanged
        without = [person for person in people if "active" not in own(tagged, person, login)]
        assert Counter(row.reason for row in rows if row.reason) == Counter(REASONS[bool(own(tagged, person, login))] for person in without) == seen.refused
        assert len({row.contact_id for row in rows if row.state == "planned"}) == len(active)
        assert (len(steps), settled.get("unchanged", 0)) == (seen.changing, seen.unchanged) and seen.changing and seen.unchanged

    def test_more_than_one_marking_takes_is_refused(self, tagged: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(model, "MOST", len(tagged.people) - 1)
        answer = tagged.client("operator").post("/api/markings/preview", json={"add": ["gold"], "filter": {}})
        assert (answer.status_code, answer.json()["code"]) == (409, "marking.too_many")
