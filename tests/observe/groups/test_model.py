"""Stays: whatever is told in whatever order, what is held is what was last shown, with the ends that callbacks told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from siyu.observe.groups.model import Change, Quit, Seen, Stay, fold, quit

START = datetime(2026, 3, 2, tzinfo=UTC)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def seen(member: str, minute: int, **changes: object) -> Seen:
    return replace(Seen(member, at(minute), "customer", "名字", "", None, 3, "", ""), **changes)  # type: ignore[arg-type]


def taken(held: dict[tuple[str, datetime], Stay], changes: list[Change]) -> None:
    held.update({change.after.seen.key: change.after for change in changes})


def read(held: dict[tuple[str, datetime], Stay], listed: list[Seen], minute: int) -> None:
    taken(held, fold(held.values(), listed, {}, read_at=at(minute), now=at(minute)))


class TestFold:
    def test_who_is_listed_no_more_has_left_nobody_knows_how(self) -> None:
        held: dict[tuple[str, datetime], Stay] = {}
        read(held, [seen("a", 0), seen("b", 1)], 2)
        read(held, [seen("b", 1)], 9)
        assert {key[0]: (stay.left_at, stay.ended) for key, stay in held.items()} == {"a": (at(9), "unknown"), "b": (None, None)}

    def test_who_came_back_has_two_stays_and_the_first_ended_by_then(self) -> None:
        held: dict[tuple[str, datetime], Stay] = {}
        read(held, [seen("a", 0)], 2)
        read(held, [seen("a", 5)], 9)
        assert [(stay.seen.joined_at, stay.left_at) for stay in sorted(held.values(), key=lambda one: one.seen.joined_at)] == [(at(0), at(5)), (at(5), None)]

    def test_a_list_older_than_the_end_does_not_undo_it_and_a_later_one_does(self) -> None:
        held = {stay.seen.key: stay for stay in [Stay(seen("a", 0), None, at(5), "left")]}
        assert fold(held.values(), [seen("a", 0)], {}, read_at=at(5) + timedelta(seconds=2), now=at(5)) == []
        assert [change.after.left_at for change in fold(held.values(), [seen("a", 0)], {}, read_at=at(7), now=at(7))] == [None]

    def test_the_same_list_again_changes_nothing(self) -> None:
        held: dict[tuple[str, datetime], Stay] = {}
        read(held, [seen("a", 0), seen("b", 1)], 2)
        assert fold(held.values(), [seen("b", 1), seen("a", 0)], {}, read_at=at(3), now=at(3)) == []
        (change,) = fold(held.values(), [seen("b", 1, nickname="小名"), seen("a", 0)], {}, read_at=at(4), now=at(4))
        assert (change.joined, change.left, change.after.seen.nickname) == (False, False, "小名")


MOVES = st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), min_size=1, max_size=8)


class TestQuit:
    @given(moves=MOVES, chance=st.randoms(use_true_random=False))
    def test_late_repeated_and_shuffled_ends_find_their_stays(self, moves: list[tuple[str, bool]], chance: Random) -> None:
        """After each move the group is read; the callbacks of the leavers come at any later time, some twice."""
        inside: dict[str, int] = {}
        held: dict[tuple[str, datetime], Stay] = {}
        coming: list[Quit] = []
        true_ends: dict[tuple[str, datetime], Quit] = {}
        for number, (member, removed) in enumerate(moves):
            minute = number * 10
            if member in inside:
                told = Quit(member, at(minute), "removed" if removed else "left")
                true_ends[member, at(inside.pop(member))] = told
                coming += [told] * chance.choice([1, 2])
            else:
                inside[member] = minute
            chance.shuffle(coming)
            while coming and chance.random() < 0.5:
                if change := quit(held.values(), coming.pop()):
                    taken(held, [change])
            read(held, [seen(who, since) for who, since in inside.items()], minute + 1)
        for told in coming:
            if change := quit(held.values(), told):
                taken(held, [change])
        assert {key for key, stay in held.items() if stay.left_at is None} == {(who, at(since)) for who, since in inside.items()}
        assert {key: (stay.left_at, stay.ended) for key, stay in held.items() if stay.left_at} == {
            key: (told.at, told.ended) for key, told in true_ends.items()
        }

    def test_nobody_leaves_before_he_came(self) -> None:
        assert quit([Stay(seen("a", 5), None)], Quit("a", at(4), "left")) is None
