"""Statements on contacts while WeCom's word is folded into them."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from siyu.infra import arrays
from siyu.infra.tx import Tx
from siyu.kernel.ids import ContactId, CorpId, IdentityId, StaffId
from siyu.observe.contacts.model import Change, Contact, Seen
from siyu.observe.contacts.notes import OtherTag
from siyu.observe.contacts.store import mobiles

_CONTACT = (
    "c.id, c.identity_id, c.staff_id, c.external_userid, c.name, c.avatar, c.gender, c.unionid, c.remark, c.description, c.add_way, c.state, c.tags, "
    "c.added_at, c.relation, c.ended_at, c.last_talked_at, c.revision, c.updated_at, c.company, c.mobiles, c.other_tags"
)


def lock(tx: Tx, corp: CorpId) -> None:
    """One fold per corp at a time, so that what is read before deciding still holds when it is written."""
    tx.execute("select pg_advisory_xact_lock(hashtextextended('contacts.fold' || cast(:corp as text), 0))", {"corp": str(corp)})


def lock_shared(tx: Tx, corp: CorpId) -> None:
    """The same among folds that have no pair in common, which may run side by side."""
    tx.execute("select pg_advisory_xact_lock_shared(hashtextextended('contacts.fold' || cast(:corp as text), 0))", {"corp": str(corp)})


def held(tx: Tx, corp: CorpId, pairs: Collection[tuple[StaffId, str]]) -> dict[tuple[StaffId, str], Contact]:
    """What we hold of these (staff, external_userid) pairs.

    `limit` makes the planner look up pair by pair: of tables that grow a thousandfold in minutes its statistics are too old, and it would read them whole.
    """
    rows = tx.execute(
        f"""
        select {_CONTACT}
        from unnest(cast(:staff as uuid[]), cast(:external as text[])) as p (staff_id, external_userid)
        cross join lateral (
            select *
            from contacts k
            where k.tenant_id = :tenant_id and k.corp_id = :corp and k.external_userid = p.external_userid and k.staff_id = p.staff_id
            limit 1
        ) c
        """,  # noqa: S608 (constant columns)
        {"corp": corp, "staff": arrays.bare([staff for staff, _ in pairs]), "external": arrays.texts([external for _, external in pairs])},
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
        from unnest(cast(:members as uuid[])) as m (id)
        cross join lateral (
            select *
            from contacts k
            where k.tenant_id = :tenant_id and k.corp_id = :corp and k.staff_id = m.id and k.relation = 'active'
            offset 0
        ) c
        where not exists (
            select from unnest(cast(:staff as uuid[]), cast(:external as text[])) as p (staff_id, external_userid)
            where p.staff_id = c.staff_id and p.external_userid = c.external_userid
        )
        """,  # noqa: S608 (constant columns)
        {
            "corp": corp,
            "members": list(staff),
            "staff": arrays.bare([member for member, _ in listed]),
            "external": arrays.texts([external for _, external in listed]),
        },
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
            add_way, state, tags, added_at, relation, ended_at, last_talked_at, revision, updated_at, company, mobiles, other_tags
        )
        select :tenant_id, r.id, :corp, r.staff_id, r.external_userid, r.identity_id, r.name, r.avatar, r.gender, r.unionid, r.remark, r.description,
            r.add_way, r.state, r.tags, r.added_at, r.relation, r.ended_at, r.last_talked_at, r.revision, r.updated_at,
            r.company, r.mobiles, r.other_tags
        from unnest(
            cast(:ids as uuid[]), cast(:staff as uuid[]), cast(:externals as text[]), cast(:identities as uuid[]), cast(:names as text[]),
            cast(:avatars as text[]), cast(:genders as smallint[]), cast(:unionids as text[]), cast(:remarks as text[]), cast(:descriptions as text[]),
            cast(:ways as integer[]), cast(:states as text[]), cast(:tags as jsonb[]), cast(:added as timestamptz[]), cast(:relations as text[]),
            cast(:ended as timestamptz[]), cast(:talked as timestamptz[]), cast(:revisions as integer[]), cast(:updated as timestamptz[]),
            cast(:companies as text[]), cast(:mobiles as text[]), cast(:other_tags as jsonb[])
        ) as r (
            id, staff_id, external_userid, identity_id, name, avatar, gender, unionid, remark, description, add_way, state, tags, added_at, relation,
            ended_at, last_talked_at, revision, updated_at, company, mobiles, other_tags
        )
        on conflict (tenant_id, id) do update
        set name = excluded.name, avatar = excluded.avatar, gender = excluded.gender, unionid = excluded.unionid, remark = excluded.remark,
            description = excluded.description, add_way = excluded.add_way, state = excluded.state, tags = excluded.tags, added_at = excluded.added_at,
            relation = excluded.relation, ended_at = excluded.ended_at, last_talked_at = excluded.last_talked_at, revision = excluded.revision,
            updated_at = excluded.updated_at, company = excluded.company, mobiles = excluded.mobiles, other_tags = excluded.other_tags
        """,
        {"corp": corp, **_columns([change.after for change in changes])},
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


def _columns(contacts: Sequence[Contact]) -> dict[str, str]:
    seen = [contact.seen for contact in contacts]
    return {
        "ids": arrays.bare([contact.id for contact in contacts]),
        "staff": arrays.bare([one.staff_id for one in seen]),
        "externals": arrays.texts([one.external_userid for one in seen]),
        "identities": arrays.bare([contact.identity_id for contact in contacts]),
        "names": arrays.texts([one.name for one in seen]),
        "avatars": arrays.texts([one.avatar for one in seen]),
        "genders": arrays.bare([one.gender for one in seen]),
        "unionids": arrays.texts([one.unionid for one in seen]),
        "remarks": arrays.texts([one.remark for one in seen]),
        "descriptions": arrays.texts([one.description for one in seen]),
        "ways": arrays.bare([one.add_way for one in seen]),
        "states": arrays.texts([one.state for one in seen]),
        "tags": arrays.texts([json.dumps(one.tags, ensure_ascii=False) if one.tags else "[]" for one in seen]),
        "added": arrays.instants([one.added_at for one in seen]),
        "relations": arrays.texts([contact.relation for contact in contacts]),
        "ended": arrays.instants([contact.ended_at for contact in contacts]),
        "talked": arrays.instants([contact.last_talked_at for contact in contacts]),
        "revisions": arrays.bare([contact.revision for contact in contacts]),
        "updated": arrays.instants([contact.updated_at for contact in contacts]),
        "companies": arrays.texts([one.company for one in seen]),
        "mobiles": arrays.texts([mobiles.sealed(contact.id, contact.seen.mobiles) for contact in contacts]),
        "other_tags": arrays.texts([json.dumps([asdict(tag) for tag in one.other_tags], ensure_ascii=False) if one.other_tags else "[]" for one in seen]),
    }


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
        company=row.company,
        mobiles=mobiles.opened(ContactId(row.id), row.mobiles),
        other_tags=tuple(OtherTag(**tag) for tag in row.other_tags),
    )
    return Contact(ContactId(row.id), IdentityId(row.identity_id), seen, row.relation, row.ended_at, row.last_talked_at, row.revision, row.updated_at)
