"""The tables of welcome messages and of what became of welcome codes, and every statement on them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Row, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from siyu.act.welcomes.model import Greeting, Outcome, Results, Tally, Welcome, Words
from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, JobId, WelcomeId

welcomes = Table(
    "welcomes",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("corp_id", Uuid, nullable=False),
    Column("states", ARRAY(Text), nullable=False),
    Column("text", Text, nullable=False),
    Column("link_title", Text),
    Column("link_url", Text),
    Column("active", Boolean, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)
greetings = Table(
    "greetings",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("job_id", Uuid, primary_key=True),
    Column("corp_id", Uuid, nullable=False),
    Column("userid", Text, nullable=False),
    Column("external_userid", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("happened_at", DateTime(timezone=True), nullable=False),
    Column("settled_at", DateTime(timezone=True), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("code", BigInteger),
    Column("welcome_id", Uuid),
    Column("welcome_version", BigInteger),
)


def insert(tx: Tx, welcome: Welcome) -> bool:
    """Keep a version; False when there is one of this number."""
    words = welcome.words
    return (
        tx.execute(
            """
            insert into welcomes (tenant_id, id, version, corp_id, states, text, link_title, link_url, active, changed_by, changed_at)
            values (:tenant_id, :id, :version, :corp_id, :states, :text, :link_title, :link_url, :active, :changed_by, :changed_at)
            on conflict (tenant_id, id, version) do nothing
            """,
            {
                "id": welcome.id,
                "version": welcome.version,
                "corp_id": welcome.corp_id,
                "states": list(words.states),
                "text": words.text,
                "link_title": words.link_title,
                "link_url": words.link_url,
                "active": welcome.active,
                "changed_by": welcome.changed_by,
                "changed_at": welcome.changed_at,
            },
        ).rowcount
        == 1
    )


def current(tx: Tx, *, id: WelcomeId | None = None, corp_id: CorpId | None = None) -> Sequence[Welcome]:
    """The last version of each, of one, or of each of an app."""
    rows = tx.execute(
        """
        select distinct on (id) id, version, corp_id, states, text, link_title, link_url, active, changed_by, changed_at
        from welcomes
        where tenant_id = :tenant_id
            and (cast(:id as uuid) is null or id = :id)
            and (cast(:corp_id as uuid) is null or corp_id = :corp_id)
        order by id, version desc
        """,
        {"id": id, "corp_id": corp_id},
    )
    return [_welcome(row) for row in rows]


def is_settled(tx: Tx, job_id: JobId) -> bool:
    """Whether the code of this job has come to its end."""
    return bool(tx.execute("select exists (select from greetings where tenant_id = :tenant_id and job_id = :id)", {"id": job_id}).scalar())


def settle(tx: Tx, greeting: Greeting) -> None:
    """Write down what became of a code."""
    said = greeting.said
    tx.execute(
        """
        insert into greetings (
            tenant_id, job_id, corp_id, userid, external_userid, state, happened_at, settled_at, outcome, code, welcome_id, welcome_version
        )
        values (
            :tenant_id, :job_id, :corp_id, :userid, :external_userid, :state, :happened_at, :settled_at, :outcome, :code, :welcome_id, :welcome_version
        )
        """,
        {
            "job_id": greeting.job_id,
            "corp_id": greeting.corp_id,
            "userid": greeting.userid,
            "external_userid": greeting.external_userid,
            "state": greeting.state,
            "happened_at": greeting.happened_at,
            "settled_at": greeting.settled_at,
            "outcome": greeting.end.outcome,
            "code": greeting.end.code,
            "welcome_id": said.id if said else None,
            "welcome_version": said.version if said else None,
        },
    )


def results(tx: Tx, since: datetime) -> Results:
    """Codes of customers who came at `since` or later, by their ends, the most frequent first."""
    tallies = tx.execute(
        """
        select outcome, code, count(*) as codes
        from greetings
        where tenant_id = :tenant_id and happened_at >= :since
        group by outcome, code
        order by codes desc, outcome, code
        """,
        {"since": since},
    )
    seconds = tx.execute(
        """
        select percentile_disc(0.5) within group (order by seconds) as median, percentile_disc(0.99) within group (order by seconds) as p99
        from (
            select cast(extract(epoch from settled_at - happened_at) as float8) as seconds
            from greetings
            where tenant_id = :tenant_id and happened_at >= :since and outcome = 'sent'
        ) sent
        """,
        {"since": since},
    ).one()
    return Results(since, [Tally(Outcome(row.outcome), row.code, row.codes) for row in tallies], seconds.median, seconds.p99, tx.now)


def _welcome(row: Row[Any]) -> Welcome:
    words = Words(row.text, row.link_title, row.link_url, tuple(row.states))
    return Welcome(WelcomeId(row.id), row.version, CorpId(row.corp_id), words, row.active, row.changed_by, row.changed_at)
