"""The columnar replica: one process follows PostgreSQL into a DuckDB file and answers questions about whole brands.

Other processes build Ibis expressions from `table` and `ask` them; every answer says of when it is.
"""

from siyu.engine.client import Answer, Engine, view, xid
from siyu.engine.current import ask, caught_up, connect, rest, status, table, wait_for
from siyu.engine.operation import rebuild, running, serve, verify
from siyu.engine.refusals import AlreadyOwned, Cancelled, EngineUnavailable, NotYetThere, QuestionTooLarge, QuestionTooSlow, QuestionWrong
from siyu.engine.watermark import Snapshot, Watermark
from siyu.engine.zone import local_time

__all__ = [
    "AlreadyOwned",
    "Answer",
    "Cancelled",
    "Engine",
    "EngineUnavailable",
    "NotYetThere",
    "QuestionTooLarge",
    "QuestionTooSlow",
    "QuestionWrong",
    "Snapshot",
    "Watermark",
    "ask",
    "caught_up",
    "connect",
    "local_time",
    "rebuild",
    "rest",
    "running",
    "serve",
    "status",
    "table",
    "verify",
    "view",
    "wait_for",
    "xid",
]
