"""The tag library against the sandbox over HTTP: what is read, told by callbacks, mended, and shown."""

from typing import Any

from siyu.connectors.wecom import NewTag
from tests.observe.contacts.scene import Scene, receiver
from tests.observe.contacts.test_sandbox import push
from tests.observe.operator import TestClient

Library = dict[str, dict[str, str]]
"""Group name → tag id → tag name."""


def truth(town: Scene) -> Library:
    return {group.name: {tag.id: tag.name for tag in group.tags} for group in town.place.client.corp_tags()}


def shown(client: TestClient) -> Any:
    (library,) = client.get("/api/tags").json()
    return library


def ours(client: TestClient) -> Library:
    return {group["name"]: {tag["id"]: tag["name"] for tag in group["tags"]} for group in shown(client)["groups"]}


class TestSync:
    def test_the_library_follows_the_first_reading_of_contacts(self, town: Scene, client: TestClient) -> None:
        assert truth(town) and ours(client) == truth(town)
        assert [list(tags) for tags in ours(client).values()] == [list(tags) for tags in truth(town).values()]  # in WeCom's order
        (job,) = town.ask("select state, result from jobs where kind = 'tags.sync'")
        tags = sum(map(len, truth(town).values()))
        assert (job.state, job.result) == ("done", {"groups": len(truth(town)), "tags": tags, "added": tags, "changed": 0, "deleted": 0})
        library = shown(client)
        assert library["read_at"] and (library["tags"], library["ceiling"], library["warn_from"]) == (tags, 10_000, 3_000)

    def test_customers_are_counted_by_tag_once_each(self, town: Scene, client: TestClient) -> None:
        bearing: dict[str, set[str]] = {}
        for userid in town.place.client.follow_users():
            for contact in town.place.client.contacts([userid]):
                for tag in contact.follow.tags:
                    bearing.setdefault(tag.tag_id, set()).add(contact.contact.external_userid)
        told = {tag["id"]: tag["customers"] for group in shown(client)["groups"] for tag in group["tags"] if tag["customers"]}
        assert bearing and told == {tag: len(people) for tag, people in bearing.items() if tag}

    def test_what_nobody_told_is_mended_and_counted(self, town: Scene, client: TestClient) -> None:
        wecom = town.place.client
        first, second = wecom.corp_tags()[:2]
        wecom.edit_corp_tag(first.tags[0].id, name="新名字")
        wecom.delete_corp_tags(group_ids=[second.id])
        wecom.add_corp_tags([NewTag("一"), NewTag("二")], group_name="新组")
        town.sync()
        assert ours(client) == truth(town)
        (job,) = town.ask("select result from jobs where kind = 'tags.sync' order by id desc limit 1")
        assert (job.result["added"], job.result["changed"], job.result["deleted"]) == (2, 1, len(second.tags))
        town.sync()
        (job,) = town.ask("select result from jobs where kind = 'tags.sync' order by id desc limit 1")
        assert (job.result["added"], job.result["changed"], job.result["deleted"]) == (0, 0, 0)

    def test_a_right_that_is_missing_fails_the_job_with_wecoms_words(self, town: Scene) -> None:
        town.place.fault("forbidden", "externalcontact/get_corp_tag_list", count=None)
        town.sync()
        (job,) = town.ask("select state, error from jobs where kind = 'tags.sync' order by id desc limit 1")
        assert (job.state, job.error["params"]["code"]) == ("failed", 48002)


class TestCallbacks:
    def test_whatever_is_told_in_whatever_order_the_library_is_read_once(self, town: Scene, client: TestClient) -> None:
        group = town.place.client.corp_tags()[0]
        town.place.client.edit_corp_tag(group.tags[0].id, name="新名字")
        town.place.client.delete_corp_tags(tag_ids=[group.tags[1].id])
        assert ours(client) != truth(town)
        with receiver(town.database) as address:
            for change in ("delete", "shuffle", "update", "update", "create"):
                assert push(address, town.corp, told(change, group.tags[0].id)).status_code == 200
            for _ in range(2):
                town.later(10)
        assert ours(client) == truth(town)
        assert len(town.ask("select id from jobs where kind = 'tags.refresh'")) == 1


def told(change: str, id: str) -> bytes:
    return (
        f"<xml><CreateTime>1772420000</CreateTime><Event>change_external_tag</Event><ChangeType>{change}</ChangeType><Id>{id}</Id><TagType>tag</TagType></xml>"
    ).encode()


class TestCustomer:
    def test_the_customers_page_says_names(self, town: Scene, client: TestClient) -> None:
        names = {id: (group, name) for group, tags in truth(town).items() for id, name in tags.items()}
        (row,) = town.ask(
            "select i.customer_id, c.tags from contacts c join identities i on i.tenant_id = c.tenant_id and i.id = c.identity_id "
            "where jsonb_array_length(c.tags) > 1 and i.customer_id is not null order by c.id limit 1"
        )
        (relation, *_) = client.get(f"/api/customers/{row.customer_id}").json()["relations"]
        assert {(tag["group"], tag["name"]) for tag in relation["tags"]} == {names[id] for id in row.tags}
