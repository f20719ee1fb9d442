"""Why a file cannot be read."""

from siyu.kernel.errors import Refusal


class UnreadableFile(Refusal):
    """The file cannot be read."""

    code = "import.unreadable"
    status = 422


class EmptyFile(UnreadableFile):
    """The file has no content."""

    code = "import.empty"


class NoRows(UnreadableFile):
    """There are headings, but no rows below them."""

    code = "import.no_rows"


class NoHeader(UnreadableFile):
    """The first row holds data; a row of headings is needed above it. `first`: its cells."""

    code = "import.no_header"


class DuplicateHeaders(UnreadableFile):
    """Several columns bear the same heading; `names` says which."""

    code = "import.duplicate_headers"


class TooManyColumns(UnreadableFile):
    """More columns than any list of orders has."""

    code = "import.too_many_columns"


class NotText(UnreadableFile):
    """Neither CSV nor XLSX nor Parquet: the content is binary. `found`: what it looks like, when known (xls, pdf, zip, …)."""

    code = "import.not_text"


class NotATable(UnreadableFile):
    """Text, but no table: a page or data saved under the name of one. `found`: html, xml or json."""

    code = "import.not_a_table"


class CellTooLong(UnreadableFile):
    """A cell holds more text than any order does. `row`: where; `limit`: characters."""

    code = "import.cell_too_long"


class EncodingUnknown(UnreadableFile):
    """The text is in none of the encodings that are known here, or its encoding is broken at some place; `encoding` and `row` say which and where."""

    code = "import.encoding_unknown"


class BrokenQuotes(UnreadableFile):
    """A quote is opened and not closed; `row` says about where."""

    code = "import.broken_quotes"


class BrokenFile(UnreadableFile):
    """The file is damaged or cut off. `reason` is the reader's."""

    code = "import.broken_file"


class UnpackedTooLarge(UnreadableFile):
    """The workbook unpacks to far more than a workbook holds. `unpacked_bytes`, `limit_bytes`."""

    code = "import.unpacked_too_large"


class TooManyBlankRows(UnreadableFile):
    """Most of the sheet are blank rows; delete them and save anew. `blank`: rows without content met so far."""

    code = "import.too_many_blank_rows"
