"""素材管理: files up to the platform and back."""

import re
from email.message import Message
from typing import Literal
from urllib.parse import unquote

from siyu.connectors.wecom.errors import OutcomeUnknown, Refused, Unavailable
from siyu.connectors.wecom.model import Json, MediaFile, MediaKind, Upload, UploadedMedia, UploadJob
from siyu.connectors.wecom.transport import Transport

_TOO_LARGE = 830002
_PART_BYTES = 10 << 20
_FULL_NAME = re.compile(r"filename\*=UTF-8''([^;]+)", re.IGNORECASE)
_SPAN = re.compile(r"bytes \d+-(\d+)/(\d+)")


class Media(Transport):
    """Temporary media, shared by all apps of the corp, and permanent pictures."""

    def upload_media(self, kind: MediaKind, upload: Upload) -> UploadedMedia:
        """A file for messages and welcome words, good for 3 days."""
        return self._uploaded("media/upload", {"type": kind}, kind, upload)

    def upload_image(self, upload: Upload) -> str:
        """The address of a picture (5 bytes to 2 MB) that stays, usable inside WeCom only. The corp has 1000 a day and 3000 a month."""
        path = "media/uploadimg"
        answer = self._upload(path, {}, upload)
        if not answer.get("url"):
            raise OutcomeUnknown(path, "success without url")
        return str(answer["url"])

    def upload_attachment(self, kind: Literal["image", "video", "file"], upload: Upload, *, purpose: Literal["moment", "album"]) -> UploadedMedia:
        """A file for moments (image, video) or the product album (image), good for 3 days; these take no other media. `Refused` 41072: wrong kind for it."""
        query = {"media_type": kind, "attachment_type": 1 if purpose == "moment" else 2}
        return self._uploaded("media/upload_attachment", query, kind, upload)

    def _uploaded(self, path: str, query: Json, kind: str, upload: Upload) -> UploadedMedia:
        answer = self._upload(path, query, upload)
        if not answer.get("media_id"):
            raise OutcomeUnknown(path, "success without media_id")
        return UploadedMedia.read(answer, kind)

    def media(self, media_id: str) -> MediaFile:
        """A file as it was uploaded, a large one in parts. `Refused` 40007: there is none, or it is over."""
        path = "media/get"
        query = {"media_id": media_id}
        try:
            whole = self._download(path, query)
            return MediaFile(_name(whole.headers), whole.headers.get("content-type", ""), whole.content)
        except Refused as refused:
            if refused.code != _TOO_LARGE:
                raise
        content = bytearray()
        while True:
            part = self._download(path, query, span=f"bytes={len(content)}-{len(content) + _PART_BYTES - 1}")
            content += part.content
            told = _SPAN.fullmatch(part.headers.get("content-range", ""))
            if told is None or int(told[1]) + 1 != len(content):
                raise Unavailable(path, "the part is not the one asked for")
            if len(content) >= int(told[2]):
                return MediaFile(_name(part.headers), part.headers.get("content-type", ""), bytes(content))

    def upload_by_url(self, kind: Literal["video", "file"], name: str, url: str, md5: str) -> str:
        """Let the platform fetch a file of up to 200 MB from a server that answers ranges; the id of the job. `upload_media_job_finish` tells its end."""
        path = "media/upload_by_url"
        answer = self._call("POST", path, {"scene": 1, "type": kind, "filename": name, "url": url, "md5": md5}, kind="write")
        if not answer.get("jobid"):
            raise OutcomeUnknown(path, "success without jobid")
        return str(answer["jobid"])

    def upload_job(self, jobid: str) -> UploadJob:
        """How an upload by URL stands."""
        return UploadJob.read(self._call("POST", "media/get_upload_by_url_result", {"jobid": jobid}))


def _name(headers: Json) -> str:
    """The file's name: in full (RFC 5987) when it is told so, else as far as a header can hold it."""
    told = Message()
    told["content-disposition"] = str(headers.get("content-disposition", ""))
    full = _FULL_NAME.search(told["content-disposition"])
    return unquote(full[1]) if full else told.get_filename("")
