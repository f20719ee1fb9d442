"""Whether the platform lets us in: secret, corp, trusted address, app."""

from siyu.connectors.wecom import Action, Refused, Stopped, WeComError
from siyu.observe.contacts.doctor.reaching import ip_in
from siyu.observe.contacts.doctor.visit import Visit, found, skipped
from siyu.observe.contacts.findings import Finding

WRONG_CORP, OTHER_CORP, RESET, UNTRUSTED, OTHER_APP = 40013, 40091, 45031, 60020, 301002
CLOSED_APP = (50003, 60031)


def secret(visit: Visit) -> Finding:
    """A token is fetched anew, whatever other connections hold."""
    if visit.barred:
        return skipped("secret", visit.barred)
    try:
        visit.ask(visit.client.token)
        return found("secret", "ok")
    except WeComError as error:
        visit.entry, visit.barred = error, "secret"
        if isinstance(error, Refused) and error.code == UNTRUSTED:
            visit.refused_ip, visit.barred = ip_in(error.reason) or "", "trusted_ip"
    code = visit.entry.code if isinstance(visit.entry, Refused) else 0
    if isinstance(visit.entry, Stopped):
        return found("secret", "error", "stopped", code=code)
    if code in (WRONG_CORP, OTHER_CORP):
        visit.barred = "corp"
    if code in (WRONG_CORP, OTHER_CORP, UNTRUSTED):
        return skipped("secret", visit.barred)
    if visit.entry.action is Action.WAIT:
        return found("secret", "error", "blocked", code=code)
    if code == RESET:
        return found("secret", "error", "reset", code=code)
    return found("secret", "error", "wrong", code=code) if code else found("secret", "warning", "no_answer", detail=visit.entry.detail)


def corp(visit: Visit) -> Finding:
    """Whether there is such a corp and the secret is one of its own."""
    code = visit.entry.code if isinstance(visit.entry, Refused) else 0
    if code == WRONG_CORP:
        return found("corp", "error", "unknown" if visit.held else "mistyped", code=code)
    if code == OTHER_CORP:
        return found("corp", "error", "other_secret", code=code)
    return skipped("corp", visit.barred) if visit.barred else found("corp", "ok")


def trusted_ip(visit: Visit) -> Finding:
    """Whether WeCom takes calls from our address. The list works about a minute after it was saved."""
    if visit.barred and visit.refused_ip is None:
        return skipped("trusted_ip", visit.barred)
    if visit.refused_ip is None:
        try:
            visit.app = visit.ask(visit.client.app)
        except WeComError as error:
            visit.app = error
            if isinstance(error, Refused) and error.code == UNTRUSTED:
                visit.refused_ip, visit.barred = ip_in(error.reason) or "", "trusted_ip"
    if visit.refused_ip is not None:
        return found("trusted_ip", "error", "refused", ip=visit.refused_ip, code=UNTRUSTED)
    return found("trusted_ip", "ok")


def agent(visit: Visit) -> Finding:
    """Whether the agent id is that of the secret's app, and the app is on and sees anybody: messages to staff need that."""
    app = visit.app
    match app:
        case Refused(code=code) if code == OTHER_APP:
            return found("agent", "error", "other_app", code=code)
        case Refused(code=code) if code in CLOSED_APP:
            return found("agent", "error", "closed", code=code)
        case Refused(code=code, reason=reason):
            return found("agent", "error", "refused", code=code, reason=reason)
        case WeComError(detail=detail):
            return found("agent", "warning", "no_answer", detail=detail)
        case None:
            return skipped("agent", visit.barred or "trusted_ip")
    if app.closed:
        return found("agent", "error", "closed", app=app.name)
    if not (app.users or app.departments or app.tags):
        return found("agent", "error", "sees_nobody", app=app.name)
    return found("agent", "ok", app=app.name, departments=len(app.departments), users=len(app.users))
