"""What WeCom's refusals mean for a job that reads from it."""

from collections.abc import Iterator
from contextlib import contextmanager

from siyu.connectors import wecom
from siyu.connectors.wecom import Action
from siyu.infra.jobs import JobFailed


@contextmanager
def refusals_told() -> Iterator[None]:
    """Wrong settings and refused rights fail the job at once with WeCom's reason; faults that pass let it be tried again."""
    try:
        yield
    except wecom.Refused as refused:
        if refused.action in (Action.CONFIG, Action.FIX, Action.STOP, Action.QUOTA):
            raise JobFailed(path=refused.path, code=refused.code, reason=refused.reason) from refused
        raise
