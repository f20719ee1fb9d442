"""Files as streams of rows of text. What a file is, its content says, not its name."""

from siyu.observe.imports.readers.opening import describe, read
from siyu.observe.imports.readers.rows import Chunk

__all__ = ["Chunk", "describe", "read"]
