"""Callbacks repeated, shuffled, a day late and forged at the door of the running product: the state is the platform's, and nothing forged is kept."""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from structlog.testing import capture_logs

from siyu.act.welcomes.wiring import SEND
from siyu.app.capabilities import CAPABILITIES
from siyu.app.http import create_app
from siyu.connectors.wecom import parse
from siyu.infra.settings import Settings
from siyu.observe import contacts
from tests.connectors.wecom.neighbours import IMPATIENT
from tests.observe.contacts.conftest import SEALING
from tests.observe.contacts.postman import Envelope, Postman, postman
from tests.observe.contacts.scene import AES_KEY, TOKEN, Scene, serving, staged
from tests.observe.contacts.test_callbacks import a_body
from tests.observe.contacts.unheard import Changes, ours, theirs

HOURS = 6
DAY_SECONDS = 24 * 3_600
Pair = tuple[str, str]


@dataclass
class Day:
    """Of what WeCom sends, a tenth comes a day late, a tenth comes again, in the same hour or a day late, and a twentieth as much is forged."""

    scene: Scene
    man: Postman
    chance: Random
    changes: Changes
    later: list[Envelope] = field(default_factory=list)
    handed: int = 0
    late: int = 0
    repeated: int = 0

    def hour(self, count: int) -> None:
        """People change so many things; what is sent meanwhile is handed in when the hour is over."""
        self.changes.make(count, hours=1)
        self.scene.place.post("step", seconds=3_600)
        fresh = self.man.taken[self.handed :]
        self.handed += len(fresh)
        self.chance.shuffle(fresh)
        tenth = len(fresh) // 10
        again = [self.man.sealed(body) for body, _ in self.chance.sample(fresh, tenth)]
        envelopes = [envelope for _, envelope in fresh]
        self.later += envelopes[:tenth] + again[::2]
        self.late += tenth
        self.repeated += tenth
        self._hand_in([*envelopes[tenth:], *again[1::2], *(self.man.forgery(self._tale()) for _ in range(-(-len(fresh) // 20)))])

    def next_day(self) -> None:
        """What was held back comes a day late."""
        self.scene.place.post("step", seconds=DAY_SECONDS)
        self._hand_in(self.later)
        for _ in range(3):
            self.scene.later(60)

    def _hand_in(self, envelopes: Sequence[Envelope]) -> None:
        """In any order, the worker busy in between."""
        shuffled = self.chance.sample(envelopes, len(envelopes))
        for place, envelope in enumerate(shuffled):
            self.man.hand_in(envelope)
            if place % 40 == 0:
                self.scene.later(2)
        self.scene.later(10)

    def _tale(self) -> bytes:
        """What would do harm if it were believed, as WeCom cannot be asked about it: somebody who stands has left."""
        return a_body("del_follow_user", *self.chance.choice(self.scene.pairs()), at=datetime.fromtimestamp(self.scene.place.sandbox.clock.now(), UTC))


def ends(scene: Scene, since: float) -> tuple[dict[Pair, str], set[Pair]]:
    """How relations to members who still work here stand by the platform's books, the earlier end counting, and those of them that nobody could know.

    Unknowable is how a relation ended that was begun and was ended by the member between two looks: WeCom names it no more, if it ever did.
    """
    with closing(sqlite3.connect(scene.place.sandbox.settings.home / "books.sqlite")) as books:
        rows = books.execute(
            """
            select userid, external_userid, f.created_at, left_by_customer_at, left_by_staff_at
            from follow f join staff s using (userid) where s.status <> 5
            """
        ).fetchall()
    never = float("inf")
    state, unknowable = {}, set()
    for userid, external, begun, by_customer, by_staff in rows:
        sides = {"deleted_by_customer": by_customer or never, "deleted_by_staff": by_staff or never, "active": never}
        state[userid, external] = min(sides, key=lambda side: (sides[side], side))
        if by_staff is not None and begun >= since:
            unknowable.add((userid, external))
    return state, unknowable


@pytest.mark.parametrize(
    ("people", "changes", "seed"), [(60, 300, 5), pytest.param(80, 420, 1, marks=pytest.mark.long), pytest.param(160, 1_000, 2, marks=pytest.mark.long)]
)
def test_the_state_is_the_platforms_and_every_callback_has_acted_once(fresh_url: str, tmp_path: Path, people: int, changes: int, seed: int) -> None:
    chance = Random(seed)
    with staged(fresh_url, tmp_path, people=people, wirings=CAPABILITIES) as scene:
        app = create_app(scene.database, Settings(home=tmp_path))
        contacts.use(keys=SEALING, budget=IMPATIENT)
        scene.sync()
        assert ours(scene) == theirs(scene)
        since = scene.place.sandbox.clock.now()
        with (
            serving(app) as address,
            postman(scene.corp.corp_id, f"{address}/callbacks/wecom/{scene.corp.callback_key}", chance) as man,
            capture_logs() as logs,
        ):
            scene.place.post("callbacks", url=man.url, token=TOKEN, aes_key=AES_KEY)
            day = Day(scene, man, chance, Changes(scene.place.sandbox, chance, programs=False))
            for _ in range(HOURS):
                day.hour(changes // HOURS)
            day.next_day()

        # what came
        sent = [body for body, _ in man.taken]
        assert len(sent) == len(scene.place.get("books/pushes")) >= changes // HOURS * HOURS
        assert day.late == day.repeated >= len(sent) * 0.09 and man.forged.total() >= len(sent) * 0.05
        assert man.answers == {200: len(sent) + day.repeated, 403: man.forged.total()}
        assert Counter(entry["reason"] for entry in logs if entry["event"] == "contacts.callback_rejected") == man.forged
        assert not [entry for entry in logs if entry["log_level"] == "error"]

        # what is kept: each callback once, and nothing else
        bodies = set(sent)
        kept = scene.ask("select digest, event, change_type from callback_inbox where tenant_id = :tenant_id")
        assert {bytes(row.digest) for row in kept} == {hashlib.sha256(scene.corp.id.bytes + body).digest() for body in bodies}
        assert Counter((row.event, row.change_type) for row in kept) == Counter(parse(body).route for body in bodies)
        assert not scene.ask("select from callback_letters") and not scene.ask("select from contact_refreshes")
        states = Counter(row.state for row in scene.ask("select state from jobs where tenant_id = :tenant_id"))
        assert set(states) == {"done"}, states
        codes = [body for body in bodies if b"<WelcomeCode>" in body]
        assert codes and scene.ask(f"select count(*) as n from jobs where kind = '{SEND.kind}'")[0].n == len(codes)

        # what it came to
        truth, unknowable = ends(scene, since)
        relations = {pair: state for pair, state in scene.ours().items() if pair[0] not in day.changes.left}
        assert {pair: state for pair, state in relations.items() if pair not in unknowable} == {
            pair: state for pair, state in truth.items() if pair not in unknowable
        }
        assert all(relations.get(pair) != "active" for pair in unknowable)
        assert len(unknowable) < len(truth) / 4 and {"active", "deleted_by_customer", "deleted_by_staff"} == set(truth.values())
        books, store = theirs(scene), ours(scene)
        books["contacts"] = {pair: row for pair, row in books["contacts"].items() if truth[pair] == "active"}
        for part, rows in books.items():
            assert store[part] == rows, part
