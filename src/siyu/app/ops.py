"""For machines that watch siyu: is it well, and has it finished what was due?"""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from siyu import engine, events
from siyu.infra.database import Database
from siyu.infra.tx import SYSTEM
from siyu.infra.wiring import Capability

routes = APIRouter(prefix="/api", tags=["ops"])


class Health(BaseModel):
    """`ok` when the store answers; the analytic engine may be rebuilding meanwhile."""

    status: str
    version: str
    database: bool
    engine: dict[str, Any]


class Idle(BaseModel):
    """Whether everything due at business time `now` has been done."""

    idle: bool
    jobs: int
    followers: list[str]
    engine_behind: bool


@routes.get("/health", operation_id="health", response_model=Health)
def health(request: Request, response: Response) -> Health:
    """Whether siyu answers, status 503 when the store does not; no log-in needed, nothing told about the brand."""
    database: Database = request.app.state.database
    try:
        with database.lookup() as connection:
            connection.execute(text("select 1"))
        up = True
    except SQLAlchemyError:
        up = False
    response.status_code = 200 if up else 503
    replica = engine.status()
    return Health(
        status="ok" if up else "down", version=request.app.version, database=up, engine={"state": replica["state"], "lag_seconds": replica["lag_seconds"]}
    )


@routes.get("/ops/idle", operation_id="idle", response_model=Idle)
def idle(request: Request) -> Idle:
    """Whether jobs, followers and the replica have caught up: for stepping a demo and for draining before an upgrade."""
    return quiet(request.app.state.database, request.app.state.capabilities)


def quiet(database: Database, capabilities: Sequence[Capability]) -> Idle:
    """What is still open."""
    with database.lookup() as connection:
        open_jobs = connection.execute(text("select siyu_open_jobs(:now)"), {"now": database.clock()}).scalar_one()
    behind: list[str] = []
    lagging = False
    for tenant_id in database.tenants():
        with database.transaction(tenant_id, SYSTEM) as tx:
            lagging = lagging or not engine.caught_up(tx)
            behind += [follower.name for capability in capabilities for follower in capability.followers if events.backlog(tx, follower.name, follower.events)]
    return Idle(idle=not open_jobs and not behind and not lagging, jobs=open_jobs, followers=sorted(set(behind)), engine_behind=lagging)
