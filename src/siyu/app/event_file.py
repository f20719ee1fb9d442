"""`siyu import events`: what lies in files goes to the intake over HTTP, as any other source sends it."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from siyu.kernel.errors import Refusal

BATCH, BATCH_BYTES = 100, 400_000
"""Events and bytes of one request; the intake takes up to 500 kB."""
TRIES = 8
WAIT_SECONDS = 30.0
READERS = {".parquet": "read_parquet", ".csv": "read_csv", ".tsv": "read_csv", ".json": "read_json", ".jsonl": "read_json", ".ndjson": "read_json"}


class BadRecipe(Refusal):
    """DuckDB cannot run the recipe over these files; `reason` is what it says."""

    code = "events.bad_recipe"
    status = 422


class NotReadable(Refusal):
    """A file is none of CSV, TSV, Parquet and JSON, gzipped or not."""

    code = "events.not_readable"
    status = 422


class NotTaken(Refusal):
    """The intake does not take what was sent; `reason` is its answer. What was sent before it is kept; sending the same again changes nothing."""

    code = "events.not_taken"
    status = 502


@dataclass
class Sent:
    """What became of the events: each is acknowledged, some were parked for a reason."""

    events: int = 0
    parked: int = 0


def send(files: Sequence[Path], recipe: str, *, url: str, key: str, out: Console) -> Sent:
    """Send what the SQL query `recipe` makes of the files, each of which is a table named like it. Raises BadRecipe, NotReadable, NotTaken."""
    sent = Sent()
    with duckdb.connect() as tables, httpx.Client(base_url=url, timeout=WAIT_SECONDS, auth=(key, "")) as client:
        total, events = _events(tables, files, recipe)
        columns = (TextColumn("  events"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=out, transient=True) as progress:
            bar = progress.add_task("", total=total)
            for batch in _batches(events):
                sent.parked += _post(client, batch)
                sent.events += len(batch)
                progress.update(bar, completed=sent.events)
    return sent


def told(sent: Sent, out: Console) -> None:
    """Say what was sent."""
    out.print(f"  events {sent.events}, parked {sent.parked}", highlight=False)


def _events(tables: duckdb.DuckDBPyConnection, files: Sequence[Path], recipe: str) -> tuple[int, Iterator[str]]:
    """How many there are, and each as JSON, in the order of the recipe."""
    for file in files:
        suffixes = [suffix.lower() for suffix in file.suffixes if suffix.lower() != ".gz"]
        if not suffixes or suffixes[-1] not in READERS:
            raise NotReadable(file=file.name)
        read: Callable[[str], duckdb.DuckDBPyRelation] = getattr(tables, READERS[suffixes[-1]])
        with _worded():
            read(str(file)).create_view(file.name.split(".")[0])
    with _worded():
        made = tables.sql(recipe)
        if made is None:
            raise BadRecipe(reason="it is no query")
        made.create("sending")
        counted = tables.execute("select count(*) from sending").fetchone()
    assert counted is not None
    return int(counted[0]), _lines(tables)


def _lines(tables: duckdb.DuckDBPyConnection) -> Iterator[str]:
    rows = tables.execute("select to_json(sending)::varchar from sending order by rowid")
    while some := rows.fetchmany(10_000):
        for (said,) in some:
            yield said


def _batches(events: Iterator[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for event in events:
        if batch and (len(batch) == BATCH or size + len(event) * 3 > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += len(event.encode())
    if batch:
        yield batch


def _post(client: httpx.Client, batch: Sequence[str]) -> int:
    """How many of them were parked. What is refused for a moment is sent again, as SDKs do.

    The time of sending is not told: the instants in files are right, whatever this machine's clock says.
    """
    content = f'{{"batch":[{",".join(batch)}]}}'
    reason = ""
    for tried in range(TRIES):
        if tried:
            time.sleep(min(0.2 * 2**tried, WAIT_SECONDS))
        try:
            answer = client.post("/v1/batch", content=content, headers={"content-type": "application/json"})
        except httpx.HTTPError as away:
            reason = str(away) or type(away).__name__
            continue
        if answer.status_code == 200:
            return len(answer.json().get("parked", []))
        reason = answer.text
        with suppress(ValueError):
            reason = answer.json().get("title", reason)
        if answer.status_code not in (429, 500, 502, 503, 504):
            break
    raise NotTaken(reason=reason[:300])


@contextmanager
def _worded() -> Iterator[None]:
    """DuckDB's complaints in our words."""
    try:
        yield
    except duckdb.Error as error:
        raise BadRecipe(reason=str(error).splitlines()[0]) from error
