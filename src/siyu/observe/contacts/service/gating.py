"""Whether a corp's token may be asked for. Kept in the store, so that every process knows."""

from siyu.connectors.wecom import Stopped
from siyu.infra.database import Database
from siyu.infra.tx import SYSTEM
from siyu.observe.contacts import store
from siyu.observe.contacts.model import REFUSALS, Corp


class Gate:
    """Shuts after three wrong secrets in a row. Processes that ask at the same instant may each ask once more."""

    def __init__(self, database: Database, corp: Corp) -> None:
        self._database = database
        self._corp = corp

    def enter(self) -> None:
        with self._database.transaction(self._corp.tenant_id, SYSTEM) as tx:
            refusals, code = store.refusals(tx, self._corp.id)
        if refusals >= REFUSALS:
            raise Stopped("gettoken", code)

    def passed(self) -> None:
        with self._database.transaction(self._corp.tenant_id, SYSTEM) as tx:
            store.forgive(tx, self._corp.id)

    def refused(self, code: int) -> None:
        with self._database.transaction(self._corp.tenant_id, SYSTEM) as tx:
            store.refused(tx, self._corp.id, code)
