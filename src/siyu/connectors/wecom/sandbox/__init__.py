"""A server that keeps the WeCom contract, with faults on demand, and carries a seeded town of staff and customers."""

from siyu.connectors.wecom.sandbox.running import Address, Sandbox, read_address, running, serve
from siyu.connectors.wecom.sandbox.settings import AppSettings, Limits, PushSettings, Settings

__all__ = ["Address", "AppSettings", "Limits", "PushSettings", "Sandbox", "Settings", "read_address", "running", "serve"]
