"""Folding: what WeCom lists, what callbacks add to it, and what is too old to count."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from siyu.connectors.wecom import Contact as Read
from siyu.connectors.wecom import ExternalContact, Follow, FollowTag
from siyu.kernel.ids import ContactId, IdentityId, StaffId
from siyu.observe.contacts import model
from siyu.observe.contacts.model import Change, Contact, Hint, Seen

ADDED = datetime(2026, 1, 1, tzinfo=UTC)
NOW = ADDED + timedelta(days=30)
ID, PERSON, STAFF = ContactId(UUID(int=1)), IdentityId(UUID(int=2)), StaffId(UUID(int=3))


def days(count: float) -> datetime:
    return ADDED + timedelta(days=count)


def as_listed(*, added_at: datetime = ADDED, remark: str = "", name: str = "小王") -> Seen:
    return Seen(STAFF, "wm1", name, "", 0, None, remark, "", 1, "", (), added_at)


def as_held(seen: Seen | None = None, *, ended_at: datetime | None = None, by: str = "customer", updated_at: datetime = ADDED) -> Contact:
    relation = "active" if ended_at is None else "deleted_by_customer" if by == "customer" else "deleted_by_staff"
    return Contact(ID, PERSON, seen or as_listed(), relation, ended_at, None, 1, updated_at)  # type: ignore[arg-type]


def folded(held: Contact | None, seen: Seen, *, lost_at: datetime | None = None, read_at: datetime = NOW) -> Change | None:
    return model.fold(held, seen, id=ID, identity_id=PERSON, lost_at=lost_at, read_at=read_at, now=NOW)


class TestFold:
    def test_a_new_pair_is_added(self) -> None:
        change = folded(None, as_listed())
        assert change and (change.added, change.lost_by, change.after.relation) == (True, None, "active")

    def test_a_new_pair_whose_customer_has_left_meanwhile_is_added_and_lost(self) -> None:
        change = folded(None, as_listed(), lost_at=days(3))
        assert change and (change.added, change.lost_by, change.after.ended_at) == (True, "customer", days(3))

    def test_a_new_pair_added_after_the_loss_is_active(self) -> None:
        change = folded(None, as_listed(added_at=days(5)), lost_at=days(3))
        assert change and (change.lost_by, change.after.relation, change.after.ended_at) == (None, "active", None)

    def test_the_same_again_changes_nothing(self) -> None:
        assert folded(as_held(), as_listed()) is None
        assert folded(as_held(ended_at=days(3)), as_listed(), lost_at=days(3)) is None

    def test_an_edit_names_its_fields(self) -> None:
        change = folded(as_held(), as_listed(remark="老客"))
        assert change and (change.fields, change.added, change.after.revision) == (("remark",), False, 2)

    def test_wecom_goes_on_listing_a_pair_that_the_customer_left(self) -> None:
        change = folded(as_held(ended_at=days(3)), as_listed(remark="已删我"))
        assert change and (change.after.relation, change.lost_by) == ("deleted_by_customer", None)

    def test_adding_again_makes_it_active(self) -> None:
        change = folded(as_held(ended_at=days(3)), as_listed(added_at=days(5)))
        assert change and (change.added, change.after.relation, change.after.ended_at) == (True, "active", None)

    def test_news_of_a_loss_from_before_the_adding_is_old(self) -> None:
        assert folded(as_held(as_listed(added_at=days(5))), as_listed(added_at=days(5)), lost_at=days(3)) is None

    def test_a_reading_from_before_the_last_change_is_old(self) -> None:
        assert folded(as_held(updated_at=days(20)), as_listed(remark="旧"), read_at=days(19)) is None

    def test_an_old_reading_does_not_hide_a_loss(self) -> None:
        change = folded(as_held(updated_at=days(20)), as_listed(), read_at=days(19), lost_at=days(6))
        assert change and change.after.ended_at == days(6)

    def test_an_earlier_adding_is_old(self) -> None:
        assert folded(as_held(as_listed(added_at=days(5))), as_listed()) is None

    def test_what_staff_had_deleted_and_wecom_lists_again_is_active(self) -> None:
        change = folded(as_held(ended_at=days(3), by="staff"), as_listed())
        assert change and (change.after.relation, change.added, change.fields) == ("active", False, ("relation",))


class TestLost:
    def test_ends_by_the_customers_hand(self) -> None:
        change = model.lost(as_held(), at=days(3), now=NOW)
        assert change and (change.lost_by, change.after.ended_at) == ("customer", days(3))

    def test_ends_by_the_hand_that_was_first_even_when_told_late(self) -> None:
        change = model.lost(as_held(ended_at=days(9), by="staff"), at=days(3), now=NOW)
        assert change and (change.after.relation, change.after.ended_at, change.lost_by) == ("deleted_by_customer", days(3), "customer")
        assert model.lost(as_held(ended_at=days(3), by="staff"), at=days(9), now=NOW) is None
        assert model.lost(as_held(ended_at=days(9)), at=days(3), now=NOW) is None

    def test_news_from_before_the_adding_is_old(self) -> None:
        assert model.lost(as_held(as_listed(added_at=days(5))), at=days(3), now=NOW) is None


class TestGone:
    def test_ends_by_the_staff_members_hand(self) -> None:
        change = model.gone(as_held(), at=days(3), read_at=NOW, now=NOW)
        assert change and (change.lost_by, change.after.ended_at) == ("staff", days(3))

    def test_what_the_customer_ended_stays_so(self) -> None:
        assert model.gone(as_held(ended_at=days(3)), at=days(9), read_at=NOW, now=NOW) is None

    def test_a_reading_from_before_the_last_change_is_old(self) -> None:
        assert model.gone(as_held(updated_at=days(20)), at=days(19), read_at=days(19), now=NOW) is None


class TestLags:
    def test_somebody_added_is_missing(self) -> None:
        assert model.lags([Hint("added", "guide", days(1))], [])
        assert not model.lags([Hint("added", "guide", days(1))], [a_reading()])

    def test_somebody_removed_is_there_as_before(self) -> None:
        assert model.lags([Hint("removed", "guide", days(1))], [a_reading()])
        assert not model.lags([Hint("removed", "guide", days(1))], [])

    def test_the_later_of_two_counts(self) -> None:
        hints = [Hint("removed", "guide", days(2)), Hint("added", "guide", days(1))]
        assert not model.lags(hints, [])


class TestSeen:
    def test_tags_are_ids_in_order_without_personal_ones(self) -> None:
        tags = (FollowTag("et2", "", "", 1), FollowTag("", "私人", "", 2), FollowTag("et1", "", "", 1))
        found = model.seen(a_reading(tags=tags), STAFF)
        assert found and found.tags == ("et1", "et2")

    def test_a_pair_without_a_time_is_no_relation_yet(self) -> None:
        assert model.seen(a_reading(added_at=None), STAFF) is None

    def test_unknown_genders_and_nul_characters_are_left_out(self) -> None:
        found = model.seen(a_reading(gender=7, name="a\x00b"), STAFF)
        assert found and (found.gender, found.name) == (0, "ab")


def a_reading(*, tags: tuple[FollowTag, ...] = (), added_at: datetime | None = ADDED, gender: int = 1, name: str = "小王") -> Read:
    follow = Follow("guide", "", "", added_at, tags, (), 1, "", "")
    return Read(ExternalContact("wm1", name, 1, gender, "", None, ""), follow)
