"""素材: files that go up to the platform and come back."""

import mimetypes
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from siyu.connectors.wecom.model.reading import Json, instant

MediaKind = Literal["image", "voice", "video", "file"]
"""image: JPG or PNG ≤ 10 MB. voice: AMR ≤ 2 MB, ≤ 60 s. video: MP4 ≤ 10 MB. file: ≤ 20 MB. All over 5 bytes."""


@dataclass(frozen=True)
class Upload:
    """A file on its way up; the platform shows `name` to receivers."""

    name: str
    content: bytes = field(repr=False)

    @property
    def content_type(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


@dataclass(frozen=True)
class UploadedMedia:
    """Good for 3 days from `created_at`."""

    kind: str
    media_id: str
    created_at: datetime | None

    @classmethod
    def read(cls, row: Json, kind: str) -> "UploadedMedia":
        return cls(str(row.get("type") or kind), str(row["media_id"]), instant(row.get("created_at")))


@dataclass(frozen=True)
class MediaFile:
    """A file that came back."""

    name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class UploadJob:
    """What became of an upload by URL: `media` once it is there, else while `running` nothing, at the end `code` and `reason`."""

    running: bool
    media: UploadedMedia | None
    code: int
    reason: str

    @classmethod
    def read(cls, row: Json) -> "UploadJob":
        detail: Json = row.get("detail") or {}
        media = UploadedMedia.read(detail, "") if detail.get("media_id") else None
        return cls(int(row.get("status") or 0) == 1, media, int(detail.get("errcode") or 0), str(detail.get("errmsg") or ""))
