"""企业标签 and 备注 over HTTP: what the client sends is what the sandbox's books hold and gives back."""

import pytest

from siyu.connectors.wecom import Action, CorpTagGroup, NewTag, Refused, Remark
from siyu.connectors.wecom.sandbox.settings import AppSettings
from tests.connectors.wecom.conftest import Build, Place


def refused(call: object, *args: object, **named: object) -> Refused:
    with pytest.raises(Refused) as caught:
        call(*args, **named)  # type: ignore[operator]
    return caught.value


def pair(place: Place) -> tuple[str, str]:
    member = place.busiest()
    return member, place.customers_of(member)[0]


class TestLibrary:
    def test_a_new_group_answers_with_its_new_tags_and_stands_in_the_library(self, build: Build) -> None:
        place = build()
        made = place.client.add_corp_tags([NewTag("高净值", 9), NewTag("育儿"), NewTag("高净值")], group_name="人群", group_order=500)
        assert ([tag.name for tag in made.tags], made.name, made.order) == (["高净值", "育儿"], "人群", 500)
        listed = {group.id: group for group in place.client.corp_tags()}
        assert next(iter(listed.values())).id == made.id  # the largest order comes first
        assert listed[made.id] == made
        assert place.client.corp_tags(tag_ids=[made.tags[1].id]) == [CorpTagGroup(made.id, made.name, made.order, made.tags[1:])]
        assert place.client.corp_tags(group_ids=[made.id], tag_ids=["et-none"]) == [made]

    def test_adding_to_a_group_gives_only_what_is_new(self, build: Build) -> None:
        place = build()
        first = place.client.add_corp_tags([NewTag("一")], group_name="组")
        by_name = place.client.add_corp_tags([NewTag("二")], group_name="组", group_order=7)
        by_id = place.client.add_corp_tags([NewTag("三")], group_id=first.id)
        assert first.id == by_name.id == by_id.id
        assert ([tag.name for tag in by_name.tags], [tag.name for tag in by_id.tags]) == (["二"], ["三"])
        assert by_name.order == first.order == 0

    def test_names_are_checked(self, build: Build) -> None:
        client = build().client
        made = client.add_corp_tags([NewTag("一"), NewTag("二")], group_name="组")
        assert refused(client.add_corp_tags, [NewTag("一")], group_name="组").action is Action.DONE
        assert refused(client.add_corp_tags, [NewTag("字" * 31)], group_name="组").code == 40072
        assert refused(client.add_corp_tags, [NewTag("")], group_name="组").code == 40072
        assert refused(client.add_corp_tags, [NewTag(" \u3000")], group_name="组").code == 40072
        assert refused(client.add_corp_tags, [NewTag("三")], group_name="  ").code == 40072
        assert refused(client.edit_corp_tag, made.id, name=" ").code == 40072
        assert refused(client.add_corp_tags, [NewTag("三")], group_name="").code == 40072
        assert refused(client.add_corp_tags, [], group_name="组").code == 40058
        assert refused(client.add_corp_tags, [NewTag("三")], group_id="et-none").action is Action.SYNC
        assert refused(client.edit_corp_tag, made.tags[0].id, name="二").code == 40071
        assert refused(client.edit_corp_tag, "et-none", name="三").code == 40068
        assert refused(client.edit_corp_tag, made.tags[0].id, order=-1).code == 40058

    def test_editing_renames_and_reorders_tags_and_groups(self, build: Build) -> None:
        client = build().client
        made = client.add_corp_tags([NewTag("一"), NewTag("二")], group_name="组")
        client.edit_corp_tag(made.tags[1].id, order=5)
        client.edit_corp_tag(made.tags[0].id, name="壹")
        client.edit_corp_tag(made.id, name="新组", order=3)
        (group,) = client.corp_tags(group_ids=[made.id])
        assert (group.name, group.order, [(tag.name, tag.order) for tag in group.tags]) == ("新组", 3, [("二", 5), ("壹", 0)])

    def test_deleting_takes_tags_off_customers_and_empty_groups_away(self, build: Build) -> None:
        place = build()
        made = place.client.add_corp_tags([NewTag("一"), NewTag("二")], group_name="组")
        member, customer = pair(place)
        place.client.mark_tags(member, customer, add=[tag.id for tag in made.tags])
        place.client.delete_corp_tags(tag_ids=[made.tags[0].id])
        (follow,) = [follow for follow in place.client.contact(customer).follows if follow.userid == member]
        assert "二" in {tag.name for tag in follow.tags} and "一" not in {tag.name for tag in follow.tags}
        place.client.delete_corp_tags(tag_ids=[made.tags[1].id])
        assert made.id not in {group.id for group in place.client.corp_tags()}
        assert refused(place.client.delete_corp_tags, group_ids=[made.id]).code == 40068
        assert refused(place.client.delete_corp_tags).code == 40058

    def test_what_was_deleted_is_told_of_when_it_is_asked_for_by_its_id(self, build: Build) -> None:
        place = build()

        def listed(**ids: list[str]) -> list[tuple[str, bool, list[tuple[str, bool]]]]:
            groups = place.call("POST", "externalcontact/get_corp_tag_list", body=ids)["tag_group"]
            return [(group["group_name"], group["deleted"], [(tag["name"], tag["deleted"]) for tag in group["tag"]]) for group in groups]

        made = place.client.add_corp_tags([NewTag("一", 2), NewTag("二", 1)], group_name="组")
        first, second = (tag.id for tag in made.tags)
        place.client.delete_corp_tags(tag_ids=[first])
        assert listed(tag_id=[first, second]) == [("组", False, [("一", True), ("二", False)])]
        assert listed(tag_id=[first]) == [("组", False, [("一", True)])]
        assert [tag.id for group in place.client.corp_tags(tag_ids=[first, second]) for tag in group.tags] == [second]
        assert listed(group_id=[made.id]) == [("组", False, [("二", False)])]
        place.client.delete_corp_tags(tag_ids=[second])
        assert listed(group_id=[made.id]) == listed(tag_id=[first, second]) == [("组", True, [("一", True), ("二", True)])]
        assert place.client.corp_tags(group_ids=[made.id]) == []
        again = place.client.add_corp_tags([NewTag("一")], group_name="组")
        assert listed(group_id=[again.id]) == [("组", False, [("一", False)])]
        assert again.id != made.id and len(listed(group_id=[again.id, made.id])) == 2
        library = place.call("POST", "externalcontact/get_corp_tag_list", body={})["tag_group"]
        assert made.id not in {group["group_id"] for group in library} and not any("deleted" in group for group in library)
        assert listed(tag_id=["et-none"]) == listed(group_id=["et-none"]) == []

    def test_an_app_changes_only_its_own_tags_unless_it_has_the_customer_secret(self, build: Build) -> None:
        place = build(apps=(AppSettings(1000002, "a" * 43, edits_all_tags=False),))
        old = place.client.corp_tags()[0]
        assert refused(place.client.edit_corp_tag, old.id, name="改").code == 81011
        assert refused(place.client.delete_corp_tags, tag_ids=[old.tags[0].id]).code == 81011
        own = place.client.add_corp_tags([NewTag("自己的")], group_id=old.id)
        place.client.edit_corp_tag(own.tags[0].id, name="还是自己的")

    def test_the_ceiling_is_a_quota(self, build: Build) -> None:
        from siyu.connectors.wecom.sandbox.settings import Limits

        place = build(limits=Limits(corp_tags=0))
        assert refused(place.client.add_corp_tags, [NewTag("一")], group_name="组").action is Action.QUOTA
        assert "组" not in {group.name for group in place.client.corp_tags()}  # nothing is half-made


class TestMarks:
    def test_marks_are_put_on_and_taken_off_one_relation_and_repeat_harmlessly(self, build: Build) -> None:
        place = build()
        member, customer = pair(place)
        first, second = place.client.add_corp_tags([NewTag("一"), NewTag("二")], group_name="组").tags
        for _ in range(2):
            place.client.mark_tags(member, customer, add=[first.id, second.id])
        place.client.mark_tags(member, customer, remove=[first.id])
        (follow,) = [follow for follow in place.client.contact(customer).follows if follow.userid == member]
        assert [tag.name for tag in follow.tags if tag.group_name == "组"] == ["二"]
        (row,) = [row for row in place.client.contacts([member]) if row.contact.external_userid == customer]
        assert second.id in {tag.tag_id for tag in row.follow.tags}

    def test_what_is_not_there_is_told_apart(self, build: Build) -> None:
        place = build()
        member, customer = pair(place)
        tag = place.client.corp_tags()[0].tags[0].id
        assert refused(place.client.mark_tags, member, customer).code == 40058
        assert refused(place.client.mark_tags, member, customer, add=[tag, "et-none"]).code == 40068
        assert refused(place.client.mark_tags, member, "wm-none", add=[tag]).code == 84061
        assert refused(place.client.mark_tags, "nobody", customer, add=[tag]).code == 60111

    def test_nothing_that_comes_over_the_interface_calls_back(self, build: Build) -> None:
        place = build()
        member, customer = pair(place)
        tag = place.client.add_corp_tags([NewTag("一")], group_name="组").tags[0].id
        place.client.mark_tags(member, customer, add=[tag])
        place.client.remark(member, customer, Remark(remark="老客"))
        assert place.get("books/pushes") == []


class TestRemarks:
    def test_each_field_round_trips_and_what_is_not_given_stays(self, build: Build) -> None:
        place = build()
        member, customer = pair(place)
        place.client.remark(member, customer, Remark("小李", "喜欢茶", "茶社", ("13800138000", "13900139000")))
        place.client.remark(member, customer, Remark(description=""))
        (follow,) = [follow for follow in place.client.contact(customer).follows if follow.userid == member]
        assert (follow.remark, follow.description, follow.remark_mobiles) == ("小李", "", ("13800138000", "13900139000"))
        place.client.remark(member, customer, Remark(mobiles=()))
        (follow,) = [follow for follow in place.client.contact(customer).follows if follow.userid == member]
        assert (follow.remark, follow.remark_mobiles) == ("小李", ())

    def test_lengths_and_emptiness_are_refused_whole(self, build: Build) -> None:
        place = build()
        member, customer = pair(place)
        assert refused(place.client.remark, member, customer, Remark()).code == 40063
        assert refused(place.client.remark, member, customer, Remark("一" * 21)).code == 40058
        assert refused(place.client.remark, member, customer, Remark("好", "一" * 151)).code == 40058
        assert refused(place.client.remark, member, "wm-none", Remark("好")).code == 84061
        (follow,) = [follow for follow in place.client.contact(customer).follows if follow.userid == member]
        assert follow.remark != "好"
