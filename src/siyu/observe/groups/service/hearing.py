"""What callbacks say of groups: which to read again, and how somebody's stay ended, which the API never tells."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from siyu.connectors.wecom import Event
from siyu.connectors.wecom import listed as ids_in
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId
from siyu.observe import contacts
from siyu.observe.contacts import Corp
from siyu.observe.groups import store
from siyu.observe.groups.model import QUITS, Quit
from siyu.observe.groups.service.folding import quit

LAG = timedelta(seconds=2)
"""How long WeCom's reading calls may lag behind a change."""
_WHOLE = ""
"""Asked for whatever version of the members we hold."""


def hear(tx: Tx, corp: Corp, told: Sequence[tuple[Event, datetime]], settled: datetime) -> None:
    """Take in what `change_external_chat` says, and have each named group read once at `settled`, unless we hold the members it tells of."""
    wanted: dict[str, str] = {}
    quits: dict[str, list[Quit]] = defaultdict(list)
    for event, at in told:
        chat_id = event.text("ChatId")[:64]
        if not chat_id:
            continue
        detail = event.text("UpdateDetail")
        version = event.text("CurMemVer") if detail in ("add_member", "del_member") else _WHOLE
        wanted[chat_id] = version if wanted.get(chat_id, version) == version else _WHOLE
        ended = QUITS.get(event.text("QuitScene")) if detail == "del_member" else None
        if ended:
            quits[chat_id] += [Quit(member, at, ended) for member in ids_in(event.elements.get("MemChangeList", ""))]
    for chat_id, some in sorted(quits.items()):
        quit(tx, corp, chat_id, some)
    if wanted and store.ask(tx, corp.id, wanted, settled):
        contacts.ask_once(tx, "groups.refresh", corp.id, settled)


def read_again(tx: Tx, corp_id: CorpId, chat_ids: Collection[str]) -> None:
    """We have changed these groups at WeCom, which does not call back for that: have them read once it has caught up."""
    at = tx.now + LAG
    if store.ask(tx, corp_id, dict.fromkeys(chat_ids, _WHOLE), at):
        contacts.ask_once(tx, "groups.refresh", corp_id, at)
