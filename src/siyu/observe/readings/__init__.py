"""What is read from WeCom in full, when that was done last, and what it mended."""

from siyu.observe.readings.model import Kind, KindNotFound, Reading, Tally, spans
from siyu.observe.readings.service import Standing, following, last, lend, note, request, standings
from siyu.observe.readings.walking import began, walk

__all__ = ["Kind", "KindNotFound", "Reading", "Standing", "Tally", "began", "following", "last", "lend", "note", "request", "spans", "standings", "walk"]
