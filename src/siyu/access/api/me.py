"""What everybody may see and change of themselves."""

from fastapi import Request, Response
from pydantic import BaseModel

from siyu.access import accounts, logins, sessions, tenants
from siyu.access.api import edge
from siyu.infra.http import Db, router

secret = edge.secret_router()
plain = router("", tag="access")


class MeIn(edge.In):
    name: str | None = None
    language: str | None = None


class PasswordIn(edge.In):
    old: edge.Password
    new: edge.Password


class TotpOut(BaseModel):
    secret: str
    uri: str


class CodeIn(edge.In):
    code: edge.Code


class RecoveryCodes(BaseModel):
    recovery_codes: list[str]


@plain.get("/me", operation_id="read_me")
def read_me(request: Request, tx: Db) -> edge.Me:
    """Who is logged in, what they may do, for which brand, and what time it is there."""
    return edge.me(request, tx, accounts.get(tx, edge.own_id(tx)))


@plain.patch("/me", operation_id="change_me")
def change_me(request: Request, tx: Db, body: MeIn) -> edge.Me:
    """Change one's name or language."""
    return edge.me(request, tx, accounts.change_self(tx, edge.own_id(tx), name=body.name, language=body.language))


@secret.post("/me/password", operation_id="change_password", status_code=204)
def change_password(request: Request, response: Response, tx: Db, body: PasswordIn) -> None:
    """Another password; all other sessions end."""
    id = logins.prove(edge.database(request), edge.secrets(request), tx, body.old, with_code=False, address=edge.address(request))
    accounts.change_password(tx, id, body.new)
    edge.renew(request, response, tx)


@secret.post("/me/totp", operation_id="begin_totp")
def begin_totp(request: Request, tx: Db) -> TotpOut:
    """A secret for an authenticator app; nothing changes until its first code is confirmed."""
    sessions.fresh(tx)
    text, uri = accounts.begin_totp(tx, edge.secrets(request), edge.own_id(tx), issuer=f"siyu {tenants.get(tx).name}")
    return TotpOut(secret=text, uri=uri)


@secret.post("/me/totp/confirm", operation_id="confirm_totp")
def confirm_totp(request: Request, tx: Db, body: CodeIn) -> RecoveryCodes:
    """Switch one-time codes on with a first code; answers with ten recovery codes, shown this once."""
    return RecoveryCodes(recovery_codes=accounts.confirm_totp(tx, edge.secrets(request), edge.own_id(tx), body.code))


@secret.delete("/me/totp", operation_id="remove_totp", status_code=204)
def remove_totp(request: Request, response: Response, tx: Db, body: edge.ProofIn) -> None:
    """Switch one-time codes off."""
    id = logins.prove(edge.database(request), edge.secrets(request), tx, body.password, with_code=False, address=edge.address(request))
    accounts.remove_totp(tx, id)
    edge.renew(request, response, tx)
