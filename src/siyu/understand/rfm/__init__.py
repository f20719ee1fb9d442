"""Recency, frequency, monetary value of every customer."""

from siyu.understand.rfm.model import NAMES, Cutoffs
from siyu.understand.rfm.service import cutoffs, scored

__all__ = ["NAMES", "Cutoffs", "cutoffs", "scored"]
