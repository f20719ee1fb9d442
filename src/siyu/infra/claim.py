"""A home is for one process at a time: two would write one store, one clock and one set of books."""

import fcntl
import os
from pathlib import Path


class NoHome(RuntimeError):
    """The folder is in use, by the process `holder`, or none in which we may write, because of `error`: the text says which."""

    def __init__(self, text: str, *, holder: str | None = None, error: OSError | None = None) -> None:
        super().__init__(text)
        self.holder = holder
        self.error = error


class Claim:
    """Held until `release`, or until the process ends however it ends."""

    def __init__(self, home: Path) -> None:
        """Make the folder when need be and take it. Raises NoHome."""
        try:
            home.mkdir(parents=True, exist_ok=True)
            self._file = os.fdopen(os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600), "r+")
        except OSError as error:
            raise NoHome(f"cannot use the folder {home}: {error.strerror}", error=error) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = self._file.read().strip()
            self._file.close()
            raise NoHome(f"this folder is in use by pid {holder}: {home}", holder=holder) from None
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def release(self) -> None:
        self._file.close()
