"""Every capability, one line each. The only list of who exists."""

from siyu.app.own import capability as app
from siyu.infra.wiring import Capability

CAPABILITIES: tuple[Capability, ...] = (app,)
