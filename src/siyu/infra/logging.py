"""Structured logs: one dotted event with fields; people by id only."""

import logging
import sys
from contextlib import suppress
from typing import Literal, TextIO, cast

import structlog


class _Sink:
    """A stream whose troubles are not those of who logs: a line that cannot be written, because the disk is full, is lost."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


_processors: list[structlog.typing.Processor] = []
"""One list for the life of the process: a logger at its first use keeps the list it sees."""


def configure(format: Literal["console", "json"] = "console", level: str = "info") -> None:
    """Set up structlog once per process; standard-library loggers go the same way, to stderr. From then on logging raises nothing."""
    sink = _Sink(sys.stderr)
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if format == "json" else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    _processors[:] = [*shared, renderer]
    structlog.configure(
        processors=_processors,
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, sink)),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=cast(TextIO, sink), format="%(levelname)s %(name)s %(message)s", force=True)
