"""A running server and its addresses."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from siyu.infra.postgres.refusals import NotPermitted, PasswordLost

OWNER = "siyu_owner"
DATABASE = "siyu"


@dataclass(frozen=True)
class Server:
    """A running server. The password stays in its file until an address is asked for, so that printing a Server tells nothing."""

    data_dir: Path
    socket_dir: Path
    port: int
    pid: int

    def url(self, database: str = DATABASE, role: str = OWNER) -> str:
        """For SQLAlchemy with psycopg. A `role` other than the owner is taken on after the owner's log-in, for the whole connection."""
        return self._address("postgresql+psycopg", database, role)

    def dsn(self, database: str = DATABASE, role: str = OWNER) -> str:
        """For libpq: psycopg, ADBC, psql, pg_dump."""
        return self._address("postgresql", database, role)

    def _address(self, scheme: str, database: str, role: str) -> str:
        user = f"{OWNER}:{quote(self._password(), safe='')}"
        where = f"host={quote(str(self.socket_dir), safe='')}&port={self.port}"
        options = "" if role == OWNER else f"&options={quote(f'-c role={role}', safe='')}"
        return f"{scheme}://{user}@/{quote(database, safe='')}?{where}{options}"

    def _password(self) -> str:
        file = self.data_dir.parent / "owner.password"
        try:
            return file.read_text().strip()
        except FileNotFoundError:
            raise PasswordLost(path=str(file)) from None
        except PermissionError as error:
            raise NotPermitted(path=str(file), reason=str(error.strerror)) from error
