"""Write keys that knocked lately, so that the store is asked once in a while and not for every event."""

import hashlib
import threading
import time
from collections import OrderedDict

from sqlalchemy import text

from siyu.infra.database import Database
from siyu.kernel.ids import SourceId, TenantId
from siyu.observe.intake.model import Sender

BELIEVED_SECONDS = 5.0
"""As long a revoked key still opens the door, and a new one that was tried too early does not."""
REMEMBERED = 10_000
LONGEST = 200

Known = tuple[TenantId, Sender]


class Keys:
    """The sources of write keys, for the whole process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, tuple[float, Known | None]] = OrderedDict()

    def remembered(self, key: str) -> tuple[bool, Known | None]:
        """Whether this key was looked up lately, and whose it was: None for nobody's."""
        with self._lock:
            until, known = self._known.get(_hash(key), (0.0, None))
        return until > time.monotonic(), known

    def look_up(self, key: str) -> Known | None:
        """Whose key this is; None for nobody's."""
        hash = _hash(key)
        with self._database.lookup() as connection:
            row = connection.execute(text("select * from siyu_source_by_write_key(:hash)"), {"hash": hash}).first()
        known = row and (TenantId(row.tenant_id), Sender(SourceId(row.source_id), row.name, row.kind == "public"))
        with self._lock:
            self._known[hash] = (time.monotonic() + BELIEVED_SECONDS, known)
            self._known.move_to_end(hash)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return known


def _hash(key: str) -> bytes:
    return hashlib.sha256(key[: LONGEST + 1].encode("utf-8", "replace")).digest()
