"""企业标签: the library, and what is put on customers."""

from collections.abc import Collection, Sequence

from siyu.connectors.wecom.errors import OutcomeUnknown
from siyu.connectors.wecom.model import CorpTagGroup, NewTag
from siyu.connectors.wecom.transport import Transport


class Tags(Transport):
    """The tag library of the corp. Changes made here produce no callback."""

    def corp_tags(self, *, tag_ids: Collection[str] = (), group_ids: Collection[str] = ()) -> list[CorpTagGroup]:
        """The whole tag library, or the groups of some ids; `group_ids` win over `tag_ids`. What was deleted is left out."""
        body = {name: sorted(ids) for name, ids in (("tag_id", tag_ids), ("group_id", group_ids)) if ids}
        rows = self._call("POST", "externalcontact/get_corp_tag_list", body).get("tag_group") or ()
        return [CorpTagGroup.read(row) for row in rows if not row.get("deleted")]

    def add_corp_tags(self, tags: Sequence[NewTag], *, group_id: str = "", group_name: str = "", group_order: int | None = None) -> CorpTagGroup:
        """Add tags to a group by id, or by name (made when there is none). Answers the group with only the new tags.

        A creating call. `Refused` 40071: a name is taken in the group.
        """
        path = "externalcontact/add_corp_tag"
        group = {"group_id": group_id} if group_id else {"group_name": group_name, **({"order": group_order} if group_order is not None else {})}
        answer = self._call("POST", path, {**group, "tag": [tag.body() for tag in tags]}, kind="create")
        if not answer.get("tag_group"):
            raise OutcomeUnknown(path, "success without tag_group")
        return CorpTagGroup.read(answer["tag_group"])

    def edit_corp_tag(self, id: str, *, name: str | None = None, order: int | None = None) -> None:
        """Rename or reorder a tag or a group. `Refused` 81011: another app made it."""
        given = {"name": name, "order": order}
        self._call("POST", "externalcontact/edit_corp_tag", {"id": id, **{key: value for key, value in given.items() if value is not None}}, kind="write")

    def delete_corp_tags(self, *, tag_ids: Collection[str] = (), group_ids: Collection[str] = ()) -> None:
        """Delete tags, or whole groups, and take them off every customer."""
        body = {name: sorted(ids) for name, ids in (("tag_id", tag_ids), ("group_id", group_ids)) if ids}
        self._call("POST", "externalcontact/del_corp_tag", body, kind="write")

    def mark_tags(self, userid: str, external_userid: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> None:
        """Put tags on one relation and take others off. Repeating it is harmless; after a failure read the customer again."""
        body = {"userid": userid, "external_userid": external_userid}
        lists = {name: sorted(ids) for name, ids in (("add_tag", add), ("remove_tag", remove)) if ids}
        self._call("POST", "externalcontact/mark_tag", {**body, **lists}, kind="write")
