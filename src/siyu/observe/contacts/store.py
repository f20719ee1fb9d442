"""The tables of corps, contacts, callbacks and refreshes, and every statement on them."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Integer,
    LargeBinary,
    Row,
    Select,
    SmallInteger,
    Table,
    Text,
    Uuid,
    select,
    table,
)
from sqlalchemy import column as named
from sqlalchemy.dialects.postgresql import JSONB

from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import ContactId, CorpId, CustomerId, IdentityId, StaffId
from siyu.observe.contacts.model import Change, Contact, Face, Hint, Refresh, Relation, Seen

corps = Table(
    "corps",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("corp_id", Text, nullable=False),
    Column("agent_id", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("base_url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("callback_token", Text, nullable=False),
    Column("callback_aes_key", Text, nullable=False),
    Column("callback_key", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("synced_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("corp_id", Uuid, nullable=False),
    Column("staff_id", Uuid, nullable=False),
    Column("external_userid", Text, nullable=False),
    Column("identity_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("avatar", Text, nullable=False),
    Column("gender", SmallInteger, nullable=False),
    Column("unionid", Text),
    Column("remark", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("add_way", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("tags", JSONB, nullable=False),
    Column("added_at", DateTime(timezone=True), nullable=False),
    Column("relation", Text, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("last_talked_at", DateTime(timezone=True)),
    Column("revision", Integer, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)

callback_inbox = Table(
    "callback_inbox",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("corp_id", Uuid, nullable=False),
    Column("event", Text, nullable=False),
    Column("change_type", Text, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
)

contact_refreshes = Table(
    "contact_refreshes",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("corp_id", Uuid, primary_key=True),
    Column("external_userid", Text, primary_key=True),
    Column("hints", JSONB, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("parked", Text),
)

_CONTACT = (
    "c.id, c.identity_id, c.staff_id, c.external_userid, c.name, c.avatar, c.gender, c.unionid, c.remark, c.description, c.add_way, c.state, c.tags, "
    "c.added_at, c.relation, c.ended_at, c.last_talked_at, c.revision, c.updated_at"
)
SEEN_BY = ("active", "deleted_by_customer")
"""Relations by which a staff member sees a customer: whoever deleted the customer, or handed the customer on, does not any more."""


# -- corps ------------------------------------------------------------------------------------------------------------------------------------------


def insert_corp(tx: Tx, id: CorpId, values: Mapping[str, Any]) -> bool:
    """False when this app of this corp is there already."""
    return (
        tx.execute(
            """
            insert into corps (tenant_id, id, corp_id, agent_id, name, base_url, secret, callback_token, callback_aes_key, callback_key, created_at)
            values (:tenant_id, :id, :corp_id, :agent_id, :name, :base_url, :secret, :callback_token, :callback_aes_key, :callback_key, :now)
            on conflict (tenant_id, corp_id, agent_id) do nothing
            """,
            {"id": id, **values},
        ).rowcount
        == 1
    )


def corp_rows(tx: Tx) -> Sequence[Row[Any]]:
    """All corps with their sealed secrets, oldest first."""
    return tx.execute(
        """
        select id, corp_id, agent_id, name, base_url, secret, callback_token, callback_aes_key, callback_key, active, synced_at
        from corps
        where tenant_id = :tenant_id
        order by id
        """
    ).all()


def synced(tx: Tx, corp: CorpId) -> None:
    """A full sync has come to its end."""
    tx.execute("update corps set synced_at = :now where tenant_id = :tenant_id and id = :id", {"id": corp})


# -- contacts ---------------------------------------------------------------------------------------------------------------------------------------


def lock(tx: Tx, corp: CorpId) -> None:
    """One fold per corp at a time, so that what is read before deciding still holds when it is written."""
    # Contacts grow from nothing during a first reading: a plan kept from the beginning would go through all of them for each chunk.
    tx.execute("select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true)")
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


def faces(tx: Tx, identities: Collection[IdentityId]) -> dict[IdentityId, Face]:
    """Nickname and gender of each identity that is a contact, as most recently changed."""
    rows = tx.execute(
        """
        select distinct on (identity_id) identity_id, name, gender
        from contacts
        where tenant_id = :tenant_id and identity_id = any (cast(:identities as uuid[]))
        order by identity_id, updated_at desc, id
        """,
        {"identities": list(identities)},
    )
    return {IdentityId(row.identity_id): Face(row.name, {1: "man", 2: "woman"}.get(row.gender)) for row in rows}  # type: ignore[arg-type]


def relations(tx: Tx, customers: Collection[CustomerId]) -> list[Relation]:
    """All relations of these customers, active or not, newest first."""
    rows = tx.execute(
        """
        select c.id, i.customer_id, c.identity_id, o.corp_id, c.staff_id, s.userid, s.name as staff_name, c.external_userid, c.relation, c.added_at,
            c.ended_at, c.last_talked_at, c.add_way, c.remark
        from identities i
        join contacts c on c.tenant_id = i.tenant_id and c.identity_id = i.id
        join corps o on o.tenant_id = c.tenant_id and o.id = c.corp_id
        join staff s on s.tenant_id = c.tenant_id and s.id = c.staff_id
        where i.tenant_id = :tenant_id and i.customer_id = any (cast(:customers as uuid[]))
        order by i.customer_id, c.added_at desc, c.id
        """,
        {"customers": list(customers)},
    )
    return [
        Relation(
            ContactId(row.id),
            CustomerId(row.customer_id),
            IdentityId(row.identity_id),
            row.corp_id,
            StaffId(row.staff_id),
            row.userid,
            row.staff_name,
            row.external_userid,
            row.relation,
            row.added_at,
            row.ended_at,
            row.last_talked_at,
            row.add_way,
            row.remark,
        )
        for row in rows
    ]


def counts(tx: Tx, staff: Collection[StaffId]) -> dict[StaffId, int]:
    """Active relations of each staff member."""
    rows = tx.execute(
        """
        select staff_id, count(*) as n
        from contacts
        where tenant_id = :tenant_id and staff_id = any (cast(:staff as uuid[])) and relation = 'active'
        group by staff_id
        """,
        {"staff": list(staff)},
    )
    return {StaffId(row.staff_id): row.n for row in rows}


def seen_by(tx: Tx, customer: ColumnElement[Any], staff: Select[Any]) -> ColumnElement[bool]:
    """Whether one of these staff members (a query of ids) sees the customer in `customer`."""
    people = table("identities", named("tenant_id", Uuid), named("id", Uuid), named("customer_id", Uuid))
    mine = (
        select(people.c.customer_id)
        .join(contacts, (contacts.c.tenant_id == people.c.tenant_id) & (contacts.c.identity_id == people.c.id))
        .where(
            people.c.tenant_id == tx.tenant_id,
            contacts.c.tenant_id == tx.tenant_id,
            people.c.customer_id.is_not(None),
            contacts.c.staff_id.in_(staff),
            contacts.c.relation.in_(SEEN_BY),
        )
        .correlate(None)
    )
    return customer.in_(mine)


# -- callbacks --------------------------------------------------------------------------------------------------------------------------------------


def take(tx: Tx, corp: CorpId, digest: bytes, event: str, change_type: str) -> bool:
    """Enter a callback; False when the same body came before."""
    return (
        tx.execute(
            """
            insert into callback_inbox (tenant_id, digest, corp_id, event, change_type, received_at)
            values (:tenant_id, :digest, :corp, :event, :change_type, :now)
            on conflict do nothing
            """,
            {"corp": corp, "digest": digest, "event": event[:100], "change_type": change_type[:100]},
        ).rowcount
        == 1
    )


def forget(tx: Tx, before: datetime, limit: int) -> int:
    """Drop the oldest inbox rows received before an instant; returns how many went."""
    return tx.execute(
        """
        delete from callback_inbox
        where tenant_id = :tenant_id
            and digest in (select digest from callback_inbox where tenant_id = :tenant_id and received_at < :before order by received_at limit :limit)
        """,
        {"before": before, "limit": limit},
    ).rowcount


def ask(tx: Tx, corp: CorpId, external_userid: str, hint: Hint, due_at: datetime) -> None:
    """Look at this customer again at `due_at`; what was asked before and is not done yet is kept beside it."""
    tx.execute(
        """
        insert into contact_refreshes as r (tenant_id, corp_id, external_userid, hints, due_at)
        values (:tenant_id, :corp, :external, jsonb_build_array(cast(:hint as jsonb)), :due_at)
        on conflict (tenant_id, corp_id, external_userid) do update
        set hints = r.hints || excluded.hints, due_at = least(r.due_at, excluded.due_at), seq = r.seq + 1, attempts = 0, parked = null
        """,
        {"corp": corp, "external": external_userid, "hint": json.dumps(hint.stored()), "due_at": due_at},
    )


def due(tx: Tx, corp: CorpId, *, until: datetime, limit: int) -> list[Refresh]:
    """Lease refreshes that are due. A worker that dies leaves them due again at `until`."""
    rows = tx.execute(
        """
        update contact_refreshes r
        set due_at = :until, attempts = r.attempts + 1
        from (
            select external_userid
            from contact_refreshes
            where tenant_id = :tenant_id and corp_id = :corp and due_at <= :now and parked is null
            order by due_at, external_userid
            limit :limit
            for update skip locked
        ) d
        where r.tenant_id = :tenant_id and r.corp_id = :corp and r.external_userid = d.external_userid
        returning r.external_userid, r.seq, r.attempts, r.hints
        """,
        {"corp": corp, "until": until, "limit": limit},
    )
    return [Refresh(row.external_userid, row.seq, row.attempts, tuple(Hint.read(hint) for hint in row.hints)) for row in rows]


def settle(tx: Tx, corp: CorpId, done: Iterable[tuple[str, int]]) -> None:
    """Refreshes that are done go, unless something new was asked of them meanwhile: those are due at once."""
    keys = list(done)
    params = {"corp": corp, "external": [external for external, _ in keys], "seqs": [seq for _, seq in keys]}
    tx.execute(
        """
        delete from contact_refreshes r
        using unnest(cast(:external as text[]), cast(:seqs as bigint[])) as d (external_userid, seq)
        where r.tenant_id = :tenant_id and r.corp_id = :corp and r.external_userid = d.external_userid and r.seq = d.seq
        """,
        params,
    )
    tx.execute(
        """
        update contact_refreshes r
        set due_at = :now
        from unnest(cast(:external as text[]), cast(:seqs as bigint[])) as d (external_userid, seq)
        where r.tenant_id = :tenant_id and r.corp_id = :corp and r.external_userid = d.external_userid and r.seq <> d.seq
        """,
        params,
    )


def put_off(tx: Tx, corp: CorpId, external_userid: str, *, due_at: datetime | None, parked: str | None) -> None:
    """Try a refresh again at `due_at`, or park it with a reason for a person to see."""
    tx.execute(
        """
        update contact_refreshes
        set due_at = coalesce(:due_at, due_at), parked = :parked
        where tenant_id = :tenant_id and corp_id = :corp and external_userid = :external
        """,
        {"corp": corp, "external": external_userid, "due_at": due_at, "parked": parked},
    )


def waiting(tx: Tx, corp: CorpId) -> bool:
    """Whether refreshes are due and not parked."""
    return bool(
        tx.execute(
            "select exists (select from contact_refreshes where tenant_id = :tenant_id and corp_id = :corp and parked is null and due_at <= :now)",
            {"corp": corp},
        ).scalar()
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
