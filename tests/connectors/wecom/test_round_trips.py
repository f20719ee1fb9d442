"""Whatever the client writes the sandbox gives back, field by field, over HTTP."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.connectors.wecom import (
    AcquisitionLink,
    Attachment,
    ContactWay,
    Follow,
    GroupWelcome,
    ImageAttachment,
    InterceptRule,
    JoinWay,
    LinkAttachment,
    MediaAttachment,
    MiniProgramAttachment,
    MsgTemplate,
    NewMoment,
    NewTag,
    Product,
    Remark,
    Upload,
)
from tests.connectors.wecom.asking import MP4, a_picture, a_welcome_code, an_album_picture
from tests.connectors.wecom.conftest import Place, builder

some = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
NOBODY_HEARS = {"orders_per_month": 0, "open_rate": 0, "reply_rate": 0, "delete_rate": 0}


def texts(most: int, *, least: int = 0) -> st.SearchStrategy[str]:
    """What people type, of all languages; no control characters, and not blank where something is needed."""
    typed = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=least, max_size=most)
    return typed.filter(str.strip) if least else typed


def urls() -> st.SearchStrategy[str]:
    return st.integers(0, 10**6).map(lambda n: f"https://brand.example/t/{n}?a=1&b=好#x")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with builder(tmp_path_factory.mktemp("trips")) as make:
        yield make(scenario={"customers": 20, "customer": NOBODY_HEARS})


@pytest.fixture(scope="module")
def members(place: Place) -> list[str]:
    return place.client.follow_users()


@pytest.fixture(scope="module")
def attachments(place: Place) -> st.SearchStrategy[Attachment]:
    """Each kind, with files that were uploaded."""
    picture = a_picture(place)
    film, file = (
        MediaAttachment("video", place.client.upload_media("video", Upload("a.mp4", MP4)).media_id),
        MediaAttachment("file", place.client.upload_media("file", Upload("价目.txt", b"tea 12.80")).media_id),
    )
    return st.one_of(
        st.builds(LinkAttachment, texts(30, least=1), urls(), texts(100), st.one_of(st.just(""), urls())),
        st.builds(MiniProgramAttachment, texts(12, least=1), st.just("wx0000000000000001"), st.just("pages/index?a=1"), st.just(picture)),
        st.sampled_from([ImageAttachment(picture), film, file]),
    )


def follow(place: Place, userid: str, external_userid: str) -> Follow:
    (found,) = [one for one in place.client.contact(external_userid).follows if one.userid == userid]
    return found


class TestCustomers:
    @some
    @given(remark=texts(20), description=texts(150), company=texts(20), mobiles=st.lists(st.from_regex(r"1\d{10}", fullmatch=True), max_size=3, unique=True))
    def test_notes(self, place: Place, remark: str, description: str, company: str, mobiles: list[str]) -> None:
        member = place.busiest()
        customer = place.customers_of(member)[0]
        before = follow(place, member, customer)
        place.client.remark(member, customer, Remark(remark, description, company, tuple(mobiles)))
        noted = replace(before, remark=remark, description=description, company=company, remark_mobiles=tuple(mobiles))
        assert follow(place, member, customer) == noted
        (listed,) = [row.follow for row in place.client.contacts([member]) if row.contact.external_userid == customer]
        assert (listed.remark, listed.description, listed.remark_mobiles, listed.state) == (remark, description, tuple(mobiles), before.state)
        place.client.remark(member, customer, Remark(description="只改这个"))
        assert follow(place, member, customer) == replace(noted, description="只改这个")

    @some
    @given(chance=st.randoms(use_true_random=False))
    def test_tags_on_a_customer(self, place: Place, chance: Random) -> None:
        member = place.busiest()
        customer = place.customers_of(member)[0]
        library = [tag.id for group in place.client.corp_tags() for tag in group.tags]
        add, remove = set(chance.sample(library, 3)), set(chance.sample(library, 3))
        before = {tag.tag_id for tag in follow(place, member, customer).tags}
        place.client.mark_tags(member, customer, add=add, remove=remove)
        tags = follow(place, member, customer).tags
        assert {tag.tag_id for tag in tags} == (before - remove) | add
        names = {tag.id: (group.name, tag.name) for group in place.client.corp_tags() for tag in group.tags}
        assert all((tag.group_name, tag.name, tag.type) == (*names[tag.tag_id], 1) for tag in tags)

    @some
    @given(names=st.lists(texts(30, least=1), min_size=1, max_size=4, unique=True), orders=st.integers(0, 2**31), group=texts(30, least=1))
    def test_the_tag_library(self, place: Place, names: list[str], orders: int, group: str) -> None:
        client = place.client
        new = [NewTag(name, orders + n) for n, name in enumerate(names)]
        made = client.add_corp_tags(new, group_name=group, group_order=7)
        (kept,) = client.corp_tags(group_ids=[made.id])
        assert (kept.name, kept.order) == (group, 7)
        assert {(tag.name, tag.order) for tag in kept.tags} == {(tag.name, tag.order) for tag in new} == {(tag.name, tag.order) for tag in made.tags}
        client.edit_corp_tag(kept.tags[0].id, name="改名", order=1)
        client.edit_corp_tag(made.id, name="改组", order=2)
        (kept,) = client.corp_tags(tag_ids=[kept.tags[0].id])
        assert (kept.name, kept.order) == ("改组", 2) and ("改名", 1) in {(tag.name, tag.order) for tag in kept.tags}
        client.delete_corp_tags(group_ids=[made.id])
        assert client.corp_tags(group_ids=[made.id]) == []


class TestCodes:
    @some
    @given(
        remark=texts(30), state=texts(30), skip=st.booleans(), exclusive=st.booleans(), people=st.integers(0, 3), department=st.booleans(), button=st.booleans()
    )
    def test_contact_ways(
        self, place: Place, members: list[str], remark: str, state: str, skip: bool, exclusive: bool, people: int, department: bool, button: bool
    ) -> None:
        client = place.client
        users, parties = tuple(members[:people]), (101,) if department or people == 0 else ()
        way = ContactWay(users, parties, state, remark, skip, exclusive, 1 if button else 2, 1 if button else None)
        made = client.add_contact_way(way)
        assert client.contact_way(made.config_id) == made
        assert made.config_id in set(client.contact_way_ids())
        other = replace(way, remark="换", state="s2", skip_verify=not skip)
        client.update_contact_way(made.config_id, other)
        assert client.contact_way(made.config_id) == replace(made, way=other)
        client.delete_contact_way(made.config_id)

    @some
    @given(state=texts(30), remark=texts(30), auto=st.booleans(), base=texts(40), number=st.integers(1, 10**6))
    def test_join_ways(self, place: Place, state: str, remark: str, auto: bool, base: str, number: int) -> None:
        client = place.client
        chats = tuple(one.chat_id for one in client.group_chats())[:2]
        way = JoinWay(chats, state, remark, auto, base, number)
        id = client.add_join_way(way)
        assert client.join_way(id).way == way
        other = JoinWay(chats[:1], "s2", "换", not auto, "群", 3)
        client.update_join_way(id, other)
        assert client.join_way(id).way == other

    @some
    @given(name=texts(30, least=1), skip=st.booleans(), priority=st.sampled_from([None, 1, 2]), department=st.booleans())
    def test_acquisition_links(self, place: Place, members: list[str], name: str, skip: bool, priority: int | None, department: bool) -> None:
        client = place.client
        link = AcquisitionLink(name, tuple(members[:2]), (101,) if department else (), skip, priority, tuple(members[:1]) if priority == 2 else ())
        made = client.add_acquisition_link(link)
        assert made.link == link
        assert client.acquisition_link(made.link_id) == made
        client.update_acquisition_link(made.link_id, replace(link, name="换"))
        assert client.acquisition_link(made.link_id).link == replace(link, name="换")


class TestContent:
    @some
    @given(data=st.data(), text=texts(200, least=1))
    def test_group_sends(self, place: Place, attachments: st.SearchStrategy[Attachment], data: st.DataObject, text: str) -> None:
        client, sender = place.client, place.busiest()
        given_ = tuple(data.draw(st.lists(attachments, max_size=9)))
        template = MsgTemplate(sender, place.customers_of(sender), text, given_)
        made = client.add_msg_template(template)
        now = datetime.fromtimestamp(place.sandbox.clock.now(), UTC)
        (send,) = [one for one in client.group_sends(now - timedelta(minutes=1), now + timedelta(minutes=1)) if one.msgid == made.msgid]
        assert (send.text, send.attachments, send.create_type, send.created_at) == (text, given_, 0, now)
        assert {row.external_userid for row in client.group_send_results(made.msgid, sender)} == set(template.external_userids)
        client.cancel_group_send(made.msgid)

    @some
    @given(data=st.data(), text=texts(200, least=1))
    def test_welcomes(self, place: Place, attachments: st.SearchStrategy[Attachment], data: st.DataObject, text: str) -> None:
        member = place.busiest()
        given_ = data.draw(st.lists(attachments, max_size=9))
        place.client.send_welcome(a_welcome_code(place, member, place.customers_of(member)[0]), text, given_)
        got = place.get("books/welcomes")[-1]
        assert (got["text"], got["attachments"]) == (text, [one.body() for one in given_])

    @some
    @given(data=st.data(), text=texts(200, least=1))
    def test_group_welcomes(self, place: Place, attachments: st.SearchStrategy[Attachment], data: st.DataObject, text: str) -> None:
        kept = attachments.filter(lambda one: not isinstance(one, ImageAttachment))  # of a picture the platform tells an address only
        welcome = GroupWelcome(text, data.draw(st.one_of(st.none(), kept)))
        id = place.client.add_group_welcome(welcome)
        assert place.client.group_welcome(id) == welcome
        place.client.delete_group_welcome(id)

    @some
    @given(text=texts(500, least=1))
    def test_moments(self, place: Place, members: list[str], text: str) -> None:
        client = place.client
        job = client.add_moment(NewMoment(text, senders=(members[0],)))
        place.post("step", seconds=3)
        now = datetime.fromtimestamp(place.sandbox.clock.now(), UTC)
        (moment,) = [one for one in client.moments(now - timedelta(hours=1), now + timedelta(minutes=1)) if one.moment_id == client.moment_job(job).moment_id]
        assert moment.text == text
        assert [task.userid for task in client.moment_tasks(moment.moment_id)] == [members[0]]
        client.cancel_moment(moment.moment_id)
        later = place.sandbox.clock.machine() + 60  # ten jobs a minute
        place.sandbox.clock.machine = lambda: later

    @some
    @given(description=texts(300, least=1), price=st.integers(0, 5_000_000), number=st.from_regex(r"[A-Za-z0-9]{0,30}", fullmatch=True))
    def test_products(self, place: Place, description: str, price: int, number: str) -> None:
        product = Product(description, price, (an_album_picture(place),), number)
        id = place.client.add_product(product)
        assert place.client.product(id).product == product
        other = replace(product, description="换", price_fen=1)
        place.client.update_product(id, other)
        assert place.client.product(id).product == other
        assert [one.product for one in place.client.products() if one.product_id == id] == [other]
        place.client.delete_product(id)

    @some
    @given(words=st.lists(texts(32, least=1), min_size=1, max_size=5, unique=True), semantics=st.sets(st.sampled_from([1, 2, 3])), blocks=st.booleans())
    def test_intercept_rules(self, place: Place, members: list[str], words: list[str], semantics: set[int], blocks: bool) -> None:
        rule = InterceptRule("规则", tuple(words), (members[0],), (101,), tuple(sorted(semantics)), blocks)
        id = place.client.add_intercept_rule(rule)
        assert place.client.intercept_rule(id) == rule
        other = InterceptRule("换名", ("词",), (members[1],), (102,), (2,), not blocks)
        place.client.update_intercept_rule(id, rule, other)
        assert place.client.intercept_rule(id) == other
        place.client.delete_intercept_rule(id)
