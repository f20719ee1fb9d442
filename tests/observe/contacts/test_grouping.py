"""How many members are read at once."""

from siyu.observe.contacts.grouping import FIRST, RELATIONS, Grouping

USERIDS = [f"guide{number:04}" for number in range(1000)]


class TestGrouping:
    def test_begins_small_and_learns(self) -> None:
        grouping = Grouping(USERIDS, most=100)
        assert grouping.next() == USERIDS[:FIRST]
        grouping.told(FIRST, FIRST * 200)
        assert len(grouping.next()) == RELATIONS // 200

    def test_of_members_with_few_customers_as_many_as_may_be_asked_for(self) -> None:
        grouping = Grouping(USERIDS, most=100)
        grouping.told(4, 0)
        assert len(grouping.next()) == 100

    def test_of_those_with_very_many_one_at_a_time(self) -> None:
        grouping = Grouping(USERIDS, most=100)
        grouping.told(1, 20_000)
        assert len(grouping.next()) == 1

    def test_takes_each_once_and_in_order(self) -> None:
        grouping, taken = Grouping(USERIDS, most=100), list[str]()
        while not grouping.over:
            group = grouping.next()
            assert group
            taken += group
            grouping.told(len(group), 37 * len(group))
        assert taken == USERIDS
