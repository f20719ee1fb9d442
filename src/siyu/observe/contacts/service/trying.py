"""Secrets that are tried before anything is saved, and how often. The trial itself is the doctor's."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from siyu.infra.tx import Tx
from siyu.observe.contacts import store, trials


def may_try(tx: Tx, corp_id: str) -> None:
    """Whether another secret of this corp may be tried. Raises TooManyTrials, TooManyTrialsHere."""
    since = tx.now - trials.WINDOW
    trials.check(store.wrong_trials(tx, corp_id, since), store.all_wrong_trials(tx, since), tx.now)


class TrialGate:
    """Counts the wrong secrets of one corp, kept in the store, so that every process knows."""

    def __init__(self, transaction: Callable[[], AbstractContextManager[Tx]], corp_id: str) -> None:
        self._transaction = transaction
        self._corp_id = corp_id

    def enter(self) -> None: ...

    def passed(self) -> None:
        with self._transaction() as tx:
            store.forget_trials(tx, self._corp_id)

    def refused(self, code: int) -> None:
        with self._transaction() as tx:
            store.keep_wrong_trial(tx, self._corp_id, code, tx.now - trials.WINDOW)
