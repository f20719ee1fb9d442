"""Routes of welcome messages."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from siyu.act.welcomes import service
from siyu.act.welcomes.model import Results, Welcome, Words
from siyu.infra.http import Db, needs, router
from siyu.kernel.ids import CorpId, WelcomeId
from siyu.observe.contacts import Corp

routes = router("/welcomes", tag="welcomes")


class WordsIn(BaseModel):
    """A text, below it a card when there is a link; `states`: the sources it is for, none for everybody."""

    text: str
    link_title: str | None = None
    link_url: str | None = None
    states: list[str] = Field(default_factory=list)

    def words(self) -> Words:
        return Words(self.text, self.link_title, self.link_url, tuple(self.states))


class WelcomeIn(WordsIn):
    """The words, and the app whose new customers get them."""

    corp_id: UUID


class WelcomeOut(WordsIn):
    """A welcome message as it is now."""

    id: UUID
    version: int
    corp_id: UUID
    states: list[str]
    active: bool
    changed_by: str
    changed_at: datetime

    @classmethod
    def of(cls, welcome: Welcome) -> "WelcomeOut":
        said = welcome.words
        return cls(
            id=welcome.id,
            version=welcome.version,
            corp_id=welcome.corp_id,
            text=said.text,
            link_title=said.link_title,
            link_url=said.link_url,
            states=list(said.states),
            active=welcome.active,
            changed_by=welcome.changed_by,
            changed_at=welcome.changed_at,
        )


class WelcomesOut(BaseModel):
    """The welcome messages of one connected app, last changed first."""

    corp_id: UUID
    name: str
    active: bool
    welcomes: list[WelcomeOut]

    @classmethod
    def of(cls, corp: Corp, welcomes: Sequence[Welcome]) -> "WelcomesOut":
        return cls(corp_id=corp.id, name=corp.name, active=corp.active, welcomes=[WelcomeOut.of(welcome) for welcome in welcomes])


class TallyOut(BaseModel):
    """How many codes came to one end; `code`: WeCom's, when it said one."""

    outcome: str
    code: int | None
    codes: int


class WelcomeResultsOut(BaseModel):
    """What became of the welcome codes of the last 30 days; seconds from the event to our answer, over those sent."""

    since: datetime
    tallies: list[TallyOut]
    median_seconds: float | None
    p99_seconds: float | None
    as_of: datetime

    @classmethod
    def of(cls, results: Results) -> "WelcomeResultsOut":
        tallies = [TallyOut(outcome=tally.outcome.value, code=tally.code, codes=tally.codes) for tally in results.tallies]
        return cls(since=results.since, tallies=tallies, median_seconds=results.median_seconds, p99_seconds=results.p99_seconds, as_of=results.as_of)


@routes.get("", operation_id="list_welcomes", dependencies=[needs("welcomes.read")])
def list_welcomes(tx: Db) -> list[WelcomesOut]:
    """Every connected app with its welcome messages."""
    return [WelcomesOut.of(corp, welcomes) for corp, welcomes in service.by_app(tx)]


@routes.post("", operation_id="write_welcome", status_code=201, dependencies=[needs("welcomes.write")])
def write_welcome(tx: Db, body: WelcomeIn) -> WelcomeOut:
    """Keep a new welcome message, switched on."""
    return WelcomeOut.of(service.write(tx, CorpId(body.corp_id), body.words()))


@routes.get("/results", operation_id="welcome_results", dependencies=[needs("welcomes.read")])
def welcome_results(tx: Db) -> WelcomeResultsOut:
    """What became of the welcome codes of the last 30 days."""
    return WelcomeResultsOut.of(service.results(tx))


@routes.put("/{id}", operation_id="edit_welcome", dependencies=[needs("welcomes.write")])
def edit_welcome(tx: Db, id: UUID, body: WordsIn) -> WelcomeOut:
    """Say something else from now on."""
    return WelcomeOut.of(service.edit(tx, WelcomeId(id), body.words()))


@routes.post("/{id}/on", operation_id="switch_on_welcome", dependencies=[needs("welcomes.write")])
def switch_on_welcome(tx: Db, id: UUID) -> WelcomeOut:
    """Say it again from now on; it counts as the newest."""
    return WelcomeOut.of(service.switch_on(tx, WelcomeId(id)))


@routes.post("/{id}/off", operation_id="switch_off_welcome", dependencies=[needs("welcomes.write")])
def switch_off_welcome(tx: Db, id: UUID) -> WelcomeOut:
    """Say it no more."""
    return WelcomeOut.of(service.switch_off(tx, WelcomeId(id)))
