"""Typed calls to the WeCom server API, to the letter of its contract, for one app of one corp."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NoReturn

import httpx

from siyu.connectors.wecom.errors import Action, NotSent, OutcomeUnknown, Refused, Unavailable, WeComError, meaning_of
from siyu.connectors.wecom.model import (
    AppMessage,
    Contact,
    ContactDetail,
    CorpTagGroup,
    CreatedSend,
    Credentials,
    Department,
    ExternalContact,
    Follow,
    GroupSend,
    Json,
    Member,
    MsgTemplate,
    SendResult,
    SendTask,
    SentMessage,
)
from siyu.connectors.wecom.pace import Pace
from siyu.connectors.wecom.tokens import MemoryTokens, TokenStore
from siyu.connectors.wecom.trust import trust

Kind = Literal["read", "write", "create"]
"""read: repeated after faults. write: repeating it is harmless, but the caller decides. create: a repeat may act twice."""

_BUSY = -1
_TOKEN_REFUSED = (40014, 42001)


@dataclass(frozen=True)
class ClientSettings:
    """Seconds for the four time-outs; `read_tries` with `read_waits_seconds` between them."""

    base_url: str = "https://qyapi.weixin.qq.com"
    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    write_seconds: float = 10.0
    pool_seconds: float = 5.0
    read_tries: int = 3
    read_waits_seconds: tuple[float, ...] = (0.5, 2.0, 8.0)
    parallel_per_path: int = 5
    proxy: str | None = None


class _Credentialed(httpx.BaseTransport):
    """Adds the secret part of the query below httpx, whose log lines and exceptions would show it."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        secret: Mapping[str, str] = request.extensions.get("siyu_secret_query", {})
        full = httpx.Request(
            request.method,
            request.url.copy_merge_params(secret),
            headers=request.headers,
            stream=request.stream,
            extensions={name: value for name, value in request.extensions.items() if name != "siyu_secret_query"},
        )
        return self._inner.handle_request(full)

    def close(self) -> None:
        self._inner.close()


class WeCom:
    """The client. Thread-safe; keep one per app and share it, `close` it at the end.

    Every call raises `Refused` (nothing took effect; `action` says what to do) or, when no believable answer came, `Unavailable` (reads) or
    `OutcomeUnknown` (creating calls).
    """

    def __init__(
        self,
        credentials: Credentials,
        settings: ClientSettings | None = None,
        *,
        tokens: TokenStore | None = None,
        transport: httpx.BaseTransport | None = None,
        wait: Callable[[float], None] = time.sleep,
        machine_clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.credentials = credentials
        self._settings = settings or ClientSettings()
        self._tokens = tokens or MemoryTokens(machine_clock)
        self._wait = wait
        self._pace = Pace(self._settings.parallel_per_path)
        s = self._settings
        self._http = httpx.Client(
            base_url=s.base_url,
            timeout=httpx.Timeout(connect=s.connect_seconds, read=s.read_seconds, write=s.write_seconds, pool=s.pool_seconds),
            transport=_Credentialed(transport or httpx.HTTPTransport(verify=trust(), proxy=s.proxy)),
            follow_redirects=False,
        )

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> "WeCom":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- organisation ------------------------------------------------------------------------------------------------------------------------------

    def departments(self, under: int | None = None) -> list[Department]:
        """The visible departments, or the subtree of one."""
        answer = self._call("GET", "department/list", {"id": under} if under is not None else {})
        return [Department.read(row) for row in answer.get("department") or ()]

    def members(self, department_id: int, *, whole_subtree: bool = False) -> list[Member]:
        """Members of one department."""
        answer = self._call("GET", "user/list", {"department_id": department_id, "fetch_child": int(whole_subtree)})
        return [Member.read(row) for row in answer.get("userlist") or ()]

    # -- customers ---------------------------------------------------------------------------------------------------------------------------------

    def follow_users(self) -> list[str]:
        """Members with the customer-contact function, in the app's range."""
        return [str(userid) for userid in self._call("GET", "externalcontact/get_follow_user_list").get("follow_user") or ()]

    def external_userids(self, userid: str) -> list[str]:
        """All customers of one member; none is an empty list, though the platform may word it as 84061."""
        try:
            answer = self._call("GET", "externalcontact/list", {"userid": userid})
        except Refused as refused:
            if refused.code == 84061:
                return []
            raise
        return [str(id) for id in answer.get("external_userid") or ()]

    def contact(self, external_userid: str) -> ContactDetail:
        """One customer with all followers, however many pages they fill."""
        follows: list[Follow] = []
        cursor = ""
        while True:
            query = {"external_userid": external_userid} | ({"cursor": cursor} if cursor else {})
            answer = self._call("GET", "externalcontact/get", query)
            follows += [Follow.read(row) for row in answer.get("follow_user") or ()]
            cursor = str(answer.get("next_cursor") or "")
            if not cursor:
                return ContactDetail(ExternalContact.read(answer["external_contact"]), tuple(follows))

    def contacts(self, userids: Iterable[str], *, page_size: int = 100) -> Iterator[Contact]:
        """Every (customer, member) pair of the members: the way to read a whole corp. The same customer comes once per member.

        May yield a pair twice when the platform loses its cursor (50100) and the reading starts over: take rows idempotently.
        """
        wanted = list(userids)
        for start in range(0, len(wanted), 100):
            body = {"userid_list": wanted[start : start + 100], "limit": page_size}
            for row in self._pages("externalcontact/batch/get_by_user", body, "external_contact_list"):
                yield Contact(ExternalContact.read(row["external_contact"]), Follow.read(row["follow_info"]))

    def corp_tags(self) -> list[CorpTagGroup]:
        """The whole tag library."""
        return [CorpTagGroup.read(row) for row in self._call("POST", "externalcontact/get_corp_tag_list", {}).get("tag_group") or ()]

    # -- group sends -------------------------------------------------------------------------------------------------------------------------------

    def add_msg_template(self, template: MsgTemplate) -> CreatedSend:
        """Create one group send. A creating call: on `OutcomeUnknown` look into `group_sends` before doing anything else."""
        path = "externalcontact/add_msg_template"
        answer = self._call("POST", path, template.body(), kind="create")
        if not answer.get("msgid"):
            raise OutcomeUnknown(path, "success without msgid")
        return CreatedSend(str(answer["msgid"]), tuple(str(id) for id in answer.get("fail_list") or ()))

    def group_sends(
        self, start: datetime, end: datetime, *, chat_type: Literal["single", "group"] = "single", creator: str | None = None
    ) -> Iterator[GroupSend]:
        """Group sends created in the span (≤ 1 month)."""
        body: dict[str, Any] = {"chat_type": chat_type, "start_time": int(start.timestamp()), "end_time": int(end.timestamp()), "limit": 100}
        if creator:
            body["creator"] = creator
        for row in self._pages("externalcontact/get_groupmsg_list_v2", body, "group_msg_list"):
            yield GroupSend.read(row)

    def group_send_tasks(self, msgid: str) -> Iterator[SendTask]:
        """The members' parts of one group send. Right after creation `Refused` with LATER (41063)."""
        for row in self._pages("externalcontact/get_groupmsg_task", {"msgid": msgid, "limit": 1000}, "task_list"):
            yield SendTask.read(row)

    def group_send_results(self, msgid: str, userid: str) -> Iterator[SendResult]:
        """The receivers of one member's part."""
        for row in self._pages("externalcontact/get_groupmsg_send_result", {"msgid": msgid, "userid": userid, "limit": 1000}, "send_list"):
            yield SendResult.read(row)

    def cancel_group_send(self, msgid: str) -> None:
        """Stop what members have not sent yet. Cancelled already (41093) counts as done."""
        self._settle("externalcontact/cancel_groupmsg_send", {"msgid": msgid})

    def remind_group_send(self, msgid: str) -> None:
        """Remind the members who have not confirmed; three times in 24 h, then `Refused` with WAIT (41094). Counts as creating: each call disturbs people."""
        self._call("POST", "externalcontact/remind_groupmsg_send", {"msgid": msgid}, kind="create")

    # -- app messages ------------------------------------------------------------------------------------------------------------------------------

    def send_message(self, message: AppMessage) -> SentMessage:
        """A message of the app to staff. A creating call."""
        answer = self._call("POST", "message/send", message.body(self.credentials.agent_id), kind="create")
        return SentMessage(
            msgid=str(answer.get("msgid") or ""),
            invalid_userids=tuple(part for part in str(answer.get("invaliduser") or "").split("|") if part),
            unlicensed_userids=tuple(part for part in str(answer.get("unlicenseduser") or "").split("|") if part),
        )

    # -- how a call is made ------------------------------------------------------------------------------------------------------------------------

    def token(self, *, stale: str | None = None) -> str:
        """The access token of the app, fetched when needed. Raises `Refused` (CONFIG for wrong credentials) or `NotSent`: no call has gone out yet."""
        return self._tokens.get(self.credentials.key, fetch=self._fetch_token, stale=stale)

    def _fetch_token(self) -> tuple[str, int]:
        query = {"corpid": self.credentials.corp_id, "corpsecret": self.credentials.secret}
        try:
            answer = self._tried("GET", "gettoken", {}, query, "read")
        except Unavailable as fault:
            raise NotSent("gettoken", fault.detail) from None
        except Refused as refused:
            if refused.action is Action.TOKEN:
                raise Refused("gettoken", refused.code, refused.reason, action=Action.CONFIG) from None
            raise
        return str(answer["access_token"]), int(answer["expires_in"])

    def _pages(self, path: str, body: Mapping[str, Any], rows: str) -> Iterator[Json]:
        """Rows of all pages. A lost cursor (50100) starts over once."""
        cursor, restarted = "", False
        while True:
            try:
                answer = self._call("POST", path, {**body, "cursor": cursor} if cursor else body)
            except Refused as refused:
                if refused.code != 50100 or restarted or not cursor:
                    raise
                cursor, restarted = "", True
                continue
            yield from answer.get(rows) or ()
            cursor = str(answer.get("next_cursor") or "")
            if not cursor:
                return

    def _settle(self, path: str, body: Json) -> None:
        try:
            self._call("POST", path, body, kind="write")
        except Refused as refused:
            if refused.action is not Action.DONE:
                raise

    def _call(self, method: str, path: str, data: Json | None = None, *, kind: Kind = "read") -> Json:
        """One contract call, repeated once with a new token when the platform refuses the old one."""
        with self._pace.turn(path):
            used = self.token()
            try:
                return self._tried(method, path, data or {}, {"access_token": used}, kind)
            except Refused as refused:
                if refused.code not in _TOKEN_REFUSED:
                    raise
            try:
                return self._tried(method, path, data or {}, {"access_token": self.token(stale=used)}, kind)
            except Refused as refused:
                if refused.code not in _TOKEN_REFUSED:
                    raise
                raise Refused(path, refused.code, refused.reason, action=Action.CONFIG) from None

    def _tried(self, method: str, path: str, data: Json, secret: Mapping[str, str], kind: Kind) -> Json:
        """Reads are repeated after faults of the platform, everything else is tried once."""
        tries = self._settings.read_tries if kind == "read" else 1
        for attempt in range(1, tries + 1):
            try:
                return self._answer(method, path, data, secret, kind)
            except (Unavailable, NotSent):
                if attempt == tries:
                    raise
            self._wait(self._settings.read_waits_seconds[min(attempt, len(self._settings.read_waits_seconds)) - 1])
        raise AssertionError("unreachable")

    def _answer(self, method: str, path: str, data: Json, secret: Mapping[str, str], kind: Kind) -> Json:
        try:
            response = self._http.request(
                method,
                f"/cgi-bin/{path}",
                params=data if method == "GET" else None,
                json=data if method == "POST" else None,
                extensions={"siyu_secret_query": secret},
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotSent(path, type(error).__name__) from None
        except httpx.HTTPError as error:
            self._doubt(path, kind, type(error).__name__)
        if response.status_code != 200:
            self._doubt(path, kind, f"HTTP {response.status_code}")
        try:
            answer = response.json()
        except ValueError:
            self._doubt(path, kind, "not JSON")
        if not isinstance(answer, dict):
            self._doubt(path, kind, "not a JSON object")
        try:
            code = int(answer.get("errcode") or 0)
        except (TypeError, ValueError):
            self._doubt(path, kind, "errcode is no number")
        if code == _BUSY:
            self._doubt(path, kind, "-1 system busy")
        if code:
            raise Refused(path, code, str(answer.get("errmsg") or "") or meaning_of(code))
        return answer

    def _doubt(self, path: str, kind: Kind, detail: str) -> NoReturn:
        fault: WeComError = Unavailable(path, detail) if kind == "read" else OutcomeUnknown(path, detail)
        raise fault from None
