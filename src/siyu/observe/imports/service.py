"""Taking a file in: describe it, agree on its columns, try it, import it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import IO, Any

from siyu.access import audit
from siyu.infra import jobs
from siyu.infra.files import Files
from siyu.infra.tx import Tx
from siyu.kernel.errors import Invalid, NotFound, Refusal
from siyu.kernel.ids import FileId, ImportId, new_id
from siyu.observe import orders
from siyu.observe.imports import readers, store
from siyu.observe.imports.model import mapping as columns
from siyu.observe.imports.model.encodings import Encoding
from siyu.observe.imports.model.imports import Import, Shape, State
from siyu.observe.imports.model.options import Options

CHECK, RUN = "imports.check", "imports.run"
_UNTRIED: Mapping[str, Any] = {"state": "uploaded", "report": None, "error": None, "job_id": None, "rejected_file_id": None}
"""An import of which nothing is found yet."""
COUNTS = ("rows", "orders", "refunds", "rejected", "new_orders", "changed_orders", "unchanged_orders")


class ImportNotFound(NotFound):
    """No such import."""

    code = "import.not_found"


class ImportBusy(Refusal):
    """The import is being tried or run right now."""

    code = "import.busy"


class ImportKept(Refusal):
    """Orders or refunds came from this import, so its file and report stay."""

    code = "import.kept"


class NothingRejected(NotFound):
    """There is no file of rejected rows: the import was not tried yet, or every row was taken."""

    code = "import.nothing_rejected"


def create(tx: Tx, files: Files, name: str, source: IO[bytes]) -> Import:
    """Take a file of orders and guess its columns; files with headings seen before are read as then. Raises UnreadableFile; nothing is kept then."""
    stored = files.save(tx, name, source)
    path = files.path(tx.tenant_id, stored.id)
    try:
        shape = readers.describe(path)
    except BaseException:
        path.unlink()
        raise
    one = Import(
        id=new_id(ImportId, tx.now),
        kind="orders",
        file_id=stored.id,
        file_name=stored.name,
        size_bytes=stored.size_bytes,
        **_understood(tx, shape, Options(shop=store.last_shop(tx) or "main", timezone=tx.tz.key)),
        state="uploaded",
        job_id=None,
        rejected_file_id=None,
        report=None,
        error=None,
        created_by=tx.actor.label,
        created_at=tx.now,
        updated_at=tx.now,
    )
    store.insert(tx, one)
    return one


def set_mapping(tx: Tx, id: ImportId, mapping: Mapping[str, str | None], options: Options) -> Import:
    """Say what the columns mean and how the file is read, for this file and later ones with these headings.

    Raises ImportBusy, UnknownColumn, MappingIncomplete.
    """
    one = _idle(tx, id)
    whole = columns.complete(mapping, one.headings)
    store.remember(tx, one.header_hash, whole, options)
    store.change(tx, id, mapping=whole, options=_plain(options), guessed=False, **_UNTRIED)
    return get(tx, id)


def set_encoding(tx: Tx, files: Files, id: ImportId, encoding: Encoding) -> Import:
    """Read a text file in this encoding from now on: its headings, and what they may mean, are found anew. Raises ImportBusy, Invalid, UnreadableFile."""
    one = _idle(tx, id)
    if one.format != "csv":
        raise Invalid(field="encoding", reason="only a text file has one")
    told = _understood(tx, readers.describe(files.path(tx.tenant_id, one.file_id), encoding), one.options)
    store.change(tx, id, **{**told, "options": _plain(told["options"])}, **_UNTRIED)
    return get(tx, id)


def check(tx: Tx, id: ImportId) -> Import:
    """Try the file without writing an order, as a job; the report is on the import afterwards. Raises ImportBusy, MappingIncomplete."""
    return _start(tx, id, CHECK)


def run(tx: Tx, id: ImportId) -> Import:
    """Import the file, as a job that can be watched, stopped and resumed. Raises ImportBusy, MappingIncomplete."""
    started = _start(tx, id, RUN)
    _record(tx, "started", started, {"shop": started.options.shop, **_counts(started.report or {})})
    return started


def cancel(tx: Tx, id: ImportId) -> Import:
    """Stop at the next whole order. What was imported stays, and a later run leaves it unchanged. A dry run that is stopped leaves no trace."""
    one = get(tx, id)
    if one.job_id and busy(tx, one):
        job = jobs.cancel(tx, one.job_id)
        if job.kind == RUN:
            if job.state == "cancelled":
                store.change(tx, id, state="cancelled")
            _record(tx, "cancelled", one, {"done": job.done, "total": job.total})
    return get(tx, id)


def delete(tx: Tx, files: Files, id: ImportId) -> None:
    """Take away a file that brought nothing in, with its bytes. Raises ImportBusy, ImportKept."""
    one = _idle(tx, id)
    if not deletable(tx, [one]):
        raise ImportKept(import_id=str(id))
    store.delete(tx, id)
    _record(tx, "deleted", one, _counts(one.report or {}))
    for file_id in filter(None, (one.file_id, one.rejected_file_id)):
        files.erase(tx, file_id)


def deletable(tx: Tx, some: Sequence[Import]) -> set[ImportId]:
    """Those of these imports that are neither done nor under way and that nothing came from."""
    idle = [one.id for one in some if state_of(tx, one) in ("uploaded", "checked", "failed", "cancelled")]
    return set(idle) - orders.brought_by(tx, idle)


def get(tx: Tx, id: ImportId) -> Import:
    """One import. Raises ImportNotFound."""
    one = store.get(tx, id)
    if one is None:
        raise ImportNotFound(import_id=str(id))
    return one


def page(tx: Tx, *, before: ImportId | None = None, limit: int = 50) -> list[Import]:
    """Imports, newest first, older than `before`."""
    return store.page(tx, before=before, limit=limit)


def busy(tx: Tx, one: Import) -> bool:
    """Whether a job of this import waits or runs."""
    return one.job_id is not None and jobs.get(tx, one.job_id).state in ("ready", "leased")


def state_of(tx: Tx, one: Import) -> State:
    """The state on screen: an import whose job has ended for good without saying so has ended as the job did."""
    if one.state == "importing" and one.job_id is not None:
        ended = jobs.get(tx, one.job_id).state
        return ended if ended in ("failed", "cancelled") else "importing"
    return one.state


def progress(tx: Tx, id: ImportId, **values: Any) -> None:
    """What a job of this import says of it: state, report, error, rejected file."""
    store.change(tx, id, **values)


def finish(tx: Tx, id: ImportId, *, report: Mapping[str, Any], rejected: FileId | None) -> None:
    """A run has come to its end with this report."""
    progress(tx, id, state="done", report=report, error=None, rejected_file_id=rejected)
    _record(tx, "finished", get(tx, id), _counts(report))


def rejected_file(tx: Tx, id: ImportId) -> FileId:
    """The file of rejected rows. Raises NothingRejected."""
    one = get(tx, id)
    if one.rejected_file_id is None:
        raise NothingRejected(import_id=str(id))
    return one.rejected_file_id


def _start(tx: Tx, id: ImportId, kind: str) -> Import:
    one = _idle(tx, id)
    columns.complete(one.mapping, one.headings)
    if one.job_id and kind == RUN and one.state in ("failed", "cancelled", "importing") and jobs.get(tx, one.job_id).kind == RUN:
        jobs.retry(tx, one.job_id)
        job_id = one.job_id
    else:
        job_id = jobs.enqueue(tx, kind, title=one.file_name, visible=True, import_id=str(id))
    store.change(tx, id, job_id=job_id, error=None, state="importing" if kind == RUN else one.state)
    return get(tx, id)


def _idle(tx: Tx, id: ImportId) -> Import:
    one = store.get(tx, id, lock=True)
    if one is None:
        raise ImportNotFound(import_id=str(id))
    if busy(tx, one):
        raise ImportBusy(import_id=str(id))
    return one


def _record(tx: Tx, act: str, one: Import, detail: Mapping[str, Any]) -> None:
    audit.record(tx, f"import.{act}", f"import:{one.id}", {"file": one.file_name, **detail})


def _counts(report: Mapping[str, Any]) -> dict[str, Any]:
    return {name: report[name] for name in COUNTS if name in report}


def _understood(tx: Tx, shape: Shape, options: Options) -> dict[str, Any]:
    """What an import says of its file: how it is read, its columns and their meaning. `options`: for a file with headings that are new."""
    header_hash = columns.header_hash(shape.columns)
    known = store.remembered(tx, header_hash)
    mapping, options = known if known else (columns.guess(shape.columns, shape.samples), options)
    if not known and (dated := mapping["paid_at"]):
        options = replace(options, day_first=columns.day_first([row[shape.columns.index(dated)] for row in shape.samples]))
    return {
        "format": shape.format,
        "encoding": shape.encoding,
        "delimiter": shape.delimiter,
        "sheet": shape.sheet,
        "columns": [{"name": column, "samples": _samples(shape, place)} for place, column in enumerate(shape.columns)],
        "mapping": mapping,
        "guessed": known is None,
        "options": options,
        "header_hash": header_hash,
    }


def _samples(shape: Shape, place: int) -> list[str]:
    return list(dict.fromkeys(row[place] for row in shape.samples if row[place].strip()))[:5]


def _plain(options: Options) -> dict[str, Any]:
    return {name: getattr(options, name) for name in options.__dataclass_fields__}
