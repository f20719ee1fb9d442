"""Group sends over the typed WeCom client, in the words of `ports.py`."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from siyu.act.gateway.model.calls import Claim
from siyu.act.gateway.model.doubts import Listed, Proof
from siyu.act.gateway.model.replies import Accepted, Outcome, Unclear, classify, unsent
from siyu.act.gateway.model.tasks import Reading, Row
from siyu.act.gateway.ports import NotNow
from siyu.connectors import wecom
from siyu.connectors.wecom import LinkAttachment, MiniProgramAttachment, MsgTemplate, WeCom

log = structlog.get_logger(__name__)

DISPATCHING = frozenset({41063, 41079})
CONFIRMED = 2
LEFT = 60111
"""What a member sent is told no more once the member has left."""
MONTH = timedelta(days=30)
"""The widest span that the platform lists."""
TOKEN = "gettoken"


class WeComPlatform:
    """The platform as it is. `client_of` gives the client of a corp's app, None for a corp that is not connected any more."""

    def __init__(self, client_of: Callable[[str], WeCom | None]) -> None:
        self._client_of = client_of

    def create(self, claim: Claim) -> Outcome:
        if not claim.recipients:
            raise AssertionError("a group send without receivers goes to every customer of its sender")
        client = self._client_of(claim.corp_id)
        if client is None:
            return unsent("corp_gone")
        card = claim.body.card
        attachments = (LinkAttachment(card.title, card.url, card.description, card.picture_url),) if card else ()
        try:
            made = client.add_msg_template(MsgTemplate(claim.sender, claim.recipients, claim.body.text, attachments))
        except wecom.NotSent as refused:
            return unsent(refused.reason)
        except wecom.Refused as refused:
            return classify(refused.code)
        except wecom.Unavailable as fault:
            return unsent("no_token") if fault.path == TOKEN else Unclear(fault.detail)
        except wecom.WeComError as fault:
            return Unclear(fault.detail)
        except Exception as broken:  # whatever it was, the request may be out
            log.exception("gateway.create_broken", call_id=claim.call_id)
            return Unclear(type(broken).__name__)
        return Accepted(made.msgid, made.failed)

    def listing(self, corp_id: str, since: datetime, until: datetime) -> list[Listed]:
        client = self._client(corp_id)
        try:
            sends = list(client.group_sends(max(since, until - MONTH), until))
        except wecom.WeComError as fault:
            raise NotNow(str(fault)) from fault
        return [Listed(it.msgid, it.created_at, it.text, _links(it)) for it in sends if it.created_at is not None and it.create_type == 0]

    def proof(self, corp_id: str, msgid: str, sender: str) -> Proof | None:
        client = self._client(corp_id)
        try:
            members = frozenset(task.userid for task in client.group_send_tasks(msgid))
            results = _results(client, msgid, sender) if sender in members else ()
            return Proof(members, frozenset(row.external_userid for row in results or ()))
        except wecom.Refused as refused:
            if refused.code in DISPATCHING:
                return None
            raise NotNow(str(refused)) from refused
        except wecom.WeComError as fault:
            raise NotNow(str(fault)) from fault

    def reading(self, corp_id: str, msgid: str, sender: str) -> Reading | None:
        client = self._client(corp_id)
        try:
            confirmed = any(task.userid == sender and task.status == CONFIRMED for task in client.group_send_tasks(msgid))
            results = _results(client, msgid, sender)
            return Reading(confirmed, {row.external_userid: Row(row.status, row.sent_at) for row in results or ()}, left=results is None)
        except wecom.Refused as refused:
            if refused.code in DISPATCHING:
                return None
            raise NotNow(str(refused)) from refused
        except wecom.WeComError as fault:
            raise NotNow(str(fault)) from fault

    def cancel(self, corp_id: str, msgid: str) -> bool:
        try:
            self._client(corp_id).cancel_group_send(msgid)
        except wecom.WeComError as fault:
            raise NotNow(str(fault)) from fault
        return True

    def _client(self, corp_id: str) -> WeCom:
        client = self._client_of(corp_id)
        if client is None:
            raise NotNow(f"{corp_id} is not connected")
        return client


def _results(client: WeCom, msgid: str, sender: str) -> list[wecom.SendResult] | None:
    """Receivers of the member's part; None when the member has left."""
    try:
        return list(client.group_send_results(msgid, sender))
    except wecom.Refused as refused:
        if refused.code != LEFT:
            raise
        return None


def _links(send: wecom.GroupSend) -> tuple[str, ...]:
    return tuple(it.url if isinstance(it, LinkAttachment) else it.page for it in send.attachments if isinstance(it, LinkAttachment | MiniProgramAttachment))
