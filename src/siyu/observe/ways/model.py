"""Ways in, and what a reading of one changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from siyu.connectors.wecom import MadeContactWay, MadeJoinWay
from siyu.kernel.errors import Invalid
from siyu.kernel.ids import CorpId
from siyu.kernel.text import without_nul


class BadConfigId(Invalid):
    """Not the config_id of a way."""

    code = "way.bad_config_id"


class UnknownWay(Invalid):
    """WeCom shows no way of this config_id to the app: there is none, or another app made it."""

    code = "way.unknown"


@dataclass(frozen=True)
class ContactWay:
    """A contact way as WeCom tells it. `scene`: 1 a button in a mini-program, 2 a QR code. `userids` and `departments` answer.

    `exclusive`: a customer can add only one of them.
    """

    state: str
    remark: str
    scene: int
    qr_code: str
    userids: Sequence[str]
    departments: Sequence[int]
    skip_verify: bool
    exclusive: bool


@dataclass(frozen=True)
class JoinWay:
    """A join way as WeCom tells it. When all of `chat_ids` are full and `auto_create`, a group named `base_name` and a number from `base_id` is opened."""

    state: str
    remark: str
    qr_code: str
    chat_ids: Sequence[str]
    auto_create: bool
    base_name: str
    base_id: int


@dataclass(frozen=True)
class Comings:
    """Who came under a state: relations, or stays in groups, ever, since 30 days, and those that stand now."""

    ever: int = 0
    lately: int = 0
    standing: int = 0


Kind = TypeVar("Kind", ContactWay, JoinWay)


@dataclass(frozen=True)
class Held(Generic[Kind]):
    """A way as we hold it; `read_at` is None until it has been read."""

    way: Kind
    read_at: datetime | None
    deleted: bool


@dataclass(frozen=True)
class Listed(Generic[Kind]):
    """A way as a list shows it; `place` orders the list, the latest known first."""

    corp_id: CorpId
    config_id: str
    place: UUID
    way: Kind
    read_at: datetime | None
    deleted_at: datetime | None
    comings: Comings


@dataclass(frozen=True)
class Stray:
    """A state that no way of ours explains: of a code made elsewhere, deleted before it was read, or of an acquisition link."""

    state: str
    comings: Comings


def contact_way(made: MadeContactWay) -> ContactWay:
    """A contact way of the API as we keep it."""
    way = made.way
    return ContactWay(
        without_nul(way.state),
        without_nul(way.remark),
        way.scene,
        made.qr_code,
        list(way.userids),
        list(way.department_ids),
        way.skip_verify,
        way.exclusive,
    )


def join_way(made: MadeJoinWay) -> JoinWay:
    """A join way of the API as we keep it."""
    way = made.way
    return JoinWay(without_nul(way.state), without_nul(way.remark), made.qr_code, list(way.chat_ids), way.auto_create, without_nul(way.base_name), way.base_id)


def checked_config_id(text: str) -> str:
    """A config_id without spaces around it. Raises BadConfigId unless it has 1 to 64 letters and digits."""
    text = text.strip()
    if not (1 <= len(text) <= 64 and text.isascii() and text.isalnum()):
        raise BadConfigId(config_id=text[:64])
    return text
