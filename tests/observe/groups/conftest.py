"""The sandbox's town with a worker that reads groups as well."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from siyu.app.worker import Worker
from siyu.connectors.wecom import GroupChat
from siyu.infra import jobs
from siyu.infra.jobs import JobView
from siyu.infra.tx import SYSTEM
from siyu.observe.contacts.wiring import capability as contacts_wiring
from siyu.observe.groups import service
from siyu.observe.groups.wiring import capability as groups_wiring
from siyu.understand.identity.wiring import capability as identity_wiring
from tests.observe.contacts.conftest import keys
from tests.observe.contacts.scene import Scene, scene

__all__ = ["keys", "scene"]

Inside = set[tuple[str, str]]
"""(chat id, member) of everybody who is in a group."""


@dataclass
class Town:
    """The scene, and groups as they are told here and there."""

    scene: Scene

    def chats(self) -> list[GroupChat]:
        """Groups as the platform shows them."""
        client = self.scene.place.client
        return [client.group_chat(one.chat_id, names=True) for one in client.group_chats()]

    def truth(self) -> Inside:
        return {(chat.chat_id, member.userid) for chat in self.chats() for member in chat.members}

    def ours(self) -> Inside:
        rows = self.scene.ask(
            "select g.chat_id, m.member from group_members m join group_chats g on g.tenant_id = m.tenant_id and g.id = m.group_id where m.left_at is null"
        )
        return {(row.chat_id, row.member) for row in rows}

    def customers(self, chat: GroupChat) -> list[str]:
        return [member.userid for member in chat.members if member.type == 2]

    def outsiders(self, chat: GroupChat) -> list[str]:
        """Contacts of ours who are not in a group."""
        inside = {member.userid for member in chat.members}
        return sorted({external for _, external in self.scene.pairs()} - inside)

    def act(self, act: str, chat: GroupChat, external_userid: str = "", **more: object) -> None:
        self.scene.place.post("step", seconds=2)
        assert self.scene.place.post("acts", act=f"{act}_group", chat_id=chat.chat_id, external_userid=external_userid, **more)["changed"]

    def sync(self) -> Sequence[JobView]:
        """A reading of all groups alone."""
        with self.scene.database.transaction(self.scene.tenant, SYSTEM) as tx:
            ids = service.request_sync(tx)
        self.scene.worker.drain()
        with self.scene.database.transaction(self.scene.tenant, SYSTEM) as tx:
            return [jobs.get(tx, id) for id in ids]

    def events(self, name: str) -> list[dict[str, object]]:
        """What the log holds of one name, oldest first."""
        return [row.props for row in self.scene.ask(f"select props from events where name = '{name}' order by occurred_at")]


@pytest.fixture
def town(scene: Scene, tmp_path: Path) -> Town:
    """A corp whose contacts and groups have been read once."""
    wirings = (contacts_wiring, groups_wiring, identity_wiring)
    scene.worker = Worker(scene.database, [replace(wiring, schedules=()) for wiring in wirings])
    scene.sync()
    return Town(scene)
