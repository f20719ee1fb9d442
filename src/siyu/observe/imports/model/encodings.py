"""In which encodings a text file may be written."""

from typing import Literal, TypeAlias

Encoding: TypeAlias = Literal["utf-8", "gb18030", "cp950", "cp932", "cp949", "cp1252", "utf-16"]
"""Python's names. `cp950`: Big5; `cp932`: Shift-JIS; `cp949`: EUC-KR; `cp1252`: Western."""


def doubtful(encoding: str | None) -> bool:
    """Whether a file that was read so may well be in another encoding: nothing in the bytes says which of these it is."""
    return encoding in ("cp950", "cp932", "cp949", "cp1252")
