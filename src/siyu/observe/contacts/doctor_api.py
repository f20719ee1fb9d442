"""The doctor's routes: what he found, another look, and a trial of what is not saved yet. No decisions here."""

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from siyu.connectors.wecom import ClientSettings, Credentials, WeCom
from siyu.infra import jobs
from siyu.infra.database import Database
from siyu.infra.http import Db, SecretRoute, asks, needs, opener, router
from siyu.kernel.ids import CorpId
from siyu.observe.contacts import doctor, service
from siyu.observe.contacts.api import Address, AgentId, Pasted, StartedJob
from siyu.observe.contacts.doctor import Visit
from siyu.observe.contacts.findings import Finding, Standing, State

routes = router("/corps", tag="corps")
trials = APIRouter(prefix="/api/corps", tags=["corps"], route_class=SecretRoute)


class FindingOut(BaseModel):
    """What one check found; check and outcome are worded on screen, `facts` are the parameters of the words."""

    check: str
    state: State
    outcome: str
    facts: Mapping[str, Any]

    @classmethod
    def of(cls, finding: Finding) -> "FindingOut":
        return cls.model_validate(finding, from_attributes=True)


class StandingOut(FindingOut):
    """A finding with the instant since which it has been so."""

    since: datetime

    @classmethod
    def standing(cls, one: Standing) -> "StandingOut":
        return cls(**FindingOut.of(one.finding).model_dump(), since=one.since)


class ExaminationOut(BaseModel):
    """The last examination, in the order of its checks; `job_id` is one that is under way."""

    checked_at: datetime | None
    job_id: UUID | None
    findings: list[StandingOut]


class TrialIn(BaseModel):
    """What is known so far. Without a secret only the way to WeCom is tried."""

    corp_id: Pasted = Field(default="", max_length=64)
    agent_id: AgentId = 0
    secret: Pasted = Field(default="", max_length=200)
    base_url: Address


class TrialOut(BaseModel):
    """What a connection with this would meet. `ip` is our address as WeCom sees it."""

    state: Literal["ok", "warning", "error"]
    ip: str | None
    findings: list[FindingOut]


@routes.get("/{id}/doctor", operation_id="read_examination", dependencies=[needs("corps.read")])
def read_examination(tx: Db, id: UUID) -> ExaminationOut:
    """What the doctor found last."""
    corp = service.corp(tx, CorpId(id))
    found = sorted(service.findings(tx, corp.id), key=lambda one: doctor.place(one.finding.check))
    return ExaminationOut(
        checked_at=max((one.checked_at for one in found), default=None),
        job_id=jobs.unfinished(tx, service.EXAMINE, corp_id=corp.id),
        findings=[StandingOut.standing(one) for one in found],
    )


@routes.post("/{id}/doctor", operation_id="examine_corp", status_code=202, dependencies=[needs("corps.write")])
def examine_corp(tx: Db, id: UUID) -> StartedJob:
    """Let the doctor look again, as a job."""
    return StartedJob(job_id=service.request_examination(tx, CorpId(id)))


@trials.post("/test", operation_id="test_corp", dependencies=[asks("corps.write")])
def test_corp(request: Request, body: TrialIn) -> TrialOut:
    """Try what is not saved yet; nothing of it is kept, but wrong secrets are counted: after three for a corp within the hour no other is tried."""
    base_url = service.address(body.base_url or request.app.state.settings.wecom_base_url)
    credentials = Credentials(body.corp_id, body.secret, body.agent_id)
    transaction = opener(request)
    if body.secret:
        with transaction() as tx:
            service.may_try(tx, body.corp_id)
    gate = service.TrialGate(transaction, body.corp_id)
    with closing(WeCom(credentials, ClientSettings(base_url=base_url, read_tries=1), gate=gate)) as client:
        visit = Visit(base_url, client, clock=cast(Database, request.app.state.database).clock)
        found = list(doctor.examine(visit, doctor.TRIAL if body.secret else doctor.WAY))
    states = {one.state for one in found}
    ip = next((one.facts.get("ip") for one in found if one.facts.get("ip")), None)
    return TrialOut(state="error" if "error" in states else "warning" if "warning" in states else "ok", ip=ip, findings=[FindingOut.of(one) for one in found])
