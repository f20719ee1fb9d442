"""What capabilities are told once when a process starts: roles, keys."""

from siyu.access import roles
from siyu.app.capabilities import CAPABILITIES
from siyu.infra import secrets
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from siyu.observe import contacts


def prepare(database: Database, settings: Settings) -> None:
    """Hand over what lies above the capabilities."""
    roles.register([permission for capability in CAPABILITIES for permission in capability.permissions])
    contacts.use(keys=secrets.load(settings.home))
