"""Access tokens of the apps. Life spans are machine time, as on the real platform."""

import threading
from collections import deque

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.books import Books
from siyu.connectors.wecom.sandbox.draws import Draws
from siyu.connectors.wecom.sandbox.settings import AppSettings, Settings


class Credentials:
    """Hands out and checks tokens; they survive a restart."""

    def __init__(self, books: Books, settings: Settings) -> None:
        self._books = books
        self._settings = settings
        self._draws = Draws(settings.origin)
        self._lock = threading.Lock()
        self._wrong: dict[str, deque[float]] = {}

    def issue(self, corp_id: str, secret: str, *, caller_ip: str, machine: float) -> tuple[str, int]:
        """(token, seconds left). Asking again within its life gives the same one."""
        if not corp_id:
            raise Failure(41002)
        if not secret:
            raise Failure(41004)
        self._refuse_blocked(caller_ip, machine)
        if corp_id != self._settings.corp:
            raise Failure(40013)
        app = next((app for app in self._settings.all_apps if app.secret == secret), None)
        if app is None:
            with self._lock:
                self._wrong.setdefault(caller_ip, deque()).append(machine)
            raise Failure(40001)
        with self._books.write() as db:
            row = db.execute(
                "select value, expires_machine from token where agent_id = ? and killed is null and expires_machine > ?", (app.agent_id, machine)
            ).fetchone()
            if row:
                return str(row["value"]), max(1, int(row["expires_machine"] - machine))
            value = self._draws.letters(43, "token", self._books.serial("token")) + self._draws.letters(43, "token", app.agent_id, int(machine * 1000))
            seconds = self._settings.limits.token_seconds
            db.execute("insert into token values (?, ?, ?, null)", (value, app.agent_id, machine + seconds))
            return value, seconds

    def app(self, token: str, *, machine: float) -> AppSettings:
        """Whose token this is. Fails with 41001, 40014 or 42001."""
        if not token:
            raise Failure(41001)
        with self._books.read() as db:
            row = db.execute("select agent_id, expires_machine, killed from token where value = ?", (token,)).fetchone()
        app = next((app for app in self._settings.all_apps if row and app.agent_id == row["agent_id"]), None)
        if row is None or app is None or row["killed"] == "invalid":
            raise Failure(40014)
        if row["killed"] == "expired" or row["expires_machine"] <= machine:
            raise Failure(42001)
        return app

    def kill(self, token: str, how: str) -> None:
        """End a token before its time; `how` is invalid (40014) or expired (42001)."""
        with self._books.write() as db:
            db.execute("update token set killed = ? where value = ?", (how, token))

    def _refuse_blocked(self, caller_ip: str, machine: float) -> None:
        with self._lock:
            wrong = self._wrong.setdefault(caller_ip, deque())
            while wrong and wrong[0] <= machine - 3600:
                wrong.popleft()
            if len(wrong) >= self._settings.limits.wrong_secrets_per_hour:
                raise Failure(45009)
