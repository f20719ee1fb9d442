"""JS-SDK and 身份验证: tickets for pages, and who a log-in code stands for. Life spans are machine time, as of tokens."""

from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract

_HOUR = 3600


def get_jsapi_ticket(call: Call) -> dict[str, Any]:
    """The corp's ticket, one for all apps."""
    return _ticket(call, 0)


def ticket_get(call: Call) -> dict[str, Any]:
    """The app's own ticket."""
    if call.text("type") != "agent_config":
        raise Failure(91040)
    return _ticket(call, call.app.agent_id)


def getuserinfo(call: Call) -> dict[str, Any]:
    """Who came back with a code, once."""
    code = call.text("code", missing=40029)
    with call.corp.books.write() as db:
        row = db.execute("select * from login_code where code = ?", (code,)).fetchone()
        if row is None or row["agent_id"] != call.app.agent_id:
            raise Failure(40029)
        if row["used"]:
            raise Failure(42022)
        if call.machine - row["given_machine"] > call.corp.settings.limits.login_code_seconds:
            raise Failure(42003)
        db.execute("update login_code set used = 1 where code = ?", (code,))
        if row["external_userid"]:
            return _outsider(call, row["external_userid"])
        found = {"userid": row["userid"]}
        if row["private"]:
            found["user_ticket"] = call.corp.draws.letters(64, "user ticket", call.corp.books.serial("user_ticket"))
            db.execute("insert into user_ticket values (?, ?, ?, ?)", (found["user_ticket"], call.app.agent_id, row["userid"], call.machine))
    return found


def getuserdetail(call: Call) -> dict[str, Any]:
    """What the member agreed to show."""
    with call.corp.books.read() as db:
        row = db.execute(
            "select t.*, s.gender from user_ticket t join staff s using (userid) where value = ?", (call.text("user_ticket", missing=84015),)
        ).fetchone()
    if row is None or row["agent_id"] != call.app.agent_id:
        raise Failure(84015)
    if call.machine - row["given_machine"] > call.corp.settings.limits.user_ticket_seconds:
        raise Failure(84014)
    userid, draws = row["userid"], call.corp.draws
    return {
        "userid": userid,
        "gender": str(row["gender"]),
        "avatar": f"https://wework.qpic.cn/bizmail/{draws.letters(32, 'avatar', userid)}/0",
        "qr_code": f"https://open.work.weixin.qq.com/wwopen/userQRCode?vcode={draws.letters(24, 'vcode', userid)}",
        "mobile": f"199{draws.integer(0, 99_999_999, 'mobile', userid):08d}",
        "email": f"{userid}@town.example",
        "biz_mail": f"{userid}@brand.example",
        "address": "",
    }


def old_getuserinfo(call: Call) -> dict[str, Any]:
    """The retired path, in the older spelling."""
    spelling = {"userid": "UserId", "openid": "OpenId"}
    return {spelling.get(name, name): value for name, value in getuserinfo(call).items()} | {"DeviceId": ""}


def _outsider(call: Call, external_userid: str) -> dict[str, Any]:
    found = {"openid": call.corp.openid_of(external_userid)}
    with call.corp.books.read() as db:
        rows = db.execute("select userid from follow where external_userid = ? and left_by_staff_at is null", (external_userid,)).fetchall()
        if {row["userid"] for row in rows} & call.corp.visible_staff(call.app, db):
            found["external_userid"] = external_userid
    return found


def _ticket(call: Call, agent_id: int) -> dict[str, Any]:
    """Asking again within its life gives the same one."""
    limits = call.corp.settings.limits
    call.corp.rates.within(call.path, "", limits.tickets_per_corp_hour, _HOUR, call.machine)
    call.corp.rates.within(call.path, str(call.app.agent_id), limits.tickets_per_app_hour, _HOUR, call.machine)
    with call.corp.books.write() as db:
        row = db.execute("select value, expires_machine from ticket where agent_id = ? and expires_machine > ?", (agent_id, call.machine)).fetchone()
        if row:
            return {"ticket": row["value"], "expires_in": max(1, int(row["expires_machine"] - call.machine))}
        value = call.corp.draws.letters(64, "ticket", call.corp.books.serial("ticket"), int(call.machine * 1000))
        db.execute("insert into ticket values (?, ?, ?)", (value, agent_id, call.machine + limits.ticket_seconds))
    return {"ticket": value, "expires_in": limits.ticket_seconds}


CALLS = {
    "get_jsapi_ticket": Contract("GET", get_jsapi_ticket),
    "ticket/get": Contract("GET", ticket_get),
    "auth/getuserinfo": Contract("GET", getuserinfo),
    "auth/getuserdetail": Contract("POST", getuserdetail),
    "user/getuserinfo": Contract("GET", old_getuserinfo),
    "user/getuserdetail": Contract("POST", getuserdetail),
}
