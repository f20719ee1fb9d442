"""Connecting the apps of corps; their secrets lie sealed."""

import base64
from collections.abc import Mapping
from typing import Any

from siyu.connectors.wecom import CallbackKeys
from siyu.infra import jobs
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, JobId, new_id
from siyu.observe.contacts import clients, store
from siyu.observe.contacts.model import Corp, CorpNotFound, CorpTaken


def connect(tx: Tx, *, corp_id: str, agent_id: int, name: str, base_url: str, secret: str, callback_token: str, callback_aes_key: str) -> Corp:
    """Connect one app of a corp; its callbacks come to `/callbacks/wecom/<callback_key>`. Raises CorpTaken; BadKeys for malformed callback keys."""
    CallbackKeys(callback_token, callback_aes_key, corp_id)
    id = new_id(CorpId, tx.now)
    key = base64.b32encode(id.bytes[7:]).decode().lower().rstrip("=")
    values = {"corp_id": corp_id, "agent_id": agent_id, "name": name, "base_url": base_url.rstrip("/"), "callback_key": key}
    sealed = {
        column: clients.keyring().encrypt(plain, context=_context(id, column))
        for column, plain in {"secret": secret, "callback_token": callback_token, "callback_aes_key": callback_aes_key}.items()
    }
    if not store.insert_corp(tx, id, values | sealed):
        raise CorpTaken(corp_id=corp_id, agent_id=agent_id)
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


def request_sync(tx: Tx, id: CorpId) -> JobId:
    """Read the whole corp anew, as a job that the job centre shows. Raises CorpNotFound."""
    return jobs.enqueue(tx, "contacts.sync", title=corp(tx, id).name, visible=True, corp_id=str(id))


def _context(id: CorpId, column: str) -> str:
    return f"corps.{column}:{id}"


def _opened(row: Mapping[str, Any]) -> Corp:
    id = CorpId(row["id"])
    plain = {column: clients.keyring().decrypt(row[column], context=_context(id, column)) for column in ("secret", "callback_token", "callback_aes_key")}
    return Corp(**{**row, **plain, "id": id})
