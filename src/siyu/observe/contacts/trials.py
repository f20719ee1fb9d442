"""How often a secret may be tried before anything is saved: too many wrong ones make WeCom block this server's address for an hour. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from siyu.kernel.errors import Refusal

OF_A_CORP, OF_ALL = 3, 20
"""Wrong secrets within WINDOW, for one corp id and from this server in all, after which no other is tried."""
WINDOW = timedelta(hours=1)


class TooManyTrials(Refusal):
    """`tries` wrong secrets were tried for this corp within the hour; WeCom blocks a server that goes on. `minutes`: until another may be tried."""

    code = "corp.too_many_trials"
    status = 429


class TooManyTrialsHere(Refusal):
    """`tries` wrong secrets were tried from this server within the hour, for whichever corps; `minutes`: until another may be tried."""

    code = "corp.too_many_trials_here"
    status = 429


def check(of_the_corp: Sequence[datetime], of_all: Sequence[datetime], now: datetime) -> None:
    """Whether another secret may be tried, after wrong ones at these instants. Raises TooManyTrials, TooManyTrialsHere."""
    for wrong, most, refusal in ((of_the_corp, OF_A_CORP, TooManyTrials), (of_all, OF_ALL, TooManyTrialsHere)):
        recent = sorted(at for at in wrong if now - at < WINDOW)
        if len(recent) >= most:
            raise refusal(tries=most, minutes=ceil((recent[-most] + WINDOW - now) / timedelta(minutes=1)))
