"""What the lifecycle lends the app."""

from siyu.infra.wiring import Capability
from siyu.understand.lifecycle.api import routes

capability = Capability(name="lifecycle", routers=[routes])
