"""Making and revoking keys. A key is shown once; only its hash is kept."""

import hashlib
import secrets
from collections.abc import Mapping

from siyu.access import audit
from siyu.infra.tx import Tx
from siyu.kernel.ids import SourceId, new_id
from siyu.observe.sources import store
from siyu.observe.sources.model import BadSource, Kind, Source, SourceNotFound

PREFIXES: Mapping[Kind, str] = {"secret": "sk_", "public": "pk_"}


def make(tx: Tx, name: str, kind: Kind = "secret") -> tuple[Source, str]:
    """A new source and its key, which begins with `sk_` or `pk_` by its kind. Raises BadSource."""
    if not 1 <= len(name.strip()) <= 60:
        raise BadSource(field="name", reason="length")
    key = f"{PREFIXES[kind]}{secrets.token_urlsafe(32)}"
    source = Source(new_id(SourceId, tx.now), name.strip(), key[-4:], tx.now, kind)
    if not store.insert(tx, source, hashlib.sha256(key.encode()).digest()):
        raise BadSource(field="name", reason="taken")
    audit.record(tx, "source.made", f"source:{source.id}", {"name": source.name, "kind": kind})
    return source, key


def listed(tx: Tx) -> list[Source]:
    """All sources, revoked ones too, newest first."""
    return store.all_of(tx)


def get(tx: Tx, id: SourceId) -> Source:
    """One source, revoked or not. Raises SourceNotFound."""
    found = next((one for one in store.all_of(tx) if one.id == id), None)
    if found is None:
        raise SourceNotFound(source_id=str(id))
    return found


def revoke(tx: Tx, id: SourceId) -> None:
    """From now on the key opens nothing. Raises SourceNotFound."""
    if not store.revoke(tx, id):
        raise SourceNotFound(source_id=str(id))
    audit.record(tx, "source.revoked", f"source:{id}", {})
