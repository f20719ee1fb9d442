"""客户朋友圈 over HTTP: made as jobs, published by members, seen and answered by customers."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from siyu.connectors.wecom import ImageAttachment, MediaAttachment, MomentJob, MomentLink, NewMoment, NewTag, OutcomeUnknown, Refused, Upload
from siyu.connectors.wecom.sandbox import AppSettings, Limits
from tests.connectors.wecom.asking import MP4, a_moment_picture
from tests.connectors.wecom.conftest import START, Build, Place
from tests.connectors.wecom.neighbours import Neighbour

NOW = datetime.fromisoformat(START)
DAY = timedelta(days=1)
EAGER = {"staff": {"confirm_rate": 1.0}, "customer": {"moment_like_rate": 0.6, "moment_comment_rate": 0.3, "moment_open_rate": 0.5, "orders_per_month": 0.0}}


def code_of(call: Callable[..., Any], *args: Any) -> int:
    with pytest.raises(Refused) as caught:
        found = call(*args)
        list(found if found is not None else ())
    return caught.value.code


def made(place: Place, moment: NewMoment) -> MomentJob:
    """The finished job of a moment."""
    jobid = place.client.add_moment(moment)
    place.post("step", seconds=place.sandbox.settings.limits.moment_job_seconds)
    return place.client.moment_job(jobid)


class TestJobs:
    def test_a_job_is_started_running_and_done(self, build: Build) -> None:
        place = build(limits=Limits(moment_job_seconds=10))
        jobid = place.client.add_moment(NewMoment("新品到店", senders=("store01", "nobody", "operator01"), departments=(101, 4711), tag_ids=("et-none",)))
        seen = [place.client.moment_job(jobid).status]
        assert list(place.client.moments(NOW - DAY, NOW + DAY)) == []
        for seconds in (5, 5):
            place.post("step", seconds=seconds)
            seen.append(place.client.moment_job(jobid).status)
        assert seen == [1, 2, 3]
        done = place.client.moment_job(jobid)
        assert (done.code, done.moment_id) == (41048, "")  # no tag is valid, so nobody would see it
        assert (done.invalid_senders, done.invalid_departments, done.invalid_tag_ids) == (("nobody", "operator01"), (4711,), ("et-none",))
        posted = place.call("POST", "externalcontact/get_moment_task_result", body={"jobid": jobid})
        assert posted["status"] == 3 and posted["type"] == "add_moment_task"

    def test_a_job_is_known_for_a_day_and_to_its_app(self, build: Build) -> None:
        place = build(apps=(AppSettings(1000002, "a" * 43), AppSettings(1000003, "b" * 43)))
        jobid = place.client.add_moment(NewMoment("新品"))
        other = place.raw.get("/cgi-bin/gettoken", params={"corpid": place.address.corp_id, "corpsecret": "b" * 43}).json()["access_token"]
        assert place.call("GET", "externalcontact/get_moment_task_result", query={"jobid": jobid}, token=other)["errcode"] == 40088
        assert code_of(place.client.moment_job, "made-up") == 40088
        place.sandbox.clock.set(business=place.sandbox.clock.now() + 86_400)
        assert code_of(place.client.moment_job, jobid) == 40088

    def test_a_lost_answer_leaves_it_open_whether_there_is_a_moment(self, build: Build) -> None:
        place = build()
        place.fault("cut_body", "externalcontact/add_moment_task")
        with pytest.raises(OutcomeUnknown):
            place.client.add_moment(NewMoment("新品"))
        place.post("step", seconds=2)
        assert [row.text for row in place.client.moments(NOW - DAY, NOW + DAY)] == ["新品"]  # the platform's books tell

    def test_ten_a_minute_of_the_machine(self, build: Build) -> None:
        place = build(limits=Limits(moment_jobs_per_minute=2))
        now = [1_800_000_000.0]
        place.sandbox.clock.machine = lambda: now[0]
        for _ in range(2):
            place.client.add_moment(NewMoment("新品"))
        assert code_of(place.client.add_moment, NewMoment("新品")) == 41078
        now[0] += 61
        assert place.client.add_moment(NewMoment("新品"))

    @pytest.mark.parametrize(
        ("moment", "code"),
        [
            (NewMoment(), 40058),
            (NewMoment("长" * 2001), 40058),
            (NewMoment(attachments=(ImageAttachment("m"),) * 10), 40058),
            (NewMoment(attachments=(MediaAttachment("video", "m"),) * 2), 40058),
            (NewMoment(attachments=(ImageAttachment("m"), MediaAttachment("video", "v"))), 40058),
            (NewMoment(attachments=(MediaAttachment("file", "m"),)), 40058),
            (NewMoment(attachments=(MomentLink("新品", "", "m"),)), 40058),
            (NewMoment(attachments=(ImageAttachment("m"),)), 40007),
            (NewMoment(attachments=(MomentLink("长" * 22, "https://brand.example", "m"),)), 40058),
            (NewMoment(attachments=(ImageAttachment(""),)), 40007),
        ],
    )
    def test_what_cannot_be_a_moment_is_refused(self, still: Place, moment: NewMoment, code: int) -> None:
        assert code_of(still.client.add_moment, moment) == code


class TestWho:
    def test_nobody_named_is_everybody_who_has_customers_to_look_after(self, build: Build) -> None:
        place = build()
        moment_id = made(place, NewMoment("新品")).moment_id
        assert {row.userid for row in place.client.moment_tasks(moment_id)} == set(place.client.follow_users())

    def test_a_department_is_all_below_it(self, build: Build) -> None:
        place = build()
        moment_id = made(place, NewMoment("新品", senders=("service01",), departments=(100,))).moment_id
        region = {member.userid for member in place.client.members(100, whole_subtree=True)} & set(place.client.follow_users())
        assert {row.userid for row in place.client.moment_tasks(moment_id)} == region | {"service01"}

    def test_tags_alone_choose_members_and_customers(self, build: Build) -> None:
        place = build(scenario=EAGER)
        giver = place.busiest()
        tagged = place.customers_of(giver)[:2]
        tag = place.client.add_corp_tags([NewTag("育儿")], group_name="人群").tags[0].id
        for customer in tagged:
            place.client.mark_tags(giver, customer, add=[tag])
        moment_id = made(place, NewMoment("新品", tag_ids=(tag,))).moment_id
        assert [row.userid for row in place.client.moment_tasks(moment_id)] == [giver]
        place.post("publish")
        assert tuple(place.client.moment_range(moment_id, giver)) == tuple(place.client.moment_receivers(moment_id, giver)) == tagged
        (listed,) = place.client.moments(NOW - DAY, NOW + DAY)
        assert not listed.everybody

    def test_senders_and_tags_together(self, build: Build) -> None:
        place = build(scenario=EAGER)
        giver = place.busiest()
        tag = place.client.add_corp_tags([NewTag("育儿")], group_name="人群").tags[0].id
        place.client.mark_tags(giver, place.customers_of(giver)[0], add=[tag])
        moment_id = made(place, NewMoment("新品", senders=("service01", giver), tag_ids=(tag,))).moment_id
        assert {row.userid for row in place.client.moment_tasks(moment_id)} == {"service01", giver}
        place.post("publish", moment_id=moment_id)
        assert tuple(place.client.moment_receivers(moment_id, giver)) == place.customers_of(giver)[:1]
        assert list(place.client.moment_receivers(moment_id, "service01")) == []


class TestLife:
    def test_members_publish_in_their_own_time_and_customers_answer(self, build: Build, other: Neighbour) -> None:
        place = build(scenario={"customers": 80, **EAGER})
        moment_id = made(place, NewMoment("新品", (MomentLink("新品", f"{other.url}/t/spring", a_moment_picture(place)),))).moment_id
        giver = place.busiest()
        assert {row.published for row in place.client.moment_tasks(moment_id)} == {False}
        assert code_of(place.client.moment_receivers, moment_id, giver) == code_of(place.client.moment_reactions, moment_id, giver) == 41062
        place.post("step", seconds=6 * 86_400)
        assert {row.published for row in place.client.moment_tasks(moment_id)} == {True}
        assert tuple(place.client.moment_receivers(moment_id, giver)) == place.customers_of(giver)
        found = {userid: place.client.moment_reactions(moment_id, userid) for userid in place.client.follow_users()}
        for userid, reactions in found.items():
            friends = set(place.customers_of(userid))
            assert {row.external_userid for row in (*reactions.likes, *reactions.comments)} <= friends
            assert all(row.at is not None and NOW < row.at < NOW + 6 * DAY and not row.userid for row in reactions.likes)
        (book,) = place.get("books/moments")
        assert (book["likes"], book["comments"]) == tuple(sum(len(getattr(row, kind)) for row in found.values()) for kind in ("likes", "comments"))
        assert book["tasks"] == book["published"] == len(found) and book["seen"] > book["likes"] > book["comments"] > 0
        visits = [heard for heard in other.heard if heard.path == "/t/spring"]
        assert len(visits) == book["opened"] > 0
        assert place.get("books/summary")["link_opened"] == 0  # those of group sends stand apart

    def test_the_same_seed_gives_the_same_reactions(self, build: Build, tmp_path: Any) -> None:
        seen = []
        for name, coalesce in (("a", 0), ("b", 3600)):
            place = build(home=tmp_path / name, scenario=EAGER)
            moment_id = made(place, NewMoment("新品")).moment_id
            place.post("step", seconds=5 * 86_400, coalesce=coalesce)
            seen.append([place.client.moment_reactions(moment_id, userid) for userid in place.client.follow_users()])
        assert seen[0] == seen[1] and any(row.likes for row in seen[0])

    def test_some_never_publish_and_who_has_left_cannot(self, build: Build) -> None:
        place = build(scenario={"staff": {"confirm_rate": 0.0}})
        giver = place.busiest()
        moment_id = made(place, NewMoment("新品", senders=(giver, "service01"))).moment_id
        place.post("acts", act="member_leaves", userid="service01")
        place.post("step", seconds=5 * 86_400)
        assert [row.published for row in place.client.moment_tasks(moment_id)] == [False, False]
        assert place.post("publish", moment_id=moment_id) == {"published": 1}
        assert place.post("publish", moment_id=moment_id) == {"published": 0}
        assert {row.userid: row.published for row in place.client.moment_tasks(moment_id)} == {giver: True, "service01": False}

    def test_what_is_stopped_is_published_by_nobody_else(self, build: Build) -> None:
        place = build(scenario={"staff": {"confirm_rate": 1.0}})
        first = place.busiest()
        moment_id = made(place, NewMoment("新品")).moment_id
        place.post("publish", moment_id=moment_id, userid=first)
        place.client.cancel_moment(moment_id)
        place.client.cancel_moment(moment_id)
        place.post("step", seconds=5 * 86_400)
        assert [row.userid for row in place.client.moment_tasks(moment_id) if row.published] == [first]

    def test_a_customer_sees_so_many_a_day_and_a_month(self, build: Build) -> None:
        place = build(limits=Limits(moments_per_day=1, moments_per_month=2))
        giver = place.busiest()
        seen = []
        for _ in range(3):
            for _ in range(2):
                moment_id = made(place, NewMoment("新品", senders=(giver,))).moment_id
                place.post("publish", moment_id=moment_id)
                assert tuple(place.client.moment_range(moment_id, giver)) == place.customers_of(giver)
                seen.append(bool(list(place.client.moment_receivers(moment_id, giver))))
            place.post("step", seconds=86_400)
        assert seen == [True, False, True, False, False, False]

    def test_who_has_left_the_member_does_not_see_it(self, build: Build) -> None:
        place = build()
        giver = place.busiest()
        gone, *rest = place.customers_of(giver)
        place.post("acts", act="customer_deletes", userid=giver, external_userid=gone)
        moment_id = made(place, NewMoment("新品", senders=(giver,))).moment_id
        place.post("publish")
        assert list(place.client.moment_range(moment_id, giver)) == [gone, *rest]
        assert list(place.client.moment_receivers(moment_id, giver)) == rest


class TestLists:
    def test_moments_of_corp_and_members_with_what_is_in_them(self, build: Build) -> None:
        place = build()
        pictures = [a_moment_picture(place) for _ in range(3)]
        film = place.client.upload_attachment("video", Upload("开箱.mp4", MP4), purpose="moment").media_id
        images = tuple(ImageAttachment(id) for id in pictures[:2])
        contents = [
            NewMoment("图", images),
            NewMoment("", (MediaAttachment("video", film),)),
            NewMoment("链接", (MomentLink("新品", "https://b.example", pictures[2]),)),
        ]
        ids = []
        for content in contents:
            ids.append(made(place, content).moment_id)
        own = place.post("acts", act="post_moment", userid="service01", text="早上好")["moment_id"]
        span = (NOW - DAY, NOW + DAY)
        assert {row.moment_id for row in place.client.moments(*span)} == {*ids, own}
        assert [row.moment_id for row in place.client.moments(*span, create_type=0)] == ids[::-1]
        (member,) = place.client.moments(*span, create_type=1)
        assert (member.moment_id, member.creator, member.create_type, member.text, member.everybody) == (own, "service01", 1, "早上好", True)
        assert [row.moment_id for row in place.client.moments(*span, creator="service01")] == [own]
        link, video, image = place.client.moments(*span, create_type=0)
        assert (image.text, image.image_ids, image.creator, image.create_type) == ("图", tuple(pictures[:2]), None, 0)
        assert video.video_id == film and link.link == MomentLink("新品", "https://b.example")

    def test_the_span_is_open_and_thirty_days_at_most(self, build: Build) -> None:
        place = build(limits=Limits(moment_job_seconds=0))
        made(place, NewMoment("新品"))
        at, path = int(NOW.timestamp()), "externalcontact/get_moment_list"
        for start, end, count in ((at, at + 9, 0), (at - 9, at, 0), (at - 1, at + 1, 1)):
            assert len(place.call("POST", path, body={"start_time": start, "end_time": end})["moment_list"]) == count
        assert code_of(place.client.moments, NOW - 31 * DAY, NOW) == code_of(place.client.moments, NOW, NOW - DAY) == 40058
        assert place.call("POST", path, body={"start_time": at, "end_time": at, "filter_type": 3})["errcode"] == 40058

    def test_everything_pages(self, build: Build) -> None:
        limits = Limits(moments_page=2, results_page_max=2, results_page_default=2, moment_receivers_page_max=2, moment_receivers_page_default=2)
        place = build(limits=limits)
        giver = place.busiest()
        ids = [place.post("acts", act="post_moment", userid=giver, text=str(n))["moment_id"] for n in range(5)]
        assert sorted(row.moment_id for row in place.client.moments(NOW - DAY, NOW + DAY)) == sorted(ids)
        assert len(place.customers_of(giver)) > 2
        assert tuple(place.client.moment_range(ids[0], giver)) == tuple(place.client.moment_receivers(ids[0], giver)) == place.customers_of(giver)
        moment_id = made(place, NewMoment("新品")).moment_id
        assert [row.userid for row in place.client.moment_tasks(moment_id)] == sorted(place.client.follow_users())

    def test_an_app_sees_what_members_of_its_range_do(self, build: Build) -> None:
        place = build(apps=(AppSettings(1000002, "a" * 43), AppSettings(1000003, "b" * 43, visible_departments=(100,))))
        moment_id = made(place, NewMoment("新品")).moment_id
        place.post("acts", act="post_moment", userid="service01", text="早上好")
        other = place.raw.get("/cgi-bin/gettoken", params={"corpid": place.address.corp_id, "corpsecret": "b" * 43}).json()["access_token"]
        region = {member.userid for member in place.client.members(100, whole_subtree=True)} & set(place.client.follow_users())
        tasks = place.call("POST", "externalcontact/get_moment_task", body={"moment_id": moment_id}, token=other)["task_list"]
        assert {row["userid"] for row in tasks} == region
        span = {"start_time": int(NOW.timestamp()) - 9, "end_time": int(NOW.timestamp()) + 9}
        listed = place.call("POST", "externalcontact/get_moment_list", body=span, token=other)["moment_list"]
        assert [row["moment_id"] for row in listed] == [moment_id]
        answer = place.call("POST", "externalcontact/get_moment_comments", body={"moment_id": moment_id, "userid": "service01"}, token=other)
        assert answer["errcode"] == 60011

    def test_codes(self, build: Build) -> None:
        place = build(limits=Limits(moment_job_seconds=10))
        client, giver = place.client, place.busiest()
        own = place.post("acts", act="post_moment", userid="service01", text="早上好")["moment_id"]
        assert code_of(client.moment_tasks, "mom-none") == code_of(client.cancel_moment, "mom-none") == 41060
        assert code_of(client.moment_tasks, own) == code_of(client.cancel_moment, own) == 41067
        assert code_of(client.moment_range, own, giver) == code_of(client.moment_reactions, own, giver) == 41061
        assert place.call("POST", "externalcontact/get_moment_comments", body={"userid": giver})["errcode"] == 41059
        assert place.call("POST", "externalcontact/get_moment_comments", body={"moment_id": own})["errcode"] == 40003
        jobid = client.add_moment(NewMoment("新品"))
        with place.sandbox.books.read() as db:
            moment_id = json.loads(db.execute("select result from moment_job where jobid = ?", (jobid,)).fetchone()[0])["moment_id"]
        assert code_of(client.cancel_moment, moment_id) == 41079
        assert place.post("acts", act="member_leaves", userid="service02")["changed"]
        assert (
            place.control.post("/sandbox/acts", json={"act": "post_moment", "userid": "service02", "external_userid": place.customers_of(giver)[0]}).status_code
            == 404
        )
