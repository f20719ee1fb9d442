"""The connections to WeCom: one client per app, shared by all threads of a process."""

import threading
from typing import Protocol

from siyu.connectors.wecom import Budget, CallbackKeys, ClientSettings, Credentials, Pace, WeCom
from siyu.infra import secrets
from siyu.infra.secrets import Secrets
from siyu.infra.settings import Settings
from siyu.kernel.ids import CorpId
from siyu.observe.contacts.model import Corp


class Connect(Protocol):
    """Makes the client of an app."""

    def __call__(self, credentials: Credentials, settings: ClientSettings, /, *, pace: Pace) -> WeCom: ...


class _Connections:
    """Clients by corp; a corp whose address or secret changed gets a new one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.keyring: Secrets | None = None
        self.connect: Connect = WeCom
        self.pace = Pace()
        self.clients: dict[CorpId, tuple[tuple[str, str], WeCom]] = {}


_connections = _Connections()


def keyring() -> Secrets:
    """The keys under which corps' secrets are sealed: those given to `use`, else those of the home folder."""
    with _connections.lock:
        if _connections.keyring is None:
            _connections.keyring = secrets.load(Settings().home)
        return _connections.keyring


def use(*, keys: Secrets | None = None, connect: Connect = WeCom, budget: Budget | None = None) -> None:
    """Say once at start which keys to use, and what may be called how often; `connect` makes the clients. Open clients are closed."""
    with _connections.lock:
        for _, client in _connections.clients.values():
            client.close()
        _connections.clients.clear()
        _connections.keyring = keys
        _connections.connect = connect
        _connections.pace = Pace(budget)


def client(corp: Corp) -> WeCom:
    """The client of a corp's app."""
    told = (corp.base_url, corp.secret)
    with _connections.lock:
        known = _connections.clients.get(corp.id)
        if known is None or known[0] != told:
            settings = ClientSettings(base_url=corp.base_url)
            known = (told, _connections.connect(Credentials(corp.corp_id, corp.secret, corp.agent_id), settings, pace=_connections.pace))
            _connections.clients[corp.id] = known
        return known[1]


def callback_keys(corp: Corp) -> CallbackKeys:
    """What WeCom signs and encrypts this corp's callbacks with."""
    return CallbackKeys(corp.callback_token, corp.callback_aes_key, corp.corp_id)
