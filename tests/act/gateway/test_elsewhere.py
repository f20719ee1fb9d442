"""What others send to the same customers counts in the weekly cap, against the sandbox over HTTP."""

from collections import Counter
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from siyu.act import gateway
from siyu.app.worker import Worker
from siyu.kernel.ids import CustomerId
from siyu.observe.sends.wiring import capability as sends_wiring
from tests.act.gateway.conftest import WIRED, House

pytestmark = pytest.mark.slow
ELSEWHERE = "skipped: recently_reached_elsewhere"


@pytest.fixture
def town(house: House) -> House:
    """The house, where sends made elsewhere are read back too."""
    house.worker = Worker(house.database, (*WIRED, sends_wiring))
    return house


def guides(town: House) -> dict[str, str]:
    """The member of each customer, by external_userid."""
    return {person["external_userid"]: person["guide"] for person in town.place.get("books/people")}


def known(town: House) -> dict[str, CustomerId]:
    """Our customers by external_userid."""
    with town.tx() as tx:
        rows = tx.execute("select c.external_userid, i.customer_id from contacts c join identities i on i.id = c.identity_id where c.tenant_id = :tenant_id")
        return {row.external_userid: CustomerId(row.customer_id) for row in rows}


def by_hand(town: House, receivers: list[str]) -> str:
    """A member sends to customers of his own from the client; the msgid."""
    msgid: str = town.place.post("sends", userid=guides(town)[receivers[0]], external_userids=receivers)["msgid"]
    return msgid


def read_back(town: House) -> None:
    town.wait(seconds=2)
    town.work("sends.sync_all")


def reached(town: House, msgid: str) -> list[str]:
    """Who got it, in the platform's own books."""
    send = next(send for send in town.sends() if send["msgid"] == msgid)
    return [one["external_userid"] for one in send["recipients"] if one["status"] == 1]


class TestByMembers:
    def test_whoever_was_reached_is_left_out_with_the_reason_in_the_dry_run_and_in_the_result(self, town: House) -> None:
        people = town.customers()
        first = min(guides(town).values())
        receivers = [external for external, guide in guides(town).items() if guide == first]
        got = reached(town, by_hand(town, receivers))
        assert got
        read_back(town)
        with town.tx() as tx:
            asked = gateway.action(
                campaign=UUID(int=9),
                purpose="promotion",
                text="新品",
                not_before=tx.now,
                expires_at=tx.now + timedelta(days=1),
                salt="s",
                approved=True,
            )
            seen = gateway.preview(tx, asked, people)
        assert (seen.allowed, seen.refused) == (len(people) - len(got), {"recently_reached_elsewhere": len(got)})
        assert town.tally(town.ask(people, campaign=1)) == {"task": len(people) - len(got), ELSEWHERE: len(got)}
        assert set(town.standing()) - set(receivers) == set(guides(town)) - set(receivers)

    def test_service_and_a_pulse_are_not_stopped_and_the_next_week_is_a_new_one(self, town: House) -> None:
        people = town.customers()
        got = reached(town, by_hand(town, [min(guides(town))]))
        read_back(town)
        assert town.tally(town.ask(people, campaign=1, purpose="service")) == {"task": len(people)}
        assert town.tally(town.ask(people, campaign=2, lifts_cap=True, not_before=town.clock.at)) == {"task": len(people)}
        assert town.tally(town.ask([known(town)[got[0]]], campaign=3)) == {"skipped: frequency_cap": 1}  # the pulse itself counts
        town.place.post("confirm")
        town.work("gateway.follow_up")
        town.wait(days=7)
        assert town.tally(town.ask(people, campaign=4)) == {"task": len(people)}


class TestByApps:
    def test_what_waits_does_not_count_and_what_was_confirmed_does(self, town: House) -> None:
        sender = town.place.busiest()
        made = town.place.client.add_msg_template(town.place.template("另一个系统发的", sender=sender))
        town.wait(hours=3)
        read_back(town)
        people = known(town)
        mine = [people[external] for external in town.place.customers_of(sender)]
        town.place.post("confirm", msgid=made.msgid)
        assert town.tally(town.ask(mine, campaign=1)) == {"task": len(mine)}  # not read back yet
        with town.tx() as tx:
            gateway.stop(tx, UUID(int=1))
        town.work("gateway.follow_up", "gateway.follow_up")
        read_back(town)
        got = {people[external] for external in reached(town, made.msgid)}
        assert got
        found = town.tally(town.ask(mine, campaign=2))
        assert found[ELSEWHERE] == len(got)

    def test_our_own_are_counted_once(self, town: House) -> None:
        people = town.customers()
        with town.tx() as tx:
            gateway.set_policy(tx, gateway.Policy(promotions_a_week=2, call_size=5, poll_seconds=0, close_after_seconds=0, start_within_seconds=30))
        first = town.ask(people, campaign=1)
        town.place.post("confirm")
        town.work("gateway.follow_up", "gateway.tick")
        sent = town.tally(first)["sent"]
        town.wait(hours=3)
        read_back(town)
        assert town.tally(town.ask(people, campaign=2)) == {"task": len(people)} and sent == len(people)


@pytest.mark.parametrize(("seed", "cap"), [(1, 1), (2, 2), (3, 3)])
def test_ours_and_others_together_keep_the_cap(town: House, seed: int, cap: int) -> None:
    chance = Random(seed)
    with town.tx() as tx:
        gateway.set_policy(tx, gateway.Policy(promotions_a_week=cap, call_size=5, poll_seconds=0, close_after_seconds=0, start_within_seconds=30))
    people, members = known(town), guides(town)
    others: Counter[CustomerId] = Counter()
    ours: Counter[CustomerId] = Counter()
    for campaign in range(1, 5):
        for guide in chance.sample(sorted(set(members.values())), 3):
            own = sorted(external for external, member in members.items() if member == guide)
            got = reached(town, by_hand(town, chance.sample(own, chance.randint(1, len(own)))))
            others.update(people[external] for external in got)
        read_back(town)
        expected = {
            person: "frequency_cap" if ours[person] >= cap else "recently_reached_elsewhere"
            for person in people.values()
            if ours[person] + others[person] >= cap
        }
        asked = town.ask(sorted(people.values()), campaign=campaign, expires_at=town.clock.at + timedelta(hours=3))
        with town.tx() as tx:
            rows = gateway.people(tx, asked, limit=1_000)
        assert {row.customer_id: row.reason for row in rows if row.state == "skipped"} == expected
        town.place.post("confirm")
        town.work("gateway.follow_up", "gateway.tick")
        with town.tx() as tx:
            ours.update(row.customer_id for row in gateway.people(tx, asked, limit=1_000) if row.state == "sent")
        town.wait(hours=1)
    assert len(ours) > len(people) / 3 and all(count <= cap for count in ours.values())
