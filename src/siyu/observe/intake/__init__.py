"""Events over HTTP, as Segment's SDKs send them."""

from siyu.observe.intake.reserved import use

__all__ = ["use"]
