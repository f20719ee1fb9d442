"""For machines that watch siyu: is it well, and has it finished what was due?"""

from collections.abc import Sequence
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from siyu import engine, events
from siyu.infra.database import Database
from siyu.infra.room import Level, Room
from siyu.infra.tx import SYSTEM
from siyu.infra.wiring import Capability

routes = APIRouter(prefix="/api", tags=["ops"])


class Health(BaseModel):
    """`status`: ok when the store answers and can write; full when a disk has no room for it, down when it does not answer. The engine may be rebuilding.

    `disk`: ok; low when no more files are taken, since less than a twentieth is free; full.
    """

    status: Literal["ok", "full", "down"]
    version: str
    database: bool
    disk: Level
    engine: dict[str, Any]


class Idle(BaseModel):
    """Whether everything due at business time `now` has been done."""

    idle: bool
    jobs: int
    followers: list[str]
    engine_behind: bool


@routes.get("/health", operation_id="health", response_model=Health)
def health(request: Request, response: Response) -> Health:
    """Whether siyu answers, status 503 when the store does not, 507 when it cannot write; no log-in needed, nothing told about the brand."""
    database: Database = request.app.state.database
    try:
        with database.lookup() as connection:
            connection.execute(text("select 1"))
        up = True
    except SQLAlchemyError:
        up = False
    room: Room = request.app.state.room
    disk = room.level()
    status: Literal["ok", "full", "down"] = "full" if disk == "full" else "ok" if up else "down"
    response.status_code = {"ok": 200, "full": 507, "down": 503}[status]
    replica = engine.status()
    told = {"state": replica["state"], "lag_seconds": replica["lag_seconds"]}
    return Health(status=status, version=request.app.version, database=up, disk=disk, engine=told)


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
