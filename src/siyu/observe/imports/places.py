"""Where files lie and where a run may work."""

from pathlib import Path

from siyu.infra.files import Files
from siyu.infra.settings import Settings
from siyu.kernel.ids import ImportId


def files() -> Files:
    """The files of this installation."""
    return Files(Settings().home / "files")


def scratch(id: ImportId, attempt: str) -> Path:
    """A folder of one run's own; its runs before it left theirs when they were killed."""
    return Settings().home / "scratch" / "imports" / str(id) / attempt
