"""Files that the corp fetches by itself, after `media/upload_by_url`."""

import hashlib
import re
import sqlite3
from functools import partial
from urllib.parse import urlsplit

import httpx

from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.media import NewMedia
from siyu.connectors.wecom.sandbox.town.effects import Effect
from siyu.connectors.wecom.trust import trust

_NO_RANGES, _TOO_LARGE, _NOT_FETCHED = 830001, 830002, 830003
_PART_BYTES = 4 << 20
_SPAN = re.compile(r"bytes \d+-\d+/(\d+)")


class _Unfit(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Fetching:
    """Jobs of the books, done once each; only hosts that the settings name are asked."""

    def __init__(self, corp: Corp) -> None:
        self._corp = corp
        self._http = httpx.Client(verify=trust(), timeout=30.0, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def open(self) -> list[Effect]:
        with self._corp.books.read() as db:
            rows = db.execute("select * from media_job where media_id is null and code is null order by created_at, jobid").fetchall()
        return [Effect(f"media/{row['jobid']}", "", row["created_at"], partial(self._do, row)) for row in rows]

    def _do(self, job: sqlite3.Row) -> bool:
        """One try: what the other side does wrong is the job's end."""
        content, code = b"", None
        try:
            content = self._fetched(job["url"], job["md5"])
        except _Unfit as unfit:
            code = unfit.code
        now = self._corp.clock.now()
        with self._corp.books.write() as db:
            media_id = None
            if code is None:
                over_at = now + self._corp.settings.limits.media_seconds
                media_id = self._corp.keep(db, NewMedia(job["kind"], "message", job["name"], job["agent_id"], now, over_at), content)
            db.execute("update media_job set media_id = ?, code = ? where jobid = ?", (media_id, code, job["jobid"]))
            self._corp.pushes.send("upload_media_job_finish", {"JobId": job["jobid"]}, business=now, agent_id=job["agent_id"])
        return True

    def _fetched(self, url: str, md5: str) -> bytes:
        if (urlsplit(url).hostname or "") not in self._corp.settings.link_hosts:
            raise _Unfit(_NOT_FETCHED)
        content, size = bytearray(), 1
        while len(content) < size:
            try:
                part = self._http.get(url, headers={"range": f"bytes={len(content)}-{len(content) + _PART_BYTES - 1}"})
            except httpx.HTTPError:
                raise _Unfit(_NOT_FETCHED) from None
            told = _SPAN.fullmatch(part.headers.get("content-range", ""))
            if part.status_code != 206 or told is None:
                raise _Unfit(_NO_RANGES if part.status_code == 200 else _NOT_FETCHED)
            size = int(told[1])
            if size > self._corp.settings.limits.media_url_bytes:
                raise _Unfit(_TOO_LARGE)
            if not part.content:
                raise _Unfit(_NOT_FETCHED)
            content += part.content
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != md5:
            raise _Unfit(_NOT_FETCHED)
        return bytes(content)
