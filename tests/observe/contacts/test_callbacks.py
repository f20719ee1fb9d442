"""Callbacks repeated, shuffled and late end in the platform's truth, whenever the truth is read in between."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu import events
from siyu.access import staff
from siyu.connectors.wecom import Contact as Read
from siyu.connectors.wecom import ExternalContact, Follow
from siyu.infra.tx import Tx
from siyu.observe.contacts import Corp, service, store
from tests.observe.contacts.conftest import a_corp

MEMBERS = ("guide1", "guide2")
CUSTOMERS = ("wm1", "wm2")
Pair = tuple[str, str]


@dataclass
class Friend:
    """A pair as the platform knows it."""

    since: int
    left_at: int | None = None
    remark: str = ""


@dataclass
class Platform:
    """The slow, obvious truth: acts happen one a second, each is told by a callback."""

    start: datetime
    friends: dict[Pair, Friend] = field(default_factory=dict)
    clock: int = 0

    def act(self, kind: str, pair: Pair) -> bytes | None:
        """Do it if it can be done; the callback's body."""
        self.clock += 1
        friend = self.friends.get(pair)
        match kind:
            case "add" if friend is None or friend.left_at is not None:
                self.friends[pair] = Friend(self.clock)
                return self._told(pair, "add_external_contact")
            case "leave" if friend and friend.left_at is None:
                friend.left_at = self.clock
                return self._told(pair, "del_follow_user")
            case "drop" if friend:
                del self.friends[pair]
                return self._told(pair, "del_external_contact")
            case "edit" if friend:
                friend.remark = f"备注{self.clock}"
                return self._told(pair, "edit_external_contact")
        return None

    def listing(self, external: str) -> list[Read]:
        """What `externalcontact/get` gives: the customer's side of an end does not show."""
        contact = ExternalContact(external, f"客户{external}", 1, 0, "", None, "")
        return [
            Read(contact, Follow(userid, friend.remark, "", self.at(friend.since), (), (), 1, "", ""))
            for (userid, person), friend in sorted(self.friends.items())
            if person == external
        ]

    def at(self, second: int) -> datetime:
        return self.start + timedelta(seconds=second)

    def _told(self, pair: Pair, change: str) -> bytes:
        return a_body(change, *pair, at=self.at(self.clock))


def a_body(change: str, userid: str, external: str, *, at: datetime, event: str = "change_external_contact") -> bytes:
    return (
        f"<xml><ToUserName>ww1</ToUserName><FromUserName>sys</FromUserName><CreateTime>{int(at.timestamp())}</CreateTime><MsgType>event</MsgType>"
        f"<Event>{event}</Event><ChangeType>{change}</ChangeType><UserID>{userid}</UserID><ExternalUserID>{external}</ExternalUserID></xml>"
    ).encode()


def receive(tx: Tx, corp: Corp, body: bytes) -> bool:
    """Take a callback in and read it; False when it came before."""
    taken = service.take(tx, corp.id, [body])
    assert service.read(tx, corp, 100) == taken
    return taken == 1


def work(tx: Tx, corp: Corp, platform: Platform) -> int:
    """Look at whoever is due, as the job does."""
    refreshes = service.take_refreshes(tx, corp, 100)
    looked = {one.external_userid: platform.listing(one.external_userid) for one in refreshes}
    service.fold_refreshed(tx, corp, refreshes, looked, read_at=tx.now)
    return len(refreshes)


def work_off(tx: Tx, corp: Corp, platform: Platform) -> None:
    for minutes in range(1, 10):
        work(replace(tx, now=tx.now + timedelta(minutes=minutes)), corp, platform)
    assert not store.waiting(replace(tx, now=tx.now + timedelta(days=1)), corp.id)


def held(tx: Tx, corp: Corp) -> dict[Pair, tuple[str, datetime, str]]:
    names = {id: userid for userid, id in staff.ids(tx, "ww1", MEMBERS).items()}
    rows = store.held_of(tx, corp.id, CUSTOMERS)
    return {(names[row.seen.staff_id], row.seen.external_userid): (row.relation, row.seen.added_at, row.seen.remark) for row in rows}


def agrees(tx: Tx, corp: Corp, platform: Platform) -> None:
    ours = held(tx, corp)
    for pair, friend in platform.friends.items():
        relation = "active" if friend.left_at is None else "deleted_by_customer"
        assert ours[pair] == (relation, platform.at(friend.since), friend.remark)
    for pair in ours.keys() - platform.friends.keys():
        assert ours[pair][0] != "active"


PAIRS = [("guide1", "wm1")] * 4 + [("guide2", "wm1"), ("guide1", "wm2")]
ACTS = st.lists(st.tuples(st.sampled_from(["add", "add", "leave", "leave", "drop", "edit"]), st.sampled_from(PAIRS)), min_size=4, max_size=12)
"""Mostly about one pair: what goes wrong goes wrong between its turns."""


class TestReceive:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(acts=ACTS, chance=st.randoms(use_true_random=False))
    def test_repeated_shuffled_and_late_callbacks_end_in_the_truth(self, tx: Tx, acts: list[tuple[str, Pair]], chance: Random) -> None:
        with tx.connection.begin_nested() as attempt:
            corp = a_corp(tx, members=MEMBERS)
            platform = Platform(tx.now - timedelta(days=1))
            arriving: list[tuple[int, bytes]] = []
            for kind, pair in acts:
                body = platform.act(kind, pair)
                if body:
                    arriving += [(platform.clock + chance.choice([0, 0, 3, 20, 400]), body) for _ in range(chance.choice([1, 1, 1, 3]))]
                for due, told in list(arriving):
                    if due <= platform.clock:
                        receive(replace(tx, now=platform.at(platform.clock)), corp, told)
                        arriving.remove((due, told))
                if chance.random() < 0.5:
                    work(replace(tx, now=platform.at(platform.clock)), corp, platform)
            chance.shuffle(arriving)
            for _, told in arriving:
                receive(tx, corp, told)
            work_off(tx, corp, platform)
            agrees(tx, corp, platform)
            attempt.rollback()

    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(acts=ACTS, chance=st.randoms(use_true_random=False))
    def test_a_full_reading_mends_what_was_missed_but_for_losses_that_wecom_does_not_show(self, tx: Tx, acts: list[tuple[str, Pair]], chance: Random) -> None:
        with tx.connection.begin_nested() as attempt:
            corp = a_corp(tx, members=MEMBERS)
            platform = Platform(tx.now - timedelta(days=1))
            for kind, pair in acts:
                body = platform.act(kind, pair)
                if body and (kind == "leave" or chance.random() < 0.3):
                    receive(tx, corp, body)
            work_off(tx, corp, platform)
            read_all(replace(tx, now=tx.now + timedelta(hours=1)), corp, platform)
            agrees(tx, corp, platform)
            attempt.rollback()

    def test_the_same_body_is_taken_once(self, tx: Tx) -> None:
        corp = a_corp(tx, members=MEMBERS)
        body = a_body("add_external_contact", "guide1", "wm1", at=tx.now)
        assert receive(tx, corp, body)
        assert not receive(tx, corp, body)

    def test_unknown_events_are_kept_and_ask_for_nothing(self, tx: Tx) -> None:
        corp = a_corp(tx)
        assert receive(tx, corp, a_body("brand_new", "guide1", "wm1", at=tx.now, event="change_something"))
        assert not store.waiting(replace(tx, now=tx.now + timedelta(days=1)), corp.id)

    def test_a_change_of_the_address_book_asks_for_its_reading_once(self, tx: Tx) -> None:
        corp = a_corp(tx)
        for userid in ("new1", "new2"):
            receive(tx, corp, a_body("create_user", userid, "", at=tx.now, event="change_contact"))
        assert tx.execute("select count(*) from jobs where tenant_id = :tenant_id and kind = 'contacts.sync_staff'").scalar() == 1

    def test_what_is_no_event_stops_nothing_and_is_told(self, tx: Tx) -> None:
        corp = a_corp(tx, members=MEMBERS)
        bodies = [b"<!DOCTYPE x><xml/>", b"not xml at all", a_body("add_external_contact", "guide1", "wm1", at=tx.now)]
        assert service.take(tx, corp.id, bodies) == 3
        assert service.read(tx, corp, 100) == 3
        kept = tx.execute("select event, change_type from callback_inbox where tenant_id = :tenant_id").all()
        assert sorted(map(tuple, kept)) == [("change_external_contact", "add_external_contact"), ("unreadable", "doctype"), ("unreadable", "xml")]
        assert tx.execute("select count(*) from callback_letters where tenant_id = :tenant_id").scalar() == 0
        assert len(service.take_refreshes(replace(tx, now=tx.now + timedelta(minutes=1)), corp, 10)) == 1

    def test_the_same_body_at_two_apps_is_taken_by_each(self, tx: Tx) -> None:
        one = a_corp(tx, members=MEMBERS)
        other = a_corp(tx, "ww2")
        body = a_body("add_external_contact", "guide1", "wm1", at=tx.now)
        assert receive(tx, one, body) and receive(tx, other, body)

    def test_many_about_one_customer_in_one_reading_are_all_kept(self, tx: Tx) -> None:
        corp = a_corp(tx, members=MEMBERS)
        bodies = [a_body("edit_external_contact", "guide1", "wm1", at=tx.now - timedelta(seconds=n)) for n in range(5)]
        service.take(tx, corp.id, bodies)
        service.read(tx, corp, 100)
        (refresh,) = service.take_refreshes(replace(tx, now=tx.now + timedelta(minutes=1)), corp, 10)
        assert (refresh.seq, len(refresh.hints)) == (5, 5)

    def test_old_hashes_are_forgotten_young_ones_kept(self, tx: Tx) -> None:
        corp = a_corp(tx)
        for age in (91, 89):
            then = tx.now - timedelta(days=age)
            receive(replace(tx, now=then), corp, a_body("edit_external_contact", "guide1", "wm1", at=then))
        assert service.forget_callbacks(tx) == 1
        assert service.forget_callbacks(tx) == 0


class TestFacts:
    @pytest.fixture
    def told(self, tx: Tx) -> Iterator[tuple[Corp, Platform]]:
        yield a_corp(tx, members=MEMBERS), Platform(tx.now - timedelta(days=1))

    def test_each_turn_is_said_once_with_its_own_time(self, tx: Tx, told: tuple[Corp, Platform]) -> None:
        corp, platform = told
        seconds = count(1)
        for kind in ("add", "edit", "leave", "add"):
            body = platform.act(kind, ("guide1", "wm1"))
            assert body
            for _ in range(2):
                receive(replace(tx, now=platform.at(platform.clock)), corp, body)
            work_off(replace(tx, now=platform.at(3600 * next(seconds))), corp, platform)
        (person,) = {row.identity_id for row in store.held_of(tx, corp.id, CUSTOMERS)}
        said = [(event.name, event.occurred_at) for event in reversed(events.read(tx, [person]))]
        assert said[0] == ("contact.added", platform.at(1))
        assert [name for name, _ in said if name != "contact.changed"] == ["contact.added", "contact.lost", "contact.added"]
        assert said[1] == ("contact.lost", platform.at(3)) and said[2] == ("contact.added", platform.at(4))
        assert [name for name, _ in said].count("contact.changed") == 1

    def test_a_failed_send_tells_of_a_loss(self, tx: Tx, told: tuple[Corp, Platform]) -> None:
        corp, platform = told
        platform.act("add", ("guide1", "wm1"))
        read_all(tx, corp, platform)
        at = {("guide1", "wm1"): tx.now, ("nobody", "wm1"): tx.now, ("guide1", "wm9"): tx.now}
        assert service.lost_by_customer(tx, "ww1", at) == 1
        assert service.lost_by_customer(tx, "ww1", at) == 0
        assert held(tx, corp)["guide1", "wm1"][0] == "deleted_by_customer"


def read_all(tx: Tx, corp: Corp, platform: Platform) -> None:
    """A full reading of the corp, as the job does it."""
    rows = [row for external in CUSTOMERS for row in platform.listing(external)]
    _, listed = service.fold_read(tx, corp, rows, read_at=tx.now)
    service.end_unlisted(tx, corp, staff.ids(tx, "ww1", MEMBERS).values(), listed, read_at=tx.now)
