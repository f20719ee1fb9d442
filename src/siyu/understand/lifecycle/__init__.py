"""Lifecycle stages of customers."""

from siyu.understand.lifecycle.model import STAGES, Stage, Thresholds
from siyu.understand.lifecycle.service import stages_of, thresholds

__all__ = ["STAGES", "Stage", "Thresholds", "stages_of", "thresholds"]
