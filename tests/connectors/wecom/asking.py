"""Fields with which calls of the contract succeed in a town, and the files that go with some."""

from collections.abc import Callable
from typing import Any

from siyu.connectors.wecom import Upload
from tests.connectors.wecom.conftest import Place

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
MP4 = b"\x00\x00\x00\x18ftypmp42" + b"film"
AMR = b"#!AMR\n" + b"voice"


def a_picture(place: Place) -> str:
    return place.client.upload_media("image", Upload("新品.png", PNG)).media_id


def _job(place: Place) -> str:
    return place.client.upload_by_url("file", "a.txt", "http://127.0.0.1:9/a.txt", "0" * 32)


FILES = {
    "media/upload": ("新品.png", PNG),
    "media/upload_attachment": ("新品.png", PNG),
    "media/uploadimg": ("新品.png", PNG),
}

REQUESTS: dict[str, Callable[[Place], dict[str, Any]]] = {
    "media/get_upload_by_url_result": lambda place: {"jobid": _job(place)},
    "media/upload": lambda place: {"type": "image"},
    "media/upload_attachment": lambda place: {"media_type": "image", "attachment_type": 1},
    "media/upload_by_url": lambda place: {"scene": 1, "type": "file", "filename": "a.txt", "url": "http://127.0.0.1:9/a.txt", "md5": "0" * 32},
}
