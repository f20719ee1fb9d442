"""Which objects are read in full, and how that stands."""

from dataclasses import dataclass
from datetime import datetime

from siyu.infra import jobs
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, JobId
from siyu.observe.readings import store
from siyu.observe.readings.model import Kind, KindNotFound, Reading, Tally

_kinds: dict[str, Kind] = {}


@dataclass(frozen=True)
class Standing:
    """How reading one kind of object stands: the last full reading, None before the first, and the job that reads now or will."""

    kind: Kind
    last: Reading | None
    job: JobId | None


def lend(name: str, job: str, *, follows: bool = True) -> None:
    """Name a kind of object and the job that reads all of it; see `Kind`."""
    _kinds[name] = Kind(name, job, follows)


def request(tx: Tx, corp: CorpId, name: str, *, title: str) -> JobId:
    """Have all objects of a kind read anew, as a job that the job centre shows under `title`; one that waits or runs serves. Raises KindNotFound."""
    if name not in _kinds:
        raise KindNotFound(object=name)
    job = _kinds[name].job
    return jobs.unfinished(tx, job, corp_id=corp) or jobs.enqueue(tx, job, title=title, visible=True, corp_id=str(corp))


def following() -> list[str]:
    """The jobs that read more of a corp each time all its contacts have been read."""
    return list(dict.fromkeys(kind.job for kind in _kinds.values() if kind.follows))


def note(tx: Tx, corp: CorpId, name: str, *, read_at: datetime, total: int, found: Tally) -> None:
    """Say that all objects of a kind have been read, beginning at `read_at`: how many there are, and what was otherwise than we held it."""
    store.note(tx, corp, name, read_at, total, found)


def standings(tx: Tx, corp: CorpId) -> list[Standing]:
    """How each kind stands for a corp: what is read first comes first, else in the order in which the kinds were named."""
    held = store.held(tx, corp)
    kinds = sorted(_kinds.values(), key=lambda kind: kind.follows)
    return [Standing(kind, held.get(kind.name), jobs.unfinished(tx, kind.job, corp_id=corp)) for kind in kinds]


def last(tx: Tx, corp: CorpId, name: str) -> Reading | None:
    """The last full reading of a kind, None before the first."""
    return store.held(tx, corp).get(name)
