"""The demo brand: a shop's real orders, a WeCom sandbox with its customers and staff, and a drive round the loop."""

from siyu.app.demo.check import check
from siyu.app.demo.foreground import run

__all__ = ["check", "run"]
