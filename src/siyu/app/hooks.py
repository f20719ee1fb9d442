"""What capabilities are told once when a process starts: roles, keys, names."""

from functools import partial

from siyu import engine
from siyu.access import audit, roles
from siyu.app.capabilities import CAPABILITIES, REPLICA
from siyu.connectors.wecom import Budget
from siyu.infra import secrets
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from siyu.observe import contacts, intake


def prepare(settings: Settings, database: Database) -> None:
    """Hand over what lies above the capabilities."""
    roles.register([permission for capability in CAPABILITIES for permission in capability.permissions])
    audit.use(settings.home / "audit-heads.jsonl")
    engine.connect(settings, REPLICA)
    per_minute, per_hour = settings.wecom_calls_per_minute, settings.wecom_calls_per_hour
    budget = Budget(per_minute, per_hour, 2 * per_minute, 4 * per_hour, settings.wecom_parallel)
    contacts.use(keys=secrets.load(settings.home), gate_of=partial(contacts.Gate, database), budget=budget)
    intake.use(frozenset(event.name for capability in CAPABILITIES for event in capability.events))
