"""The connections to WeCom: one client per app, shared by all threads of a process."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from siyu.connectors.wecom import Budget, CallbackKeys, ClientSettings, Credentials, Pace, TokenGate, WeCom
from siyu.infra import secrets
from siyu.infra.secrets import Secrets
from siyu.infra.settings import Settings
from siyu.kernel.ids import CorpId
from siyu.observe.contacts.model import Corp

GateOf = Callable[[Corp], TokenGate]


class Connect(Protocol):
    """Makes the client of an app."""

    def __call__(self, credentials: Credentials, settings: ClientSettings, /, *, pace: Pace, gate: TokenGate | None) -> WeCom: ...


class _Connections:
    """Clients by corp; a corp whose address, app or secret changed gets a new one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.keyring: Secrets | None = None
        self.connect: Connect = WeCom
        self.pace = Pace()
        self.gate_of: GateOf | None = None
        self.clients: dict[CorpId, tuple[tuple[str, int, str], WeCom]] = {}


_connections = _Connections()


def keyring() -> Secrets:
    """The keys under which corps' secrets are sealed: those given to `use`, else those of the home folder."""
    with _connections.lock:
        if _connections.keyring is None:
            _connections.keyring = secrets.load(Settings().home)
        return _connections.keyring


def use(*, keys: Secrets | None = None, connect: Connect = WeCom, gate_of: GateOf | None = None, budget: Budget | None = None) -> None:
    """Say once at start which keys to use, what decides whether a corp's token may be asked for, and what may be called how often.

    `connect` makes the clients. Open clients are closed.
    """
    with _connections.lock:
        for _, client in _connections.clients.values():
            client.close()
        _connections.clients.clear()
        _connections.keyring = keys
        _connections.connect = connect
        _connections.gate_of = gate_of
        _connections.pace = Pace(budget)


def client(corp: Corp) -> WeCom:
    """The client of a corp's app."""
    told = (corp.base_url, corp.agent_id, corp.secret)
    with _connections.lock:
        known = _connections.clients.get(corp.id)
        if known is None or known[0] != told:
            known = (told, _connect(corp, ClientSettings(base_url=corp.base_url)))
            _connections.clients[corp.id] = known
        return known[1]


def visitor(corp: Corp) -> WeCom:
    """A client of its own for one examination: it holds no token yet and asks everything once. Close it."""
    return _connect(corp, ClientSettings(base_url=corp.base_url, read_tries=1))


def _connect(corp: Corp, settings: ClientSettings) -> WeCom:
    gate_of = _connections.gate_of
    credentials = Credentials(corp.corp_id, corp.secret, corp.agent_id)
    return _connections.connect(credentials, settings, pace=_connections.pace, gate=gate_of(corp) if gate_of else None)


def callback_keys(corp: Corp) -> CallbackKeys:
    """What WeCom signs and encrypts this corp's callbacks with."""
    return CallbackKeys(corp.callback_token, corp.callback_aes_key, corp.corp_id)


def open_with(corp: Corp, now: datetime) -> list[CallbackKeys]:
    """All keys that open this corp's callbacks, today's first: while keys are being replaced WeCom may still use the old ones."""
    if not (corp.old_callback_token and corp.old_callback_aes_key and corp.old_keys_until and now < corp.old_keys_until):
        return [callback_keys(corp)]
    return [callback_keys(corp), CallbackKeys(corp.old_callback_token, corp.old_callback_aes_key, corp.corp_id)]
