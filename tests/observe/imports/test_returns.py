"""What is given back without having been bought."""

from decimal import Decimal

from siyu.observe.imports.model.returns import Dealing, unexplained


def bought(at: int, quantity: int) -> Dealing:
    return Dealing(False, at, f"{at}", Decimal(quantity))


def back(at: int, quantity: int) -> Dealing:
    return Dealing(True, at, f"C{at}", Decimal(quantity), row=at)


def over(*dealings: Dealing) -> dict[int, int]:
    return {dealing.at: int(pieces) for dealing, pieces in unexplained(dealings)}


class TestUnexplained:
    def test_nothing_is_when_all_was_bought_before(self) -> None:
        assert over(bought(1, 3), back(1, 1), back(2, 2)) == {}

    def test_what_is_bought_later_explains_nothing(self) -> None:
        assert over(back(1, 2), bought(2, 5), back(3, 5)) == {1: 2}

    def test_what_was_given_back_is_gone(self) -> None:
        assert over(bought(1, 3), back(2, 2), back(3, 2), bought(4, 1), back(5, 2)) == {3: 1, 5: 1}

    def test_the_order_of_the_list_does_not_matter(self) -> None:
        assert over(back(3, 2), back(2, 2), bought(1, 3)) == {3: 1}
