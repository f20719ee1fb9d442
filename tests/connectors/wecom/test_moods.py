"""How the town's people bear messages: pressure of all channels, mutes, complaints, deletions, hours."""

import math
from pathlib import Path
from statistics import fmean

import pytest

from siyu.connectors.wecom import NewMoment, ServiceReply
from siyu.connectors.wecom.sandbox import Limits
from siyu.connectors.wecom.sandbox.clock import epoch
from siyu.connectors.wecom.sandbox.draws import Draws
from siyu.connectors.wecom.sandbox.town.habits import NOTHING, Habits, Rates, Reaction, shifted
from siyu.connectors.wecom.sandbox.town.moods import CONTENT, Mood
from siyu.connectors.wecom.sandbox.town.scenario import CustomerHabits, Fatigue, Scenario
from tests.connectors.wecom.asking import a_service_chat
from tests.connectors.wecom.conftest import START, Build, Place
from tests.connectors.wecom.neighbours import Neighbour
from tests.connectors.wecom.test_pushes import listening

DAY = 86_400
NOON = epoch("2026-03-02T12:00:00+08:00")
RATES = Rates(open_rate=0.4, order_rate=0.3, reply_rate=0.1, delete_rate=0.05)
PEOPLE = 4000
SOON = {"annoyed_median_minutes": 1, "tolerance_sigma": 0}
CALM = {"open_rate": 0.5, "reply_rate": 0, "delete_rate": 0, "orders_per_month": 0, "delete_median_minutes": 1, "open_median_minutes": 1, "open_sigma": 0}


def reactions(scenario: Scenario, *, mood: Mood = CONTENT, at: float = NOON) -> list[Reaction]:
    habits = Habits(scenario, Draws(5))
    return [habits.reacts(f"wm{n}", 0, RATES, at=at, mood=mood) for n in range(PEOPLE)]


def share(found: list[Reaction], name: str) -> float:
    return fmean(getattr(reaction, name) is not None for reaction in found)


def about(rate: float) -> object:
    """Within four standard errors; the seed is fixed, so it never flickers."""
    return pytest.approx(rate, abs=4 * math.sqrt(rate * (1 - rate) / PEOPLE) + 1e-9)


class TestReactions:
    def test_load_lowers_the_odds_of_opening_and_ordering(self) -> None:
        fatigue = Fatigue(tolerance=5, open_decline=0.7, order_decline=0.5)
        tired = reactions(Scenario(fatigue=fatigue), mood=Mood(load=0.9))
        opens = shifted(0.4, math.exp(-0.7 * 0.9))
        assert share(tired, "open") == about(opens)
        assert share(tired, "order") == about(opens * shifted(0.3, math.exp(-0.5 * 0.9)))

    def test_beyond_the_tolerance_people_mute_complain_and_delete_in_proportion(self) -> None:
        fatigue = Fatigue(tolerance=5, mute_rate=0.1, complain_rate=0.04, delete_rate=0.06)
        for load, excess in ((0.99, 0), (2.0, 1), (4.0, 3)):
            found = reactions(Scenario(fatigue=fatigue), mood=Mood(load=load))
            assert share(found, "mute") == about(0.1 * excess)
            assert share(found, "complain") == about(0.04 * excess)
            assert share(found, "delete") == about(1 - 0.95 * (1 - 0.06 * excess))

    def test_who_has_muted_does_nothing(self) -> None:
        assert set(reactions(Scenario(), mood=Mood(load=9, muted=True))) == {NOTHING}
        assert Habits(Scenario(), Draws(5)).likes_moment("wm1", 0, Mood(muted=True)) == {}

    def test_the_hour_of_the_towns_zone_counts(self) -> None:
        factors = tuple(3.0 if hour == 12 else 0.5 for hour in range(24))
        scenario = Scenario(customer=CustomerHabits(hour_factors=factors))
        assert share(reactions(scenario), "open") == about(shifted(0.4, 3.0))
        assert share(reactions(scenario, at=NOON + 3600), "open") == about(shifted(0.4, 0.5))

    def test_the_active_open_more_and_all_in_all_it_is_the_same(self) -> None:
        habits = Habits(Scenario(customer=CustomerHabits(activity_sigma=0.5)), Draws(5))
        activity = [habits.activity(f"wm{n}") for n in range(PEOPLE)]
        assert fmean(activity) == pytest.approx(1, abs=4 * math.sqrt((math.exp(0.25) - 1) / PEOPLE))
        found = [habits.reacts(f"wm{n}", 0, RATES, at=NOON) for n in range(PEOPLE)]
        eager = [reaction for reaction, factor in zip(found, activity, strict=True) if factor > 1.3]
        idle = [reaction for reaction, factor in zip(found, activity, strict=True) if factor < 0.7]
        assert share(eager, "open") > share(found, "open") > share(idle, "open")

    @pytest.mark.parametrize(
        "changed",
        [
            Scenario(fatigue=Fatigue(tolerance=5, mute_rate=0.5, complain_rate=0.5)),
            Scenario(fatigue=Fatigue(tolerance=9, delete_rate=0.001)),
            Scenario(customer=CustomerHabits(refuse_handover_rate=0.9, moment_like_rate=0.9)),
        ],
    )
    def test_another_habit_changes_no_other(self, changed: Scenario) -> None:
        before = reactions(Scenario(fatigue=Fatigue(tolerance=5)), mood=Mood(load=1.5))
        after = reactions(changed, mood=Mood(load=1.5))
        assert [(one.open, one.order, one.reply) for one in before] == [(one.open, one.order, one.reply) for one in after]

    def test_odds(self) -> None:
        assert [shifted(0.35, 1), shifted(1.0, 0.1), shifted(0.0, 9)] == [0.35, 1.0, 0.0]
        assert shifted(0.5, 3) == 0.75


def pressure(place: Place, customer: str) -> float:
    with place.sandbox.books.read() as db:
        row = db.execute("select pressure from mood where external_userid = ?", (customer,)).fetchone()
    return float(row["pressure"]) if row else 0.0


class TestPressure:
    def test_messages_of_all_channels_add_up_and_fade(self, build: Build) -> None:
        fatigue = {"tolerance": 100, "half_life_days": 2, "welcome_weight": 0.5, "moment_weight": 0.25, "service_weight": 0.125}
        place = build(scenario={"customer": CALM, "fatigue": fatigue, "staff": {"confirm_rate": 0.0}})
        template = place.template()
        customer = template.external_userids[0]
        place.post("acts", act="customer_deletes", userid=template.sender, external_userid=customer)
        place.post("acts", act="add", userid=template.sender, external_userid=customer)
        place.client.send_welcome(place.get("books/welcomes")[0]["code"], "欢迎光临")
        assert pressure(place, customer) == 0.5
        chat = a_service_chat(place)
        assert chat["external_userid"] == customer
        place.client.send_service_message(chat["open_kfid"], customer, ServiceReply.text("你好"))
        assert pressure(place, customer) == 0.625
        place.client.add_moment(NewMoment("新品", senders=(template.sender,)))
        place.post("step", seconds=2)
        place.post("publish")
        assert pressure(place, customer) == pytest.approx(0.875, abs=1e-4)
        place.post("clock", business="2026-03-04T02:00:02+00:00")
        place.client.add_msg_template(template)
        place.post("confirm")
        assert pressure(place, customer) == pytest.approx(0.875 / 2 + 1, abs=1e-4)

    def test_messages_of_other_brands_press_like_ours(self, build: Build) -> None:
        loads = []
        for others in (0, 14):
            place = build(scenario={"fatigue": {"tolerance": 10, "tolerance_sigma": 0, "half_life_days": 2, "others_per_week": others}})
            with place.sandbox.books.write() as db:
                loads.append(place.sandbox.town.moods.now(db, "wm1", NOON).load)
            place.sandbox.stop()
            place.sandbox.wait()
        assert loads == [0, pytest.approx(2 * 2 / math.log(2) / 10)]

    def test_where_nobody_tires_nothing_is_noted(self, place: Place) -> None:
        for _ in range(5):
            place.client.add_msg_template(place.template())
            place.post("confirm")
        with place.sandbox.books.read() as db:
            assert db.execute("select count(*) from mood").fetchone()[0] == 0


class TestTired:
    def send(self, place: Place) -> tuple[str, ...]:
        """A link to all customers of the busiest member, at once; those who are reached."""
        template = place.template("看 https://brand.example/x")
        place.client.add_msg_template(template)
        place.post("confirm")
        return template.external_userids

    def opened(self, place: Place) -> int:
        return int(place.get("books/summary")["link_openings"])

    def test_who_mutes_opens_nothing_until_it_is_over(self, build: Build) -> None:
        fatigue = {"tolerance": 0.5, "mute_rate": 1, "complain_rate": 0, "delete_rate": 0, "mute_days": 10, "open_decline": 0, "half_life_days": 1, **SOON}
        place = build(scenario={"customer": {**CALM, "open_rate": 1}, "fatigue": fatigue}, limits=Limits(group_send_rule="off"))
        people = self.send(place)
        place.post("step", seconds=3600)
        assert self.opened(place) == len(people) and place.get("books/mutes") == []
        self.send(place)
        place.post("step", seconds=DAY)
        mutes = place.get("books/mutes")
        assert sorted(mute["external_userid"] for mute in mutes) == sorted(people)
        opened = self.opened(place)
        self.send(place)
        place.post("step", seconds=5 * DAY)
        assert self.opened(place) == opened
        place.post("step", seconds=5 * DAY)
        self.send(place)
        place.post("step", seconds=DAY)
        assert self.opened(place) == opened + len(people)

    def test_a_complaint_stands_in_the_books_and_in_the_chat(self, build: Build, other: Neighbour) -> None:
        fatigue = {"tolerance": 0.5, "mute_rate": 0, "complain_rate": 1, "delete_rate": 0, **SOON}
        place = build(scenario={"customer": CALM, "fatigue": fatigue, "staff": {"answer_rate": 1}})
        receiver = listening(place, other)
        people = self.send(place)
        self.send(place)
        place.post("step", seconds=3 * DAY)
        complaints = place.get("books/complaints")
        assert sorted(complaint["external_userid"] for complaint in complaints) == sorted(people)
        with place.sandbox.books.read() as db:
            said = db.execute("select external_userid, text, answered_at from reply").fetchall()
        assert sorted(row["external_userid"] for row in said) == sorted(people) and all(row["answered_at"] for row in said)
        assert receiver.events == [], "the platform tells no app of complaints"

    def test_a_deletion_calls_back(self, build: Build, other: Neighbour) -> None:
        fatigue = {"tolerance": 0.5, "mute_rate": 0, "complain_rate": 0, "delete_rate": 1, **SOON}
        place = build(scenario={"customer": CALM, "fatigue": fatigue})
        receiver = listening(place, other)
        people = self.send(place)
        self.send(place)
        place.post("step", seconds=3 * DAY)
        assert {event.route for event in receiver.events} == {("change_external_contact", "del_follow_user")}
        assert sorted(event.text("ExternalUserID") for event in receiver.events) == sorted(people)

    @pytest.mark.parametrize(("stays", "orders"), [(0, False), (1, True)])
    def test_the_estranged_order_less_of_their_own_accord(self, build: Build, stays: float, orders: bool) -> None:
        fatigue = {"tolerance": 0.5, "mute_rate": 0, "complain_rate": 0, "delete_rate": 1, "estranged_order_rate": stays, **SOON}
        place = build(scenario={"second_guide_rate": 0, "customer": {**CALM, "open_rate": 0, "orders_per_month": 10}, "fatigue": fatigue})
        people = set(self.send(place))
        self.send(place)
        place.post("step", seconds=DAY)
        before = {row["order_no"] for row in place.get("books/orders")}
        place.post("step", seconds=20 * DAY)
        bought = {row["external_userid"] for row in place.get("books/orders") if row["order_no"] not in before}
        assert bool(bought & people) is orders and bought - people


class TestWeeks:
    @pytest.mark.parametrize("seed", [3, 11])
    def test_they_add_up_to_the_summary(self, build: Build, other: Neighbour, tmp_path: Path, seed: int) -> None:
        """In a town that has lived, whose shop told its orders to somebody who took some of them."""
        place = build(seed=seed, home=tmp_path / str(seed), scenario={"customer": {"order_rate": 0.8, "orders_per_month": 6}, "shop": {"refund_rate": 0.3}})
        other.answer = lambda heard: (409 if heard.path == "/orders" and len(other.heard) % 3 == 0 else 201, b"")
        place.post("shop", url=f"{other.url}/orders", key="shop-key")
        for text in ("新品 http://127.0.0.1:9/a", "再看看 http://127.0.0.1:9/b"):
            for sender in place.client.follow_users():
                if place.customers_of(sender):
                    place.client.add_msg_template(place.template(text, sender=sender))
            place.post("step", seconds=10 * DAY, coalesce=3600)
        customer = place.get("books/sends")[0]["recipients"][0]["external_userid"]
        place.post("orders", external_userid=customer)
        weeks, summary = place.get("books/weeks"), place.get("books/summary")
        together = {name: sum(week[name] for week in weeks) for name in ("delivered", "opened", "orders", "orders_caused")}
        assert together == {
            "delivered": summary["sent"],
            "opened": summary["link_openings"],
            "orders": summary["orders"],
            "orders_caused": summary["orders_caused"],
        }
        assert summary["orders"] == len(place.get("books/orders")) > summary["orders_told"] > 0
        assert summary["orders"] > summary["orders_caused"] > 0 and min(together.values()) > 0
        assert summary["refunds"] >= summary["refunds_told"] > 0

    def test_each_week_counts_what_happened_in_it(self, build: Build) -> None:
        place = build(scenario={"customer": {**CALM, "open_rate": 1}, "staff": {"confirm_rate": 0.0}})
        tired = TestTired()
        people = tired.send(place)
        place.post("step", seconds=8 * DAY)
        place.post("acts", act="customer_deletes", userid=place.busiest(), external_userid=people[0])
        first, second = place.get("books/weeks")
        assert first["begins"] == START and (first["delivered"], first["opened"], first["deleted"]) == (len(people), len(people), 0)
        assert (second["delivered"], second["opened"], second["deleted"]) == (0, 0, 1)
