"""A file within a multipart body."""

import io
from dataclasses import dataclass, field

from python_multipart import parse_form
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import File

from siyu.connectors.wecom.sandbox.answers import Failure


@dataclass(frozen=True)
class Upload:
    """What a client sends up, under the name it gave."""

    name: str
    content: bytes = field(repr=False)


def read(body: bytes, content_type: str) -> Upload | None:
    """The part named `media`, else the first file; None without any. Fails with 44001 on what is no multipart."""
    if not content_type.startswith("multipart/form-data"):
        return None
    files: list[File] = []
    try:
        parse_form({"Content-Type": content_type.encode("latin-1")}, io.BytesIO(body), None, files.append)
        chosen = next((file for file in files if file.field_name == b"media"), files[0] if files else None)
        return _taken(chosen) if chosen else None
    except (FormParserError, ValueError):
        raise Failure(44001) from None
    finally:
        for file in files:
            file.close()


def _taken(file: File) -> Upload:
    name = (file.file_name or b"").decode("utf-8", "replace").replace("\\", "/").rpartition("/")[2]
    file.file_object.seek(0)
    return Upload(name or "media", file.file_object.read())
