"""What a capability lends the app. `app/capabilities.py` lists them; nobody else knows everyone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter
from starlette.routing import BaseRoute

from siyu.infra.jobs import Job, Schedule

if TYPE_CHECKING:
    from siyu.infra.tx import Tx


@dataclass(frozen=True)
class EventType:
    """One name of the event catalogue: `fields` maps each property to its meaning with its unit."""

    name: str
    meaning: str
    zh: str
    fields: Mapping[str, str] = field(default_factory=dict)
    version: int = 1


@dataclass(frozen=True)
class Follower:
    """Reads the event log in commit order, in batches; `run(tx, events)` and the cursor commit together, so each event is handled once."""

    name: str
    events: Sequence[str]
    run: Callable[["Tx", Sequence[Any]], None]


@dataclass(frozen=True)
class ReplicaTable:
    """A table that the columnar replica follows. `columns` gives the DuckDB type of each column, `key` its primary key (tenant_id first)."""

    name: str
    columns: Mapping[str, str]
    key: Sequence[str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", {column: kind.upper() for column, kind in self.columns.items()})


@dataclass(frozen=True)
class Permission:
    """One act that a role may hold: `broadcasts.send`, with its sentence in both languages."""

    name: str
    zh: str
    en: str
    roles: Sequence[str]


@dataclass(frozen=True)
class PersonalColumn:
    """A column with personal data: how it is masked on screen and what erasure does to it."""

    table: str
    column: str
    kind: Literal["name", "phone", "address", "identifier", "text"]
    erase: Literal["null", "row", "pseudonym"] = "null"


@dataclass(frozen=True)
class Metric:
    """A figure with one definition, unit, grain and window."""

    name: str
    zh: str
    en: str
    unit: Literal["fen", "people", "count", "rate", "days", "seconds"]
    definition_zh: str
    definition_en: str


@dataclass(frozen=True)
class Capability:
    """Everything that one capability adds to the product. `doors`: plain routes that are looked at before all others, for what comes by the thousand."""

    name: str
    routers: Sequence[APIRouter] = ()
    doors: Sequence[BaseRoute] = ()
    events: Sequence[EventType] = ()
    followers: Sequence[Follower] = ()
    jobs: Sequence[Job] = ()
    schedules: Sequence[Schedule] = ()
    replica: Sequence[ReplicaTable] = ()
    permissions: Sequence[Permission] = ()
    personal: Sequence[PersonalColumn] = ()
    metrics: Sequence[Metric] = ()
