"""The sandbox's town with a worker that reads contacts and groups and tells of losses."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from siyu.act.alerts.wiring import capability as alerts
from siyu.app.worker import Worker
from siyu.infra import jobs
from siyu.infra.tx import SYSTEM
from siyu.observe.contacts.wiring import capability as contacts_wiring
from siyu.observe.groups.wiring import capability as groups_wiring
from siyu.understand.identity.wiring import capability as identity_wiring
from tests.observe.contacts.conftest import keys
from tests.observe.contacts.scene import Scene, scene

__all__ = ["keys", "scene"]


@dataclass
class Losing:
    """A brand that loses customers, and what its supervisors read of it in WeCom."""

    scene: Scene

    def lose(self, *pairs: tuple[str, str], by: str = "staff") -> None:
        """Relations end, and the next reading finds out."""
        for pair in pairs:
            self.scene.act(f"{by}_deletes", *pair)
        self.scene.sync()

    def tell(self) -> None:
        """What the schedule asks for every five minutes."""
        with self.scene.database.transaction(self.scene.tenant, SYSTEM) as tx:
            jobs.enqueue(tx, "alerts.send")
        self.scene.worker.drain()

    def later(self, seconds: float) -> None:
        self.scene.later(seconds)

    def read(self) -> list[dict[str, Any]]:
        """Messages of the app as members see them."""
        messages: list[dict[str, Any]] = self.scene.place.get("books/app_messages")
        return messages

    def notices(self) -> list[tuple[str, int, int]]:
        rows = self.scene.ask("select state, code, losses from loss_notices where tenant_id = :tenant_id order by id")
        return [(row.state, row.code, row.losses) for row in rows]


@pytest.fixture
def losing(scene: Scene, tmp_path: Path) -> Losing:
    wirings = (contacts_wiring, groups_wiring, identity_wiring, alerts)
    scene.worker = Worker(scene.database, [replace(wiring, schedules=()) for wiring in wirings])
    scene.sync()
    return Losing(scene)
