"""The town: the same seed is the same town, its rates are the ones given, its books tell the truth."""

import json
import math
from pathlib import Path
from time import sleep as pause
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from siyu.connectors.wecom import ContactWay, LinkAttachment, MsgTemplate, NewMoment
from siyu.connectors.wecom.sandbox import Limits
from siyu.connectors.wecom.sandbox.clock import Clock, epoch, iso
from siyu.connectors.wecom.sandbox.draws import Draws, Weighted
from siyu.connectors.wecom.sandbox.town.allowance import allowance
from siyu.connectors.wecom.sandbox.town.catalogue import Catalogue, find_data
from siyu.connectors.wecom.sandbox.town.habits import Habits, Rates
from siyu.connectors.wecom.sandbox.town.population import BadPopulation, Person, load, write
from siyu.connectors.wecom.sandbox.town.scenario import Scenario
from tests.connectors.wecom.conftest import START, Build, Place
from tests.connectors.wecom.ledgers import books
from tests.connectors.wecom.neighbours import Neighbour

DAY = 86_400


def a_link(place: Place, other: Neighbour, *, share: float = 1.0) -> list[str]:
    """Ask every member to send one tracked link to their customers; the customers that are asked for."""
    asked: list[str] = []
    for userid in place.client.follow_users():
        customers = place.customers_of(userid)
        chosen = customers[: math.ceil(len(customers) * share)]
        if chosen:
            place.client.add_msg_template(MsgTemplate(userid, chosen, "新品到店", (LinkAttachment("新品", f"{other.url}/t/spring"),)))
            asked += chosen
    return asked


def opened_for_business(place: Place, other: Neighbour) -> None:
    place.post("shop", url=f"{other.url}/orders", key="shop-key")


class TestDeterminism:
    def a_week(self, build: Build, home: Path, other: Neighbour, *, step: float, coalesce: float = 0) -> dict[str, str]:
        """All habits at once, tired people and their friends among them."""
        customer = {"orders_per_month": 3, "delete_rate": 0.1, "reply_rate": 0.2, "group_messages_per_month": 10, "activity_sigma": 0.5}
        fatigue = {"tolerance": 0.5, "mute_rate": 0.3, "complain_rate": 0.3, "delete_rate": 0.2}
        rest = {"buying": {"rate_shape": 1, "dropout_a": 1, "dropout_b": 5}, "referrals": {"friend_rate": 0.5, "friend_median_days": 1, "content_load": 9}}
        place = build(home=home, scenario={"customers": 80, "customer": customer, "fatigue": fatigue, **rest})
        opened_for_business(place, other)
        place.client.add_contact_way(ContactWay(userids=(place.busiest(),), state="friends"))
        giver = place.busiest()
        place.client.add_moment(NewMoment("新品"))
        place.client.hand_over(giver, "service01", place.customers_of(giver)[:3])
        for days in (1, 1, 5):
            a_link(place, other)
            for _ in range(round(days * DAY / step)):
                place.post("step", seconds=step, coalesce=coalesce)
        return books(place)

    def test_the_same_seed_gives_the_same_books_however_it_is_stepped(self, build: Build, tmp_path: Path, other: Neighbour) -> None:
        by_day = self.a_week(build, tmp_path / "day", other, step=DAY)
        by_hour = self.a_week(build, tmp_path / "hour", other, step=3600)
        side_by_side = self.a_week(build, tmp_path / "side", other, step=DAY, coalesce=1800)
        for table, rows in by_day.items():
            assert by_hour[table] == rows, table
            assert side_by_side[table] == rows, table
        lived = "customer follow send_recipient link_opening shop_order reply chat_message moment_customer mute complaint referral"
        assert {table: by_day[table].count("\n") > 5 for table in lived.split()} == dict.fromkeys(lived.split(), True)
        assert by_day["handover"].count("\n") == 3

    def test_a_running_clock_gives_the_same_orders(self, build: Build, tmp_path: Path) -> None:
        scenario = {"customers": 40, "customer": {"orders_per_month": 60}, "buying": {"rate_shape": 1}, "referrals": {"friend_rate": 0.5}}
        stepped = build(home=tmp_path / "stepped", scenario=scenario)
        running = build(home=tmp_path / "running", scenario=scenario, speed=10_000)
        end = epoch(START) + DAY / 2
        stepped.post("step", until=iso(end))
        while (running.sandbox.town.next_at() or 0.0) <= end:
            pause(0.05)
        told = []
        for place in (stepped, running):
            with place.sandbox.books.read() as db:
                told.append([tuple(row) for row in db.execute("select payload from shop_order where paid_at <= ? order by paid_at, order_no", (end,))])
        assert told[0] == told[1] and len(told[0]) > 10

    def test_draws_depend_on_what_they_are_for_and_on_nothing_else(self) -> None:
        draws = Draws(3)
        assert draws.uniform("open", "wm1", 0) == Draws(3).uniform("open", "wm1", 0)
        assert len({draws.uniform("open", "wm1", n) for n in range(1000)}) == 1000
        assert Draws(4).uniform("open", "wm1", 0) != draws.uniform("open", "wm1", 0)

    def test_draws_have_the_distributions_they_say(self) -> None:
        draws = Draws(5)
        n = 20_000
        assert sum(draws.uniform("u", i) for i in range(n)) / n == pytest.approx(0.5, abs=0.01)
        assert sum(draws.exponential(3, "e", i) for i in range(n)) / n == pytest.approx(3, rel=0.03)
        assert sorted(draws.lognormal(10, 0.8, "l", i) for i in range(n))[n // 2] == pytest.approx(10, rel=0.03)
        assert sum(draws.normal("n", i) ** 2 for i in range(n)) / n == pytest.approx(1, rel=0.04)
        chosen = Weighted(["a", "b"], [1, 3])
        assert sum(chosen.pick(draws, "w", i) == "b" for i in range(n)) / n == pytest.approx(0.75, abs=0.01)


class TestRates:
    """With a fixed seed, so the bounds are those of a fair draw (four standard deviations) and never flicker."""

    def test_open_order_reply_and_delete_rates_are_the_given_ones(self) -> None:
        habits, n = Habits(Scenario(), Draws(11)), 20_000
        given = Rates(open_rate=0.35, order_rate=0.25, reply_rate=0.03, delete_rate=0.005)
        seen = [habits.reacts(f"wm{i}", 0, given, at=epoch(START)) for i in range(n)]
        expected = {"open": 0.35, "order": 0.35 * 0.25, "reply": 0.03, "delete": 0.005}
        for name, rate in expected.items():
            share = sum(getattr(reaction, name) is not None for reaction in seen) / n
            assert share == pytest.approx(rate, abs=4 * math.sqrt(rate * (1 - rate) / n)), name

    def test_organic_orders_come_at_the_base_rate_in_daytime(self) -> None:
        habits, customers, days = Habits(Scenario(), Draws(12)), 300, 360
        count = 0
        for customer in range(customers):
            at, nth = epoch("2026-01-01T00:00:00+00:00"), 0
            end = at + days * DAY
            while (found := habits.next_organic(f"wm{customer}", nth, 1.5, at)) is not None and found < end:
                count, at, nth = count + 1, found, nth + 1
                assert (found // 3600 + 8) % 24 >= 8
        expected = customers * days / 30 * 1.5
        assert count == pytest.approx(expected, rel=0.05)

    def test_the_uplift_in_the_books_is_the_one_of_the_scenario(self, build: Build, other: Neighbour) -> None:
        place = build(
            scenario={
                "customers": 1200,
                "customer": {"open_rate": 0.5, "order_rate": 0.4, "orders_per_month": 0.6, "delete_rate": 0, "reply_rate": 0},
                "shop": {"refund_rate": 0.0},
                "staff": {"confirm_rate": 1.0},
            }
        )
        opened_for_business(place, other)
        treated = set(a_link(place, other, share=0.5))
        place.post("step", seconds=12 * DAY, coalesce=7200)
        summary = place.get("books/summary")
        assert summary["sent"] == summary["recipients"]
        sent = summary["sent"]
        assert summary["link_opened"] / sent == pytest.approx(0.5, abs=4 * math.sqrt(0.25 / sent))
        assert summary["orders_caused"] / sent == pytest.approx(0.2, abs=4 * math.sqrt(0.16 / sent))
        assert summary["expected_extra_orders"] == pytest.approx(0.2 * sent)
        told = [json.loads(heard.body) for heard in other.heard if heard.path == "/orders"]
        by_shop_number = {row["shop_customer_id"]: row["external_userid"] for row in place.get("books/people")}
        of_treated = sum(by_shop_number[order["customer_no"]] in treated for order in told)
        rest = len(by_shop_number) - len(treated)
        lift = of_treated / len(treated) - (len(told) - of_treated) / rest
        assert lift == pytest.approx(0.2, abs=0.1)
        assert (len(told) - of_treated) / rest == pytest.approx(0.6 * 12 / 30, rel=0.25)


class TestPeople:
    def test_a_population_file_is_taken_as_it_is_and_completed(self, build: Build, tmp_path: Path) -> None:
        people = [
            Person("17850", unionid="o17850", name="王秀兰", gender=2, city="苏州市", province="江苏省", created_at="2025-12-01T08:00:00+08:00", open_rate=1.0),
            Person("13047", store="上海外滩旗舰店", guide="lead_bund"),
            Person("12583"),
        ]
        for name in ("people.csv", "people.parquet"):
            write(people, tmp_path / name)
            place = build(home=tmp_path / name.replace(".", "-"), population=tmp_path / name)
            rows = {row["shop_customer_id"]: row for row in place.get("books/people")}
            assert rows["17850"]["unionid"] == "o17850"
            assert (rows["17850"]["name"], rows["17850"]["city"]) == ("王秀兰", "苏州市")
            assert rows["13047"]["guide"] == "lead_bund"
            assert rows["12583"]["name"] and rows["12583"]["city"] and rows["12583"]["guide"].startswith("guide")
            follow = place.client.contact(rows["17850"]["external_userid"])
            assert follow.contact.unionid == "o17850"
            assert follow.follows[0].created_at is not None and follow.follows[0].created_at.isoformat() == "2025-12-01T00:00:00+00:00"
            bund = next(department for department in place.client.departments() if department.name == "上海外滩旗舰店")
            assert [member.userid for member in place.client.members(bund.id)] == ["lead_bund"]

    @pytest.mark.parametrize("text", ["name\n王\n", "shop_customer_id\n1\n1\n", "shop_customer_id,open_rate\n1,often\n", "shop_customer_id,name\n,王\n"])
    def test_a_file_that_cannot_be_meant_is_refused(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "p.csv").write_text(text)
        with pytest.raises(BadPopulation):
            load(tmp_path / "p.csv")

    def test_a_person_is_the_same_whoever_else_lives_there(self, build: Build, tmp_path: Path) -> None:
        found = []
        for count in (10, 30):
            place = build(home=tmp_path / str(count), scenario={"customers": count})
            found.append({row["shop_customer_id"]: row for row in place.get("books/people")}["C000007"])
        assert found[0] == found[1]

    def test_staff_stand_in_regions_and_stores(self, still: Place) -> None:
        departments = {department.id: department for department in still.client.departments()}
        members = {member.userid: member for member in still.client.members(1, whole_subtree=True)}
        assert departments[101].name.startswith("上海") and departments[departments[101].parent_id].name == "华东大区"
        assert members["store01"].leads == (True,) and members["store01"].position == "店长"
        assert members["guide0101"].direct_leaders == ("store01",)
        assert departments[101].leaders == ("store01",)

    def test_the_data_is_there_and_speaks_chinese(self) -> None:
        catalogue = Catalogue(find_data(None))
        assert len(catalogue.products) > 3500
        assert all(product.name and product.category for product in catalogue.products)
        assert next(product for product in catalogue.products if product.sku == "85123A").name == "白色悬挂心形茶蜡烛台"
        assert {place.province for place in catalogue.places} >= {"上海市", "广东省", "西藏自治区"}
        assert "市辖区" not in {place.city for place in catalogue.places}


class TestStaff:
    def test_members_confirm_in_their_hours(self, build: Build) -> None:
        place = build(start="2026-03-02T12:50:00+00:00", scenario={"staff": {"confirm_rate": 1.0}})
        for userid in place.client.follow_users():
            if place.customers_of(userid):
                place.client.add_msg_template(place.template(sender=userid))
        place.post("step", seconds=2 * DAY)
        with place.sandbox.books.read() as db:
            hours = [int(row["sent_at"] // 3600 + 8) % 24 for row in db.execute("select sent_at from send_task")]
        assert all(9 <= hour < 21 for hour in hours)
        assert any(hour < 20 for hour in hours)

    def test_who_never_confirms_may_after_a_reminder(self, build: Build) -> None:
        place = build(scenario={"staff": {"confirm_rate": 0.0, "confirm_after_reminder_rate": 1.0}})
        msgid = place.client.add_msg_template(place.template()).msgid
        place.post("step", seconds=3 * DAY)
        assert place.get("books/summary")["tasks_confirmed"] == 0
        place.client.remind_group_send(msgid)
        place.post("step", seconds=2 * DAY)
        assert place.get("books/summary")["tasks_confirmed"] == 1

    def test_a_member_who_leaves_confirms_nothing_and_is_listed_nowhere(self, build: Build) -> None:
        place = build(scenario={"staff": {"confirm_rate": 1.0}})
        template = place.template()
        place.client.add_msg_template(template)
        assert place.post("acts", act="member_leaves", userid=template.sender) == {"changed": True}
        place.post("step", seconds=3 * DAY)
        assert place.post("confirm") == {"confirmed": 0}
        assert place.get("books/summary")["sent"] == 0
        assert template.sender not in place.client.follow_users()

    def test_somebody_at_the_sandbox_can_confirm(self, place: Place) -> None:
        template = place.template()
        place.client.add_msg_template(template)
        assert place.post("confirm", userid="owner") == {"confirmed": 0}
        assert place.post("confirm", userid=template.sender) == {"confirmed": 1}
        assert place.get("books/summary")["sent"] == len(template.external_userids)


class TestAllowances:
    ZONE = ZoneInfo("Asia/Shanghai")

    @pytest.mark.parametrize(
        ("rule", "start", "most"),
        [
            ("month", "2026-02-01T00:00:00+08:00", 28),
            ("month4", "2026-02-01T00:00:00+08:00", 4),
            ("week7", "2026-02-09T00:00:00+08:00", 7),
            ("daily", "2026-02-14T00:00:00+08:00", 1),
        ],
    )
    def test_windows_are_those_of_the_towns_calendar(self, rule: Any, start: str, most: int) -> None:
        assert allowance(rule, epoch("2026-02-14T00:30:00+08:00"), self.ZONE) == (epoch(start), most)

    @pytest.mark.parametrize(("rule", "fit"), [("daily", 1), ("month4", 4), ("week7", 7), ("off", 9)])
    def test_over_the_allowance_the_task_is_made_and_the_receiver_refused(self, build: Build, rule: Any, fit: int) -> None:
        place = build(limits=Limits(group_send_rule=rule))
        template = place.template()
        statuses = []
        for number in range(9):
            msgid = place.client.add_msg_template(MsgTemplate(template.sender, template.external_userids[:1], f"第{number}条")).msgid
            place.post("confirm", msgid=msgid)
            statuses += [row.status for row in place.client.group_send_results(msgid, template.sender)]
        assert statuses == [1] * fit + [3] * (9 - fit)

    def test_a_new_day_is_a_new_allowance(self, build: Build) -> None:
        place = build(limits=Limits(group_send_rule="daily"))
        template = place.template()
        for expected in (1, 3, 1):
            msgid = place.client.add_msg_template(template).msgid
            place.post("confirm", msgid=msgid)
            assert {row.status for row in place.client.group_send_results(msgid, template.sender)} == {expected}
            if expected == 3:
                place.post("clock", business="2026-03-03T02:00:00+00:00")


class TestCustomers:
    ALWAYS = {"open_rate": 1.0, "order_rate": 1.0, "reply_rate": 1.0, "delete_rate": 0.0, "orders_per_month": 0.0}  # noqa: RUF012

    def test_links_are_fetched_by_the_visitor_and_orders_follow(self, build: Build, other: Neighbour) -> None:
        place = build(scenario={"customer": self.ALWAYS, "shop": {"refund_rate": 0.0}})
        opened_for_business(place, other)
        template = place.template(attachments=(LinkAttachment("新品", f"{other.url}/t/abc"),))
        place.client.add_msg_template(template)
        place.post("step", seconds=9 * DAY)
        fetched = [heard for heard in other.heard if heard.path == "/t/abc"]
        assert sorted(heard.headers["x-siyu-sandbox-visitor"] for heard in fetched) == sorted(template.external_userids)
        orders = [heard for heard in other.heard if heard.path == "/orders"]
        assert len(orders) == len(template.external_userids)
        assert {heard.headers["authorization"] for heard in orders} == {"Bearer shop-key"}
        order = json.loads(orders[0].body)
        assert order["shop"] == "online" and order["status"] == "paid" and order["unionid"].startswith("o")
        assert set(order["lines"][0]) == {"sku", "name", "quantity", "unit_price", "amount", "unit_cost"}
        summary = place.get("books/summary", marker="/t/abc")
        assert (summary["link_opened"], summary["orders_caused"], summary["orders_told"]) == (len(fetched), len(orders), len(orders))
        assert place.get("books/summary", marker="/t/other")["sends"] == 0
        with place.sandbox.books.read() as db:
            assert db.execute("select count(*) from reply").fetchone()[0] == len(fetched)

    @pytest.mark.parametrize("text", ["老朋友先看:{}", "看 {}。周末见", "({}), 好吗", "先看{}吧"])
    def test_an_address_in_the_text_is_found_whatever_surrounds_it(self, still: Place, text: str) -> None:
        link = "http://127.0.0.1:9/t/Ab1?x=1"
        msgid = still.client.add_msg_template(still.template(text.format(link))).msgid
        assert next(send["link"] for send in still.get("books/sends") if send["msgid"] == msgid) == link

    def test_links_to_elsewhere_are_not_fetched(self, build: Build) -> None:
        place = build(scenario={"customer": self.ALWAYS})
        place.client.add_msg_template(place.template("看 https://brand.example/x"))
        assert place.post("step", seconds=9 * DAY)["open_effects"] == 0
        summary = place.get("books/summary")
        assert summary["link_openings"] > 0 and summary["link_opened"] == 0

    def test_a_receiver_that_is_away_is_told_later(self, build: Build, other: Neighbour) -> None:
        place = build(scenario={"customer": self.ALWAYS, "shop": {"refund_rate": 0.0}})
        opened_for_business(place, other)
        other.answer = lambda heard: (503, b"")
        template = place.template(f"新品 {other.url}/t/abc")
        place.client.add_msg_template(template)
        done = place.post("step", seconds=9 * DAY)
        count = len(template.external_userids)
        assert done["open_effects"] == 2 * count
        summary = place.get("books/summary")
        assert (summary["orders"], summary["orders_told"]) == (count, 0)
        other.answer = lambda heard: (201, b"")
        assert place.post("step", seconds=1)["open_effects"] == 0
        summary = place.get("books/summary")
        assert (summary["orders"], summary["orders_told"], summary["link_opened"]) == (count, count, count)

    def test_a_refund_names_its_order_and_lines(self, build: Build, other: Neighbour) -> None:
        place = build(scenario={"customers": 10, "customer": {**self.ALWAYS, "open_rate": 0, "orders_per_month": 10}, "shop": {"refund_rate": 1.0}})
        opened_for_business(place, other)
        place.post("step", seconds=20 * DAY, coalesce=3600)
        orders = {json.loads(heard.body)["order_no"]: json.loads(heard.body) for heard in other.heard if heard.path == "/orders"}
        refunds = [(heard.path, json.loads(heard.body)) for heard in other.heard if heard.path.endswith("/refunds")]
        assert refunds
        for path, refund in refunds:
            order = orders[path.split("/")[2]]
            assert refund["refund_no"] == "R" + order["order_no"]
            assert [line["amount"] for line in refund["lines"]] == [line["amount"] for line in order["lines"]]
            assert refund["refunded_at"] > order["paid_at"]
        assert place.get("books/summary")["refunds_told"] == len(refunds)

    def test_who_left_gets_status_two_and_is_still_listed(self, place: Place) -> None:
        template = place.template()
        gone = template.external_userids[0]
        assert place.post("acts", act="customer_deletes", userid=template.sender, external_userid=gone) == {"changed": True}
        assert place.post("acts", act="customer_deletes", userid=template.sender, external_userid=gone) == {"changed": False}
        assert gone in place.customers_of(template.sender)
        msgid = place.client.add_msg_template(template).msgid
        place.post("confirm", msgid=msgid)
        statuses = {row.external_userid: row.status for row in place.client.group_send_results(msgid, template.sender)}
        assert statuses == {id: 2 if id == gone else 1 for id in template.external_userids}
        place.post("acts", act="staff_deletes", userid=template.sender, external_userid=gone)
        assert gone not in place.customers_of(template.sender)

    def test_customers_may_be_full_of_other_senders_messages(self, build: Build) -> None:
        place = build(scenario={"customer": {"cap_elsewhere_rate": 1.0}})
        place.client.add_msg_template(place.template())
        place.post("confirm")
        summary = place.get("books/summary")
        assert (summary["sent"], summary["full"]) == (0, summary["recipients"])


class TestClock:
    def test_the_file_says_the_same_as_the_clock(self, tmp_path: Path) -> None:
        machine = [1000.0]
        clock = Clock(tmp_path / "clock.json", start=epoch("2026-03-02T00:00:00+00:00"), speed=60.0, machine=lambda: machine[0])
        machine[0] = 1010.0
        state = json.loads((tmp_path / "clock.json").read_text())
        assert state == {"business": "2026-03-02T00:00:00+00:00", "machine": 1000.0, "speed": 60.0}
        assert iso(clock.now()) == "2026-03-02T00:10:00+00:00"
        clock.set(speed=0.0)
        machine[0] = 2000.0
        assert iso(clock.now()) == "2026-03-02T00:10:00+00:00"

    def test_it_never_goes_back_by_advancing_and_goes_on_after_a_restart(self, tmp_path: Path) -> None:
        clock = Clock(tmp_path / "clock.json", start=1000.0, speed=0.0)
        clock.advance(2000.0)
        clock.advance(1500.0)
        assert clock.now() == 2000.0
        assert Clock(tmp_path / "clock.json", start=0.0, speed=9.0).now() == 2000.0

    def test_the_town_sleeps_while_the_sandbox_is_off(self, tmp_path: Path) -> None:
        machine = [1000.0]
        clock = Clock(tmp_path / "clock.json", start=5000.0, speed=60.0, machine=lambda: machine[0])
        machine[0] += 31
        clock.beat()
        assert json.loads((tmp_path / "clock.json").read_text())["machine"] == machine[0]
        machine[0] += 10
        assert Clock(tmp_path / "clock.json", machine=lambda: machine[0]).now() == 5000.0 + 41 * 60
        machine[0] += 8 * 3600
        assert Clock(tmp_path / "clock.json", machine=lambda: machine[0]).now() == 5000.0 + 31 * 60

    def test_a_clean_stop_keeps_hour_and_pace(self, build: Build) -> None:
        place = build(speed=3600.0)
        place.sandbox.stop()
        place.sandbox.wait()
        stopped = place.sandbox.clock.now()
        assert place.sandbox.clock.speed == 0
        again = build(home=place.sandbox.settings.home)
        assert again.sandbox.clock.speed == 3600
        assert 0 <= again.sandbox.clock.now() - stopped < 3600 * 30

    def test_control(self, place: Place) -> None:
        assert place.get("clock")["speed"] == 0.0
        assert place.post("clock", business="2026-04-01T00:00:00+08:00")["business"] == "2026-03-31T16:00:00+00:00"
        assert place.post("clock", speed=60)["speed"] == 60
        assert place.post("clock", pause=True)["speed"] == 0
        assert place.control.post("/sandbox/clock", json={"business": "soon"}).status_code == 422

    def test_a_running_clock_lets_the_town_live_by_itself(self, build: Build) -> None:
        place = build(scenario={"staff": {"confirm_rate": 1.0}}, speed=20_000.0)
        place.client.add_msg_template(place.template())
        while not place.get("books/summary")["tasks_confirmed"]:
            pass

    def test_steps(self, build: Build) -> None:
        place = build(scenario={"customer": {"orders_per_month": 5, "group_messages_per_month": 0.0}})
        before = place.get("pending")
        assert before["by_kind"] == {"organic": 40}
        done = place.post("step")
        assert (done["events"], done["business"]) == (1, before["next_at"])
        assert place.post("step", events=3)["events"] == 3
        following = place.get("pending")["next_at"]
        assert place.post("step", until=following)["events"] == 1
        until = iso(place.sandbox.clock.now() + DAY)
        assert place.post("step", until=until)["business"] == until
        assert place.get("pending", until=until)["events"] == 0


class TestRestart:
    def test_books_clock_and_plans_survive(self, build: Build, tmp_path: Path, other: Neighbour) -> None:
        ended = []
        for interrupted in (False, True):
            home = tmp_path / f"home-{interrupted}"
            place = build(home=home, scenario={"customers": 40})
            opened_for_business(place, other)
            a_link(place, other)
            place.post("step", seconds=7200)
            if interrupted:
                token = place.client.token()
                place.sandbox.stop()
                place.sandbox.wait()
                place = build(home=home, scenario={"customers": 40})
                assert place.client.token() == token
            place.post("step", seconds=4 * DAY)
            ended.append(books(place))
        assert ended[0] == ended[1]
