"""Cells that no spreadsheet takes for a formula, and the way back. The file of rejected rows is written so, and read so when it comes back mended."""

import re
from collections.abc import Collection, Mapping, Sequence

REASON_HEADINGS: Mapping[str, tuple[str, str, str]] = {"zh": ("行号", "问题列", "原因"), "en": ("Row", "Column", "Reason")}
"""By language, the columns that the file of rejected rows adds: number, columns concerned, reasons."""
_NUMBER = re.compile(r"[+-]?[\d.,]+(?:[eE][+-]?\d+)?")


def harmless(cell: str) -> str:
    """`'` before what begins with `=`, `+`, `-`, `@`, tab or carriage return and is no plain number, and before what already looks as if that had been done."""
    return f"'{cell}" if _formula(cell.lstrip("'")) else cell


def restored(cell: str) -> str:
    """The cell that `harmless` was given."""
    return cell[1:] if cell.startswith("'") and _formula(cell.lstrip("'")) else cell


def added(headings: Collection[str]) -> Sequence[str]:
    """Those of the headings that the file of rejected rows added; none when the file is not one of ours."""
    return next((ours for ours in REASON_HEADINGS.values() if set(ours) <= set(headings)), ())


def _formula(cell: str) -> bool:
    return cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not _NUMBER.fullmatch(cell)
