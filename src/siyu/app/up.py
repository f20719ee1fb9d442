"""`siyu up`: the store, the web server, the worker and the engine under one supervisor."""

import errno
import os
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import structlog

from siyu.app.processes import Process, Processes
from siyu.app.runtime import clock_of, log_folder, store_url
from siyu.infra import postgres
from siyu.infra.claim import Claim, NoHome
from siyu.infra.migrate import upgrade
from siyu.infra.settings import Settings
from siyu.kernel.errors import Refusal

log = structlog.get_logger()


class DidNotAnswer(Refusal):
    """The process `process` did not come up; its log in `logs` says why."""

    code = "process.no_answer"


class PortTaken(Refusal):
    """Another program listens on the web port."""

    code = "port.taken"


class PortDenied(Refusal):
    """The system does not let this user listen on the web port, as on most below 1024."""

    code = "port.denied"


class PortElsewhere(Refusal):
    """The web address `host` is none of this machine's."""

    code = "port.elsewhere"


class HomeInUse(Refusal):
    """Another siyu, the process `pid`, runs in the folder `home`."""

    code = "home.in_use"


class NoHomeHere(Refusal):
    """The folder `home` cannot be made or written, because of `reason`."""

    code = "home.none"


class HomeDenied(NoHomeHere):
    """This user may not make or write the folder `home`."""

    code = "home.denied"


class HomeNoFolder(NoHomeHere):
    """`home`, or what it should lie in, is a file, not a folder."""

    code = "home.no_folder"


class HomeReadOnly(NoHomeHere):
    """The disk of the folder `home` can only be read."""

    code = "home.read_only"


class HomeFull(NoHomeHere):
    """The disk of the folder `home` is full."""

    code = "home.full"


_HOMELESS: Mapping[int | None, type[NoHomeHere]] = {
    errno.EACCES: HomeDenied,
    errno.EPERM: HomeDenied,
    errno.EEXIST: HomeNoFolder,
    errno.ENOTDIR: HomeNoFolder,
    errno.EISDIR: HomeNoFolder,
    errno.EROFS: HomeReadOnly,
    errno.ENOSPC: HomeFull,
    errno.EDQUOT: HomeFull,
}


def homeless(home: Path, error: OSError) -> NoHomeHere:
    """The refusal behind what the system says of a folder."""
    return _HOMELESS.get(error.errno, NoHomeHere)(home=os.fspath(home), reason=error.strerror or str(error))


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether one may listen there right now."""
    try:
        check_port(port, host)
    except (PortTaken, PortDenied, PortElsewhere):
        return False
    return True


def check_port(port: int, host: str = "127.0.0.1") -> None:
    """Raises PortTaken, PortDenied or PortElsewhere unless one may listen there right now."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        refusals = {errno.EADDRINUSE: PortTaken, errno.EACCES: PortDenied, errno.EPERM: PortDenied}
        raise refusals.get(error.errno or 0, PortElsewhere)(host=host, port=port) from None


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def claimed(home: Path) -> Iterator[None]:
    """The folder for this process alone, made when need be. Raises HomeInUse, NoHomeHere."""
    try:
        home.mkdir(mode=0o711, parents=True, exist_ok=True)
        claim = Claim(home)
    except OSError as error:
        raise homeless(home, error) from None
    except NoHome as refused:
        if refused.error is not None:
            raise homeless(home, refused.error) from None
        raise HomeInUse(home=os.fspath(home), pid=refused.holder) from None
    try:
        yield
    finally:
        claim.release()


class Installation:
    """All processes of one home folder. `extra` are started before the others (a sandbox)."""

    def __init__(self, settings: Settings, *, extra: Sequence[Process] = ()) -> None:
        self.settings = settings.model_copy(update={"port": settings.port or free_port()})
        self.extra = list(extra)
        self.processes: Processes | None = None
        self._keeper: postgres.Supervisor | None = None
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None
        self._ours = ExitStack()

    @property
    def address(self) -> str:
        """Where the console answers."""
        return f"http://{self.settings.host}:{self.settings.port}"

    def start(self) -> None:
        """Start the store, migrate it, start the processes, wait until the console answers. Raises HomeInUse, NoHomeHere, NoClock, PortTaken, PortDenied,
        PortElsewhere, PostgresRefusal, DidNotAnswer; `stop` undoes what was done until then."""
        self._ours.enter_context(claimed(self.settings.home))
        clock_of(self.settings)
        check_port(self.settings.port, self.settings.host)
        if self.settings.database_url is None:
            self._ours.callback(postgres.stop, self.settings.home / "postgres")
        url = store_url(self.settings)
        upgrade(url)
        if self.settings.database_url is None:
            self._keeper = postgres.Supervisor(self.settings.home / "postgres")
            self._keeper.start()
        environment = self._environment(url)
        ours = [Process(name, ["siyu.app.cli", name], environment) for name in ("engine", "worker", "serve")]
        self.processes = Processes([*self.extra, *ours], log_folder(self.settings))
        self.processes.start()
        self._watcher = threading.Thread(target=self.processes.watch, args=(self._stop,), daemon=True)
        self._watcher.start()
        self._await(f"{self.address}/api/health")

    def stop(self) -> None:
        """Stop everything, the store last."""
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join(timeout=5)
        if self.processes is not None:
            self.processes.stop()
        if self._keeper is not None:
            self._keeper.stop()
        self._ours.close()

    def _environment(self, url: str) -> Mapping[str, str]:
        values = {name: value for name, value in self.settings.model_dump(mode="json", exclude_none=True).items() if name != "database_url"}
        environment = {f"SIYU_{name.upper()}": str(value) for name, value in values.items()}
        environment["SIYU_HOME"] = str(Path(self.settings.home).resolve())
        if self.settings.database_url is not None:
            environment["SIYU_DATABASE_URL"] = url
        return environment

    def _await(self, url: str, *, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(url, timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise DidNotAnswer(process="serve", logs=os.fspath(log_folder(self.settings)))
