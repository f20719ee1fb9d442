"""Structured logs: one dotted event with fields; people by id only."""

import logging
import sys
from typing import Literal

import structlog

_processors: list[structlog.typing.Processor] = []
"""One list for the life of the process: a logger at its first use keeps the list it sees."""


def configure(format: Literal["console", "json"] = "console", level: str = "info") -> None:
    """Set up structlog once per process; standard-library loggers go the same way, to stderr."""
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
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s", force=True)
