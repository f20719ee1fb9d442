"""Statements on contacts while WeCom's word is folded into them."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from siyu.infra.tx import Tx
from siyu.kernel.ids import ContactId, CorpId, IdentityId, StaffId
from siyu.observe.contacts.model import Change, Contact, Seen

_CONTACT = (
    "c.id, c.identity_id, c.staff_id, c.external_userid, c.name, c.avatar, c.gender, c.unionid, c.remark, c.description, c.add_way, c.state, c.tags, "
    "c.added_at, c.relation, c.ended_at, c.last_talked_at, c.revision, c.updated_at"
)


def lock(tx: Tx, corp: CorpId) -> None:
    """One fold per corp at a time, so that what is read before deciding still holds when it is written."""
    tx.execute("select pg_advisory_xact_lock(hashtextextended('contacts.fold' || cast(:corp as text), 0))", {"corp": str(corp)})


def held(tx: Tx, corp: CorpId, pairs: Collection[tuple[StaffId, str]]) -> dict[tuple[StaffId, str], Contact]:
    """What we hold of these (staff, external_userid) pairs."""
    rows = tx.execute(
        f"""
        select {_CONTACT}
        from unnest(cast(:staff as uuid[]), cast(:external as text[])) as p (staff_id, external_userid)
        join contacts c on c.tenant_id = :tenant_id and c.corp_id = :corp and c.staff_id = p.staff_id and c.external_userid = p.external_userid
        """,  # noqa: S608 (constant columns)
        {"corp": corp, "staff": [staff for staff, _ in pairs], "external": [external for _, external in pairs]},
    )
    return {contact.seen.pair: contact for contact in map(_contact, rows)}


def held_of(tx: Tx, corp: CorpId, external_userids: Collection[str]) -> list[Contact]:
    """All relations that we hold of these customers of a corp."""
    rows = tx.execute(
        f"""
        select {_CONTACT}
        from contacts c
        where c.tenant_id = :tenant_id and c.corp_id = :corp and c.external_userid = any (cast(:external as text[]))
        """,  # noqa: S608 (constant columns)
        {"corp": corp, "external": list(external_userids)},
    )
    return [_contact(row) for row in rows]


def unlisted(tx: Tx, corp: CorpId, staff: Collection[StaffId], listed: Collection[tuple[StaffId, str]]) -> list[Contact]:
    """Active relations of these staff members that are not among `listed`."""
    rows = tx.execute(
        f"""
        select {_CONTACT}
        from contacts c
        where c.tenant_id = :tenant_id
            and c.corp_id = :corp
            and c.staff_id = any (cast(:members as uuid[]))
            and c.relation = 'active'
            and not exists (
                select from unnest(cast(:staff as uuid[]), cast(:external as text[])) as p (staff_id, external_userid)
                where p.staff_id = c.staff_id and p.external_userid = c.external_userid
            )
        """,  # noqa: S608 (constant columns)
        {"corp": corp, "members": list(staff), "staff": [member for member, _ in listed], "external": [external for _, external in listed]},
    )
    return [_contact(row) for row in rows]


def write(tx: Tx, corp: CorpId, changes: Sequence[Change]) -> None:
    """Insert or overwrite the relations that a fold changed."""
    if not changes:
        return
    tx.execute(
        """
        insert into contacts as c (
            tenant_id, id, corp_id, staff_id, external_userid, identity_id, name, avatar, gender, unionid, remark, description,
            add_way, state, tags, added_at, relation, ended_at, last_talked_at, revision, updated_at
        )
        select :tenant_id, r.id, :corp, r.staff_id, r.external_userid, r.identity_id, r.name, r.avatar, r.gender, r.unionid, r.remark, r.description,
            r.add_way, r.state, r.tags, r.added_at, r.relation, r.ended_at, r.last_talked_at, r.revision, r.updated_at
        from jsonb_to_recordset(cast(:rows as jsonb)) as r (
            id uuid, staff_id uuid, external_userid text, identity_id uuid, name text, avatar text, gender smallint, unionid text, remark text,
            description text, add_way integer, state text, tags jsonb, added_at timestamptz, relation text, ended_at timestamptz,
            last_talked_at timestamptz, revision integer, updated_at timestamptz
        )
        on conflict (tenant_id, id) do update
        set name = excluded.name, avatar = excluded.avatar, gender = excluded.gender, unionid = excluded.unionid, remark = excluded.remark,
            description = excluded.description, add_way = excluded.add_way, state = excluded.state, tags = excluded.tags, added_at = excluded.added_at,
            relation = excluded.relation, ended_at = excluded.ended_at, last_talked_at = excluded.last_talked_at, revision = excluded.revision,
            updated_at = excluded.updated_at
        """,
        {"corp": corp, "rows": json.dumps([_row(change.after) for change in changes], default=_text, ensure_ascii=False)},
    )


def talked(tx: Tx, corp: CorpId, talks: Sequence[tuple[StaffId, str, datetime]]) -> None:
    """Note when customers last wrote to members; earlier news changes nothing."""
    tx.execute(
        """
        update contacts c
        set last_talked_at = t.at
        from unnest(cast(:staff as uuid[]), cast(:external as text[]), cast(:at as timestamptz[])) as t (staff_id, external_userid, at)
        where c.tenant_id = :tenant_id and c.corp_id = :corp and c.staff_id = t.staff_id and c.external_userid = t.external_userid
            and (c.last_talked_at is null or c.last_talked_at < t.at)
        """,
        {"corp": corp, "staff": [staff for staff, _, _ in talks], "external": [external for _, external, _ in talks], "at": [at for *_, at in talks]},
    )


def _row(contact: Contact) -> dict[str, Any]:
    seen = contact.seen
    return {
        "id": contact.id,
        "identity_id": contact.identity_id,
        "staff_id": seen.staff_id,
        "external_userid": seen.external_userid,
        "name": seen.name,
        "avatar": seen.avatar,
        "gender": seen.gender,
        "unionid": seen.unionid,
        "remark": seen.remark,
        "description": seen.description,
        "add_way": seen.add_way,
        "state": seen.state,
        "tags": seen.tags,
        "added_at": seen.added_at,
        "relation": contact.relation,
        "ended_at": contact.ended_at,
        "last_talked_at": contact.last_talked_at,
        "revision": contact.revision,
        "updated_at": contact.updated_at,
    }


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _contact(row: Row[Any]) -> Contact:
    seen = Seen(
        staff_id=StaffId(row.staff_id),
        external_userid=row.external_userid,
        name=row.name,
        avatar=row.avatar,
        gender=row.gender,
        unionid=row.unionid,
        remark=row.remark,
        description=row.description,
        add_way=row.add_way,
        state=row.state,
        tags=tuple(row.tags),
        added_at=row.added_at,
    )
    return Contact(ContactId(row.id), IdentityId(row.identity_id), seen, row.relation, row.ended_at, row.last_talked_at, row.revision, row.updated_at)
