"""The words of a notice: what fits, what is masked, in both languages."""

from datetime import timedelta
from uuid import UUID

from siyu.act.alerts.model import DESCRIPTION_BYTES, Note, masked, worded
from siyu.kernel.ids import StaffId
from tests.conftest import NOW
from tests.understand.oracle import ZONE


def notes(count: int) -> list[Note]:
    recipient = StaffId(UUID(int=1))
    return [Note(recipient, "王导购", "by_customer", "张**", "", NOW - timedelta(minutes=minute)) for minute in range(count)]


class TestWorded:
    def test_the_latest_comes_first_in_the_brands_time(self) -> None:
        title, description, button = worded(notes(2), "zh-CN", ZONE)
        assert (title, button) == ("客户流失提醒：2 位", "查看")
        assert description.splitlines() == ["03-02 10:00 张** 删除了 王导购", "03-02 09:59 张** 删除了 王导购"]

    def test_what_does_not_fit_is_counted(self) -> None:
        for language in ("zh-CN", "en-US", "fr"):
            title, description, _ = worded(notes(500), language, ZONE)
            assert len(description.encode()) <= DESCRIPTION_BYTES and len(title.encode()) <= 128
            assert "500" in title and "500" in description.splitlines()[-1]

    def test_who_is_not_seen_any_more_has_no_name(self) -> None:
        (note,) = notes(1)
        gone = Note(note.recipient_id, note.member, "by_staff", "", "", note.at)
        assert worded([gone], "zh-CN", ZONE)[1] == "03-02 10:00 王导购 删除了一位客户"

    def test_who_was_removed_from_a_group_did_not_leave_it(self) -> None:
        (note,) = notes(1)
        removed = Note(note.recipient_id, note.member, "removed_from_group", "张**", "会员群", note.at)
        assert worded([removed], "zh-CN", ZONE)[1] == "03-02 10:00 张** 被移出 王导购 的群「会员群」"
        assert worded([removed], "en-US", ZONE)[1] == "03-02 10:00 张** was removed from 王导购's group 会员群"

    def test_a_nickname_shows_its_first_character(self) -> None:
        assert [masked(name) for name in ("张小花", "A", "")] == ["张**", "A**", ""]
