"""素材 over HTTP: uploaded by kind and size, read back, fetched by the platform, erased when over."""

import hashlib
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from siyu.connectors.wecom import AppMessage, ImageAttachment, MediaAttachment, MsgTemplate, OutcomeUnknown, Unavailable, Upload
from siyu.connectors.wecom.sandbox.settings import AppSettings, Limits
from tests.connectors.wecom.asking import AMR, MP4, PNG, a_card, a_link, a_payment, a_picture, a_service_account
from tests.connectors.wecom.conftest import Build, Place
from tests.connectors.wecom.neighbours import Heard, Neighbour
from tests.connectors.wecom.test_group_chats import code_of
from tests.connectors.wecom.test_pushes import listening


class TestTemporary:
    @pytest.mark.parametrize(
        ("kind", "name", "content"), [("image", "新品 1.png", PNG), ("voice", "a.amr", AMR), ("video", "a.mp4", MP4), ("file", "a;b.txt", b"price list")]
    )
    def test_a_file_comes_back_as_it_went(self, still: Place, kind: str, name: str, content: bytes) -> None:
        made = still.client.upload_media(kind, Upload(name, content))  # type: ignore[arg-type]
        assert (made.kind, made.created_at is not None) == (kind, True)
        back = still.client.media(made.media_id)
        assert (back.name, back.content) == (name, content)

    @pytest.mark.parametrize(
        ("kind", "content", "code"),
        [
            ("smell", PNG, 40005),
            ("image", b"", 44001),
            ("image", b"12345", 40006),
            ("image", b"no picture", 40123),
            ("voice", PNG, 40004),
            ("video", PNG, 40004),
            ("image", PNG + b"x" * 100, 40009),
            ("voice", AMR + b"x" * 100, 45001),
            ("video", MP4 + b"x" * 100, 40011),
            ("file", b"x" * 100, 45001),
        ],
    )
    def test_what_does_not_fit_is_refused(self, build: Build, kind: str, content: bytes, code: int) -> None:
        place = build(limits=Limits(media_image_bytes=90, media_voice_bytes=90, media_video_bytes=90, media_file_bytes=90))
        assert place.call("POST", "media/upload", query={"type": kind}, file=("a.bin", content))["errcode"] == code

    def test_a_voice_is_no_longer_than_a_minute(self, still: Place) -> None:
        minute = b"#!AMR\n" + (b"\x3c" + b"v" * 31) * 3000
        assert still.call("POST", "media/upload", query={"type": "voice"}, file=("a.amr", minute))["errcode"] == 0
        assert still.call("POST", "media/upload", query={"type": "voice"}, file=("a.amr", minute + b"\x3c"))["errcode"] == 45007

    def test_a_call_without_a_file_is_refused_and_so_is_one_that_is_too_large(self, build: Build) -> None:
        place = build(limits=Limits(upload_bytes=500))
        assert place.call("POST", "media/upload", query={"type": "file"}, body={"type": "file"})["errcode"] == 44001
        assert place.call("POST", "media/upload", query={"type": "file"}, file=("a.txt", b"x" * 600))["errcode"] == 45001

    def test_after_three_days_it_is_over_and_its_bytes_are_gone(self, build: Build, tmp_path: Path) -> None:
        place = build()
        media_id = a_picture(place)
        place.post("step", seconds=3 * 86_400 - 1)
        assert place.client.media(media_id).content == PNG
        assert [file.name for file in (tmp_path / "sandbox" / "media").iterdir()] == [media_id]
        place.post("step", seconds=1)
        assert code_of(place.client.media, media_id) == 40007
        assert list((tmp_path / "sandbox" / "media").iterdir()) == []

    def test_bytes_of_which_the_books_know_nothing_are_swept(self, build: Build, tmp_path: Path) -> None:
        folder = tmp_path / "town" / "media"
        folder.mkdir(parents=True)
        (folder / "half").write_bytes(b"x")
        place = build(home=tmp_path / "town")
        assert list(folder.iterdir()) == [] and a_picture(place) == next(file.name for file in folder.iterdir())

    def test_apps_of_the_corp_share_it(self, build: Build) -> None:
        place = build(apps=(AppSettings(1000002, "a" * 43), AppSettings(1000003, "b" * 43)))
        token = place.raw.get("/cgi-bin/gettoken", params={"corpid": place.address.corp_id, "corpsecret": "b" * 43}).json()["access_token"]
        answer = place.raw.get("/cgi-bin/media/get", params={"access_token": token, "media_id": a_picture(place)})
        assert answer.content == PNG and answer.headers["content-disposition"].startswith("attachment")

    def test_a_large_file_comes_in_parts(self, build: Build) -> None:
        content = bytes(range(256)) * 50_000
        place = build()
        media_id = place.client.upload_media("file", Upload("catalogue.bin", content)).media_id
        place.sandbox.corp.settings = replace(place.sandbox.settings, limits=Limits(media_file_bytes=11 << 20))
        assert place.call("GET", "media/get", query={"media_id": media_id})["errcode"] == 830002
        back = place.client.media(media_id)
        assert (back.name, back.content == content) == ("catalogue.bin", True)

    def test_a_part_is_what_was_asked_for(self, still: Place) -> None:
        query = {"access_token": still.client.token(), "media_id": a_picture(still)}
        part = still.raw.get("/cgi-bin/media/get", params=query, headers={"range": "bytes=2-4"})
        assert (part.status_code, part.content, part.headers["content-range"]) == (206, PNG[2:5], f"bytes 2-4/{len(PNG)}")
        assert still.raw.get("/cgi-bin/media/get", params=query, headers={"range": "bytes=99-"}).status_code == 416


class TestFaults:
    def test_a_dead_token_is_renewed_and_the_file_sent_again(self, build: Build) -> None:
        place = build()
        place.client.token()
        place.fault("token_invalid", "media/upload")
        media_id = a_picture(place)
        place.fault("token_expired", "media/get")
        assert place.client.media(media_id).content == PNG

    @pytest.mark.parametrize("fault", ["busy_before", "http_500", "html_body", "cut_body", "reset_after"])
    def test_reading_is_tried_again_until_it_is_the_file(self, build: Build, fault: str) -> None:
        place = build()
        media_id = a_picture(place)
        place.fault(fault, "media/get", count=2)
        assert place.client.media(media_id).content == PNG
        place.fault(fault, "media/get", count=3)
        with pytest.raises(Unavailable):
            place.client.media(media_id)

    def test_an_upload_without_an_answer_is_not_repeated(self, build: Build) -> None:
        place = build()
        place.fault("reset_after", "media/upload")
        with pytest.raises(OutcomeUnknown):
            a_picture(place)
        with place.sandbox.books.read() as db:
            assert db.execute("select count(*) from media").fetchone()[0] == 1


class TestSeed:
    def test_the_same_seed_gives_the_same_ids(self, build: Build, tmp_path: Path) -> None:
        def made(place: Place) -> tuple[str, ...]:
            return a_picture(place), a_link(place).link_id, a_payment(place)["transaction_id"], a_service_account(place), a_card(place, "t")

        first, second = (build(home=tmp_path / name) for name in ("one", "two"))
        assert made(first) == made(second)


class TestUse:
    def test_messages_take_living_media_of_their_kind_only(self, build: Build) -> None:
        place = build()
        sender = place.busiest()
        picture = a_picture(place)
        moment = place.client.upload_attachment("image", Upload("a.png", PNG), purpose="moment").media_id

        def send(*attachments: ImageAttachment | MediaAttachment) -> MsgTemplate:
            return MsgTemplate(sender, place.customers_of(sender), "", attachments)

        assert place.client.add_msg_template(send(ImageAttachment(picture))).msgid
        for wrong in (ImageAttachment("made-up"), MediaAttachment("video", picture), ImageAttachment(moment)):
            assert code_of(place.client.add_msg_template, send(wrong)) == 40007
        body = {"touser": sender, "msgtype": "image", "agentid": place.address.agent_id, "image": {"media_id": picture}}
        assert place.call("POST", "message/send", body=body)["errcode"] == 0
        place.post("step", seconds=3 * 86_400)
        assert code_of(place.client.add_msg_template, send(ImageAttachment(picture))) == 40007
        assert place.call("POST", "message/send", body=body)["errcode"] == 40007
        assert place.client.send_message(AppMessage((sender,), "文字还可以")).msgid


class TestAttachments:
    @pytest.mark.parametrize(
        ("query", "content", "code"),
        [
            ({"media_type": "image", "attachment_type": 1}, PNG, 0),
            ({"media_type": "video", "attachment_type": 1}, MP4, 0),
            ({"media_type": "image", "attachment_type": 2}, PNG, 0),
            ({"media_type": "video", "attachment_type": 2}, MP4, 41072),
            ({"media_type": "file", "attachment_type": 1}, PNG, 41072),
            ({"media_type": "video", "attachment_type": 1}, PNG, 41090),
            ({"media_type": "image", "attachment_type": 1}, MP4, 40123),
            ({"media_type": "image", "attachment_type": 1}, PNG + b"x" * 100, 41080),
            ({"media_type": "image", "attachment_type": 3}, PNG, 40058),
        ],
    )
    def test_each_scene_takes_its_kinds(self, build: Build, query: dict[str, object], content: bytes, code: int) -> None:
        place = build(limits=Limits(media_image_bytes=90))
        assert place.call("POST", "media/upload_attachment", query=query, file=("a", content))["errcode"] == code

    @pytest.mark.parametrize("wide", [False, True])
    def test_a_film_of_a_moment_is_no_longer_than_half_a_minute(self, still: Place, wide: bool) -> None:
        def film(seconds: int) -> bytes:
            header = struct.pack(">I16xIQ", 1 << 24, 1000, seconds * 1000) if wide else struct.pack(">I8xII", 0, 1000, seconds * 1000)
            inner = struct.pack(">I4s", len(header) + 8, b"mvhd") + header
            return struct.pack(">I4s4x", 12, b"ftyp") + struct.pack(">I4s", len(inner) + 8, b"moov") + inner

        query = {"media_type": "video", "attachment_type": 1}
        codes = [still.call("POST", "media/upload_attachment", query=query, file=("a.mp4", film(seconds)))["errcode"] for seconds in (30, 31)]
        assert codes == [0, 41082]


class TestPermanent:
    def test_a_picture_has_an_address_that_stays(self, build: Build) -> None:
        place = build()
        url = place.client.upload_image(Upload("logo.png", PNG))
        place.post("step", seconds=30 * 86_400)
        seen = place.raw.get(url)
        assert (seen.status_code, seen.content, seen.headers["content-type"]) == (200, PNG, "image/png")
        assert code_of(place.client.media, url.rpartition("/")[2]) == 40007

    def test_the_corp_has_so_many_a_day(self, build: Build) -> None:
        place = build(limits=Limits(images_per_day=1, images_per_month=2))
        assert place.client.upload_image(Upload("a.png", PNG))
        assert code_of(place.client.upload_image, Upload("b.png", PNG)) == 45009
        place.post("step", seconds=86_400)
        assert place.client.upload_image(Upload("c.png", PNG))
        place.post("step", seconds=86_400)
        assert code_of(place.client.upload_image, Upload("d.png", PNG)) == 45009


def serving(other: Neighbour, content: bytes) -> str:
    """A server of ranges."""

    def part(heard: Heard) -> tuple[int, bytes]:
        first, last = (int(edge) for edge in heard.headers["range"].removeprefix("bytes=").split("-"))
        other.headers["content-range"] = f"bytes {first}-{min(last, len(content) - 1)}/{len(content)}"
        return 206, content[first : last + 1]

    other.answer = part
    return f"{other.url}/film.mp4"


class TestByUrl:
    CONTENT = MP4 + b"x" * (9 << 20)
    MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()

    def test_the_platform_fetches_it_in_parts(self, place: Place, other: Neighbour) -> None:
        jobid = place.client.upload_by_url("video", "开箱.mp4", serving(other, self.CONTENT), self.MD5)
        assert place.client.upload_job(jobid).running
        place.post("step", seconds=1)
        job = place.client.upload_job(jobid)
        assert (job.running, job.code, len(other.heard)) == (False, 0, 3) and job.media
        back = place.client.media(job.media.media_id)
        assert (back.name, back.content == self.CONTENT) == ("开箱.mp4", True)

    def test_the_app_that_asked_hears_of_the_end(self, place: Place, other: Neighbour) -> None:
        receiver = listening(place, other)
        jobid = place.client.upload_by_url("file", "a.txt", "http://127.0.0.1:9/a.txt", self.MD5)
        place.post("step", seconds=1)
        (event,) = receiver.events
        assert (event.route, event.text("JobId")) == (("upload_media_job_finish", ""), jobid)

    def test_what_cannot_be_fetched_is_told_in_the_result(self, build: Build, other: Neighbour) -> None:
        place = build(limits=Limits(media_url_bytes=100))
        plain = f"{other.url}/plain"
        whole = serving(other, b"x" * 50)

        def end_of(url: str, md5: str = "0" * 32) -> int:
            jobid = place.client.upload_by_url("file", "a.txt", url, md5)
            place.post("step", seconds=1)
            return place.client.upload_job(jobid).code

        assert end_of(whole) == 830003  # another file than announced
        assert end_of("http://elsewhere.example/a.txt") == 830003
        assert end_of(serving(other, b"x" * 101)) == 830002
        other.answer = lambda heard: (200, b"all of it")
        assert end_of(plain) == 830001

    def test_wrong_orders_are_refused(self, still: Place) -> None:
        body = {"scene": 1, "type": "file", "filename": "a.txt", "url": "http://127.0.0.1:9/a.txt", "md5": "0" * 32}
        for change, code in (({"scene": 2}, 40058), ({"type": "image"}, 40058), ({"url": "ftp://x/a"}, 40094), ({"md5": ""}, 40058)):
            assert still.call("POST", "media/upload_by_url", body=body | change)["errcode"] == code
        assert code_of(still.client.upload_job, "made-up") == 40058
