"""获客助手 over HTTP: links, who comes by them, the quota they use up, what is called back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from siyu.connectors.wecom import AcquiredCustomer, AcquisitionLink, Credentials, WeCom
from siyu.connectors.wecom.model.acquisition import OLD_FRIENDS, WITHIN_LIST
from siyu.connectors.wecom.sandbox.settings import AppSettings, Limits
from tests.connectors.wecom.asking import a_chat_key, a_link
from tests.connectors.wecom.conftest import Build, Place
from tests.connectors.wecom.neighbours import Neighbour
from tests.connectors.wecom.test_group_chats import code_of
from tests.connectors.wecom.test_pushes import Receiver, listening


def strangers(place: Place) -> list[str]:
    """Customers who are not the busiest member's."""
    own = set(place.customers_of(place.busiest()))
    return [one["external_userid"] for one in place.get("books/people") if one["external_userid"] not in own]


def comes(place: Place, url: str, customer: str, **more: Any) -> str | None:
    met: str | None = place.post("acquisition/visits", url=url, external_userid=customer, **more)["userid"]
    return met


def heard(place: Place, receiver: Receiver) -> list[str]:
    assert place.sandbox.pushes.drain(10)
    return sorted(event.route[1] for event in receiver.events if event.route[0] == "customer_acquisition")


class TestLinks:
    def test_a_link_round_trips_and_is_replaced(self, build: Build) -> None:
        place = build()
        link = AcquisitionLink("直播间", ("guide0101",), (100,), False, WITHIN_LIST, ("guide0101",))
        made = place.client.add_acquisition_link(link)
        assert made.link_id.startswith("ca") and made.url.endswith(made.link_id) and made.created_at
        assert place.client.acquisition_link(made.link_id) == made
        place.client.update_acquisition_link(made.link_id, replace(link, name="门店", department_ids=()))
        assert place.client.acquisition_link(made.link_id).link == replace(link, name="门店", department_ids=())
        assert list(place.client.acquisition_link_ids()) == [made.link_id]
        place.client.delete_acquisition_link(made.link_id)
        assert code_of(place.client.acquisition_link, made.link_id) == 40058 and list(place.client.acquisition_link_ids()) == []

    def test_what_cannot_be_is_refused(self, build: Build) -> None:
        place = build(limits=Limits(acquisition_links=1, acquisition_members=2))
        add = place.client.add_acquisition_link
        assert code_of(add, AcquisitionLink("")) == code_of(add, AcquisitionLink("长" * 31, ("guide0101",))) == 40058
        assert code_of(add, AcquisitionLink("无人")) == code_of(add, AcquisitionLink("太多", (), (1,))) == 40058
        assert code_of(add, AcquisitionLink("谁", ("nobody",))) == 60111
        assert code_of(add, AcquisitionLink("哪", (), (4711,))) == 60003
        assert code_of(add, AcquisitionLink("老板", ("owner",))) == 41054
        assert code_of(add, AcquisitionLink("先给谁", ("guide0101",), priority=WITHIN_LIST)) == 40058
        add(AcquisitionLink("一", ("guide0101",)))
        assert code_of(add, AcquisitionLink("二", ("guide0101",))) == 41095

    def test_pages_and_links_of_other_apps(self, build: Build) -> None:
        place = build(apps=(AppSettings(1, "a" * 43), AppSettings(2, "b" * 43)))
        made = [a_link(place).link_id for _ in range(3)]
        paged: list[str] = []
        cursor = ""
        while not paged or cursor:
            answer = place.call("POST", "externalcontact/customer_acquisition/list_link", body={"limit": 2, "cursor": cursor})
            paged += answer["link_id_list"]
            cursor = answer["next_cursor"]
        assert sorted(paged) == sorted(made)
        with WeCom(Credentials(place.address.corp_id, "b" * 43, 2), place.client._settings) as another:
            assert list(another.acquisition_link_ids()) == [] and code_of(another.acquisition_link, made[0]) == 40058


class TestComing:
    def test_who_comes_is_a_customer_with_the_channel_as_state(self, build: Build, other: Neighbour) -> None:
        place = build()
        receiver = listening(place, other)
        member, customer = place.busiest(), strangers(place)[0]
        made = a_link(place)
        assert comes(place, made.url_for("直播 3 月"), customer) == member
        (follow,) = [follow for follow in place.client.contact(customer).follows if follow.userid == member]
        assert (follow.state, follow.add_way) == ("直播 3 月", 16)
        assert list(place.client.acquired_customers(made.link_id)) == [AcquiredCustomer(customer, member, 0, "直播 3 月")]
        assert heard(place, receiver) == ["friend_request"]
        added = next(event for event in receiver.events if event.route == ("change_external_contact", "add_external_contact"))
        assert (added.text("State"), bool(added.text("WelcomeCode"))) == ("直播 3 月", True)
        place.post("acts", act="customer_deletes", userid=member, external_userid=customer)
        assert heard(place, receiver) == ["del_follow_user", "friend_request"]

    def test_a_long_channel_is_cut_at_64_bytes(self, build: Build) -> None:
        place = build()
        made = a_link(place)
        comes(place, made.url_for("长" * 30), strangers(place)[0])
        assert [one.state for one in place.client.acquired_customers(made.link_id)] == ["长" * 21]

    def test_old_friends_come_back_to_their_member_when_the_link_says_so(self, build: Build) -> None:
        place = build()
        member, customer = place.busiest(), strangers(place)[0]
        guide = place.client.contact(customer).follows[0].userid
        link = AcquisitionLink("回来", (member,), priority=OLD_FRIENDS)
        made = place.client.add_acquisition_link(link)
        assert comes(place, made.url, customer) == guide and list(place.client.acquired_customers(made.link_id)) == []
        place.post("acts", act="customer_deletes", userid=guide, external_userid=customer)
        assert comes(place, made.url, customer) == guide and len(list(place.client.acquired_customers(made.link_id))) == 1
        apart = place.client.add_acquisition_link(replace(link, priority=WITHIN_LIST, preferred=(member,)))
        assert comes(place, apart.url, customer) == member

    def test_clicks_and_new_customers_are_counted_by_whole_days(self, build: Build) -> None:
        place = build()
        made = a_link(place)
        first, second = strangers(place)[:2]
        comes(place, made.url, first, adds=False)
        comes(place, made.url, first)
        place.post("step", seconds=86_400)
        comes(place, made.url, second)
        today = datetime.fromtimestamp(place.sandbox.clock.now(), UTC)

        def used(first: datetime, last: datetime) -> tuple[int, int]:
            use = place.client.acquisition_use(made.link_id, first, last)
            return use.clicks, use.new_customers

        day = timedelta(days=1)
        assert (used(today, today), used(today - day, today - day), used(today - day, today)) == ((1, 1), (2, 1), (3, 2))
        for start, end in ((today, today - day), (today - 30 * day, today), (today - 185 * day, today - 180 * day)):
            assert code_of(used, start, end) == 40058

    def test_a_link_that_leads_to_nobody_says_so(self, build: Build, other: Neighbour) -> None:
        place = build()
        receiver = listening(place, other)
        made = a_link(place)
        customer = strangers(place)[0]
        place.post("acts", act="member_leaves", userid=place.busiest())
        assert comes(place, made.url, customer) is None
        assert heard(place, receiver) == ["link_unavailable"]

    def test_a_link_that_is_none_is_not_found(self, build: Build) -> None:
        place = build()
        customer, gone = strangers(place)[0], a_link(place)
        place.client.delete_acquisition_link(gone.link_id)
        for url in ("https://work.weixin.qq.com/ca/none", gone.url, "https://work.weixin.qq.com/", "nowhere"):
            answer = place.control.post("/sandbox/acquisition/visits", json={"url": url, "external_userid": customer})
            assert (answer.status_code, answer.json()) == (404, {"detail": "no such link"})
        assert place.control.delete("/sandbox/acquisition/links", params={"link_id": "none"}).status_code == 404
        assert place.control.delete("/sandbox/acquisition/links", params={"link_id": gone.link_id}).json() == {"changed": False}

    def test_a_link_that_people_delete_calls_back_and_one_that_an_app_deletes_does_not(self, build: Build, other: Neighbour) -> None:
        place = build(open_profile_events=True)
        receiver = listening(place, other)
        place.client.delete_acquisition_link(a_link(place).link_id)
        made = a_link(place)
        comes(place, made.url, strangers(place)[0], adds=False)
        assert place.control.delete("/sandbox/acquisition/links", params={"link_id": made.link_id}).json() == {"changed": True}
        assert heard(place, receiver) == ["delete_link", "open_profile"]


class TestChatting:
    def test_the_first_message_and_several_are_told(self, build: Build, other: Neighbour) -> None:
        place = build()
        receiver = listening(place, other)
        made, member, (customer, _) = a_link(place), place.busiest(), strangers(place)[:2]
        comes(place, made.url_for("live"), customer)
        for _ in range(5):
            place.post("messages", userid=member, external_userid=customer)
        assert heard(place, receiver) == ["customer_start_chat", "friend_request", "message_from_customer", "message_from_customer"]
        assert [one.chat_status for one in place.client.acquired_customers(made.link_id)] == [1]
        told = {place.client.acquisition_chat(event.text("ChatKey")).received for event in receiver.events if event.route[1] == "message_from_customer"}
        assert told == {3, 5}
        place.post("messages", userid=member, external_userid=place.customers_of(member)[0])  # who came another way is nobody's concern
        assert len(heard(place, receiver)) == 4

    def test_a_chat_key_lives_for_half_an_hour(self, build: Build) -> None:
        place = build()
        key = a_chat_key(place)
        chat = place.client.acquisition_chat(key)
        assert (chat.userid, chat.received, chat.state) == (place.busiest(), 3, "live") and chat.link_id.startswith("ca")
        assert code_of(place.client.acquisition_chat, "made-up") == 40058
        ahead = place.sandbox.clock.machine() + 1801
        place.sandbox.clock.machine = lambda: ahead
        assert code_of(place.client.acquisition_chat, key) == 40058


class TestQuota:
    def test_each_new_customer_takes_one_until_links_stop(self, build: Build, other: Neighbour) -> None:
        place = build(limits=Limits(acquisition_quota=21))
        receiver = listening(place, other)
        url = a_link(place).url
        for customer in strangers(place)[:22]:
            comes(place, url, customer)
        quota = place.client.acquisition_quota()
        assert (quota.used, quota.balance, quota.lots) == (21, 0, ())
        assert [name for name in heard(place, receiver) if name.startswith("balance")] == ["balance_exhausted", "balance_low"]
        place.post("acquisition/quota", count=5, days=20)
        (lot,) = place.client.acquisition_quota().lots
        assert lot[1] == 5 and place.client.acquisition_quota().balance == 5
        assert comes(place, url, strangers(place)[0]) and place.client.acquisition_quota().balance == 4
        assert "balance_increased" in heard(place, receiver)

    def test_its_end_is_told_beforehand(self, build: Build, other: Neighbour) -> None:
        place = build(limits=Limits(acquisition_quota=0), scenario={"customers": 0})
        receiver = listening(place, other)
        place.post("acquisition/quota", count=5, days=20)
        place.post("step", seconds=20 * 86_400)
        soon = [event for event in receiver.events if event.route[1] == "quota_expire_soon"]
        assert len(soon) == 5 and {event.text("ExpireQuotaNum") for event in soon} == {"5"}
        place.post("step", seconds=86_400)
        assert heard(place, receiver).count("balance_exhausted") == 1 and place.client.acquisition_quota().balance == 0


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_calls_on_which_sdks_differ_are_taken_either_way(still: Place, method: str) -> None:
    assert still.call(method, "externalcontact/customer_acquisition_quota", body={} if method == "POST" else None)["errcode"] == 0
    now = int(still.sandbox.clock.now())
    given: dict[str, Any] = {"link_id": a_link(still).link_id, "start_time": now, "end_time": now}
    answer = still.call(method, "externalcontact/customer_acquisition/statistic", query=given if method == "GET" else None, body=given)
    assert answer["errcode"] == 0
