"""Statements on groups while WeCom's word is folded into them."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, GroupId, IdentityId, StaffId, new_id
from siyu.observe.groups.model import Change, Heading, Held, Seen, Stay


def claim(tx: Tx, corp: CorpId, chat_id: str) -> Held:
    """One group, made when it is new, locked until the transaction ends."""
    tx.execute(
        """
        insert into group_chats (tenant_id, id, corp_id, chat_id)
        values (:tenant_id, :id, :corp, :chat_id)
        on conflict (tenant_id, corp_id, chat_id) do nothing
        """,
        {"id": new_id(GroupId, tx.now), "corp": corp, "chat_id": chat_id},
    )
    row = tx.execute(
        """
        select id, chat_id, name, owner, notice, member_version, created_at, state, read_at
        from group_chats
        where tenant_id = :tenant_id and corp_id = :corp and chat_id = :chat_id
        for update
        """,
        {"corp": corp, "chat_id": chat_id},
    ).one()
    return Held(GroupId(row.id), Heading(row.name, row.owner, row.notice, row.member_version, row.created_at), row.state, row.read_at)


def write_group(tx: Tx, id: GroupId, heading: Heading, *, owner_id: StaffId | None, read_at: datetime) -> None:
    """A reading that began at `read_at` found the group as told. It stays due when somebody asked for a later reading."""
    tx.execute(
        """
        update group_chats
        set name = :name, owner = :owner, owner_id = :owner_id, notice = :notice, member_version = :version, created_at = :created_at, state = 'active',
            dismissed_at = null, read_at = :read_at, due_at = case when wanted_at > :read_at then wanted_at end
        where tenant_id = :tenant_id and id = :id
        """,
        {"id": id, "owner_id": owner_id, "read_at": read_at, **heading.__dict__},
    )


def end_group(tx: Tx, id: GroupId, *, read_at: datetime) -> None:
    """A reading that began at `read_at` found no such group any more."""
    tx.execute(
        """
        update group_chats
        set state = 'dismissed', dismissed_at = coalesce(dismissed_at, :now), read_at = :read_at, due_at = case when wanted_at > :read_at then wanted_at end
        where tenant_id = :tenant_id and id = :id
        """,
        {"id": id, "read_at": read_at},
    )


def drop(tx: Tx, id: GroupId) -> None:
    """Forget a group in which nobody ever was, unless it was named again meanwhile."""
    tx.execute("delete from group_chats where tenant_id = :tenant_id and id = :id and state = 'unread'", {"id": id})


def stays(tx: Tx, group: GroupId) -> list[Stay]:
    """Everybody who is or was in a group."""
    rows = tx.execute(
        """
        select member, joined_at, kind, identity_id, name, nickname, unionid, way, state, invited_by, left_at, ended
        from group_members
        where tenant_id = :tenant_id and group_id = :group_id
        """,
        {"group_id": group},
    )
    return [
        Stay(
            Seen(row.member, row.joined_at, row.kind, row.name, row.nickname, row.unionid, row.way, row.state, row.invited_by),
            IdentityId(row.identity_id) if row.identity_id else None,
            row.left_at,
            row.ended,
        )
        for row in rows
    ]


def write(tx: Tx, group: GroupId, changes: Sequence[Change]) -> None:
    """Insert or overwrite the stays that a fold changed."""
    if not changes:
        return
    tx.execute(
        """
        insert into group_members (
            tenant_id, group_id, member, joined_at, kind, identity_id, name, nickname, unionid, way, state, invited_by, left_at, ended
        )
        select :tenant_id, :group_id, r.member, r.joined_at, r.kind, r.identity_id, r.name, r.nickname, r.unionid, r.way, r.state, r.invited_by,
            r.left_at, r.ended
        from jsonb_to_recordset(cast(:rows as jsonb)) as r (
            member text, joined_at timestamptz, kind text, identity_id uuid, name text, nickname text, unionid text, way bigint, state text,
            invited_by text, left_at timestamptz, ended text
        )
        on conflict (tenant_id, group_id, member, joined_at) do update
        set kind = excluded.kind, identity_id = excluded.identity_id, name = excluded.name, nickname = excluded.nickname, unionid = excluded.unionid,
            way = excluded.way, state = excluded.state, invited_by = excluded.invited_by, left_at = excluded.left_at, ended = excluded.ended
        """,
        {"group_id": group, "rows": json.dumps([_row(change.after) for change in changes], default=_text, ensure_ascii=False)},
    )


def ask(tx: Tx, corp: CorpId, chats: Mapping[str, str], at: datetime) -> int:
    """Have groups read at `at`, by chat id with the member version that a callback told; those read at that version already are passed over.

    Returns how many will be read.
    """
    ordered = sorted(chats)
    return tx.execute(
        """
        insert into group_chats as g (tenant_id, id, corp_id, chat_id, due_at, wanted_at)
        select :tenant_id, a.id, :corp, a.chat_id, :at, :at
        from unnest(cast(:ids as uuid[]), cast(:chats as text[]), cast(:versions as text[])) as a (id, chat_id, version)
        where a.version = '' or not exists (
            select from group_chats k
            where k.tenant_id = :tenant_id and k.corp_id = :corp and k.chat_id = a.chat_id and k.state = 'active' and k.member_version = a.version
        )
        on conflict (tenant_id, corp_id, chat_id) do update
        set due_at = least(g.due_at, excluded.due_at), wanted_at = greatest(g.wanted_at, excluded.wanted_at)
        """,
        {"corp": corp, "at": at, "ids": [new_id(GroupId, tx.now) for _ in ordered], "chats": ordered, "versions": [chats[chat] for chat in ordered]},
    ).rowcount


def due(tx: Tx, corp: CorpId, limit: int) -> list[str]:
    """Chat ids of groups to be read now, longest due first."""
    rows = tx.execute(
        """
        select chat_id
        from group_chats
        where tenant_id = :tenant_id and corp_id = :corp and due_at <= :now
        order by due_at, chat_id
        limit :limit
        """,
        {"corp": corp, "limit": limit},
    )
    return [row.chat_id for row in rows]


def let_be(tx: Tx, corp: CorpId, chat_id: str) -> None:
    """A group is due no more, though it could not be read."""
    tx.execute(
        "update group_chats set due_at = null where tenant_id = :tenant_id and corp_id = :corp and chat_id = :chat_id", {"corp": corp, "chat_id": chat_id}
    )


def unlisted(tx: Tx, corp: CorpId, listed: Collection[str], *, read_before: datetime) -> list[str]:
    """Chat ids of living groups that are not among `listed` and were last read before an instant."""
    rows = tx.execute(
        """
        select chat_id
        from group_chats
        where tenant_id = :tenant_id and corp_id = :corp and state = 'active' and read_at < :read_before
            and chat_id <> all (cast(:listed as text[]))
        order by chat_id
        """,
        {"corp": corp, "read_before": read_before, "listed": list(listed)},
    )
    return [row.chat_id for row in rows]


def owners(tx: Tx, corp: CorpId) -> list[str]:
    """Userids of everybody who owns a living group."""
    rows = tx.execute("select distinct owner from group_chats where tenant_id = :tenant_id and corp_id = :corp and state = 'active'", {"corp": corp})
    return [row.owner for row in rows if row.owner]


def _row(stay: Stay) -> dict[str, Any]:
    return {**stay.seen.__dict__, "identity_id": stay.identity_id, "left_at": stay.left_at, "ended": stay.ended}


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
