"""What words lend the app."""

from siyu.act.words.api import routes
from siyu.infra.wiring import Capability

capability = Capability(name="words", routers=[routes])
