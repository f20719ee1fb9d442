"""Connecting the apps of corps and changing them; their secrets lie sealed."""

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from siyu.access import audit
from siyu.connectors.wecom import BadKeys, CallbackKeys
from siyu.infra import jobs
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, JobId, new_id
from siyu.observe.contacts import clients, store
from siyu.observe.contacts.model import BadAddress, BadAesKey, BadCallbackToken, Corp, CorpInactive, CorpNotFound, CorpTaken, ReadElsewhere

SEALED = ("secret", "callback_token", "callback_aes_key")
KEYS = {"callback_token", "callback_aes_key"}
OLD = {"old_callback_token": "callback_token", "old_callback_aes_key": "callback_aes_key"}
REPLACING = timedelta(days=7)
"""How long callbacks still open with keys that were replaced: until then somebody has entered the new ones at WeCom."""
SYNC = "contacts.sync"


def connect(tx: Tx, *, corp_id: str, agent_id: int, name: str, base_url: str, secret: str, callback_token: str, callback_aes_key: str) -> Corp:
    """Connect one app of a corp; its callbacks come to `/callbacks/wecom/<callback_key>`. Raises CorpTaken, BadAddress, BadCallbackToken, BadAesKey."""
    _check_keys(callback_token, callback_aes_key, corp_id)
    id = new_id(CorpId, tx.now)
    key = base64.b32encode(id.bytes[7:]).decode().lower().rstrip("=")
    values = {"corp_id": corp_id, "agent_id": agent_id, "name": name, "base_url": address(base_url), "callback_key": key}
    sealed = {"secret": secret, "callback_token": callback_token, "callback_aes_key": callback_aes_key}
    if not store.insert_corp(tx, id, values | {column: _sealed(id, column, plain) for column, plain in sealed.items()}):
        raise CorpTaken(corp_id=corp_id, agent_id=agent_id)
    audit.record(tx, "corp.connected", f"corp:{id}", {"corp_id": corp_id, "agent_id": agent_id, "name": name})
    return corp(tx, id)


def change(
    tx: Tx,
    id: CorpId,
    *,
    agent_id: int | None = None,
    name: str | None = None,
    base_url: str | None = None,
    secret: str | None = None,
    callback_token: str | None = None,
    callback_aes_key: str | None = None,
    active: bool | None = None,
) -> Corp:
    """Change what is given. Another secret, app or address is tried again whatever was refused before; replaced callback keys still open callbacks for a week.

    Raises CorpNotFound, CorpTaken, BadAddress, BadCallbackToken, BadAesKey.
    """
    before = corp(tx, id)
    given = {
        "agent_id": agent_id,
        "name": name,
        "base_url": None if base_url is None else address(base_url),
        "secret": secret,
        "callback_token": callback_token,
        "callback_aes_key": callback_aes_key,
        "active": active,
    }
    changed = {column: value for column, value in given.items() if value is not None and value != getattr(before, column)}
    if not changed:
        return before
    if changed.keys() & KEYS:
        _check_keys(callback_token or before.callback_token, callback_aes_key or before.callback_aes_key, before.corp_id)
    values: dict[str, Any] = {column: _sealed(id, column, str(value)) if column in SEALED else value for column, value in changed.items()}
    if changed.keys() & KEYS:
        values |= {old: _sealed(id, old, getattr(before, column)) for old, column in OLD.items()}
        values["old_keys_until"] = tx.now + REPLACING
    if not store.change_corp(tx, id, values):
        raise CorpTaken(corp_id=before.corp_id, agent_id=agent_id)
    if values.keys() & {"agent_id", "base_url", "secret"}:
        store.forgive(tx, id)
    audit.record(tx, "corp.changed", f"corp:{id}", {column: "…" if column in SEALED else value for column, value in changed.items()})
    return corp(tx, id)


def try_again(tx: Tx, id: CorpId) -> Corp:
    """Let the token be asked for again after three wrong secrets. Raises CorpNotFound."""
    corp(tx, id)
    store.forgive(tx, id)
    audit.record(tx, "corp.retried", f"corp:{id}", {})
    return corp(tx, id)


def corps(tx: Tx) -> list[Corp]:
    """The brand's corps, oldest first, with their secrets in the clear: never show one."""
    return [_opened(dict(row._mapping)) for row in store.corp_rows(tx)]


def corp(tx: Tx, id: CorpId) -> Corp:
    """One corp. Raises CorpNotFound."""
    found = [one for one in corps(tx) if one.id == id]
    if not found:
        raise CorpNotFound(corp_id=str(id))
    return found[0]


def corp_names(tx: Tx) -> dict[str, str]:
    """What each corp is called here, by WeCom's id."""
    return store.corp_names(tx)


def readers(tx: Tx) -> list[Corp]:
    """The apps that read, one for each corp: the oldest that is switched on. What WeCom tells the corp's other apps is read through this one."""
    first: dict[str, Corp] = {}
    for one in corps(tx):
        if one.active:
            first.setdefault(one.corp_id, one)
    return list(first.values())


def reader_of(tx: Tx, one: Corp) -> Corp:
    """The app that reads for an app's corp; the app itself while all are switched off."""
    return next((reader for reader in readers(tx) if reader.corp_id == one.corp_id), one)


def request_sync(tx: Tx, id: CorpId) -> JobId:
    """Read the whole corp anew, as a job that the job centre shows. Raises CorpNotFound, CorpInactive, ReadElsewhere."""
    found = working(tx, id)
    reader = reader_of(tx, found)
    if reader.id != id:
        raise ReadElsewhere(name=reader.name)
    return jobs.enqueue(tx, SYNC, title=found.name, visible=True, corp_id=str(id))


def working(tx: Tx, id: CorpId) -> Corp:
    """One corp that is not switched off. Raises CorpNotFound, CorpInactive."""
    found = corp(tx, id)
    if not found.active:
        raise CorpInactive(corp_id=str(id))
    return found


def address(url: str) -> str:
    """The address of an API without the slash at its end. Raises BadAddress."""
    try:
        parts = urlsplit(url.strip())
        ok = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0) and not parts.query
    except ValueError:
        ok = False
    if not ok:
        raise BadAddress(field="base_url", reason="not an address")
    return url.strip().rstrip("/")


def _check_keys(token: str, aes_key: str, corp_id: str) -> None:
    try:
        CallbackKeys(token, aes_key, corp_id)
    except BadKeys as bad:
        if bad.part == "token":
            raise BadCallbackToken(field="callback_token", reason=str(bad), length=len(token)) from bad
        raise BadAesKey(field="callback_aes_key", reason=str(bad), length=len(aes_key)) from bad


def _context(id: CorpId, column: str) -> str:
    return f"corps.{column}:{id}"


def _sealed(id: CorpId, column: str, plain: str) -> str:
    return clients.keyring().encrypt(plain, context=_context(id, column))


def _opened(row: Mapping[str, Any]) -> Corp:
    id = CorpId(row["id"])
    sealed = {column: row[column] for column in (*SEALED, *OLD)}
    plain = {column: value and clients.keyring().decrypt(value, context=_context(id, column)) for column, value in sealed.items()}
    return Corp(**{**row, **plain, "id": id})
