"""What the list must say of each customer, counted slowly and obviously from the facts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from siyu.understand.lifecycle.model import History, Thresholds, stage_of
from siyu.understand.rfm.model import name_of
from tests.conftest import NOW
from tests.crowd import Crowd, Person

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = NOW.astimezone(ZONE).date()


@dataclass(frozen=True)
class Expected:
    """One customer as the list shows it, and the scores among all buyers."""

    person: Person
    stage: str
    scores: tuple[int, int, int] | None

    @property
    def rfm_name(self) -> str | None:
        return name_of(*self.scores).key if self.scores else None


def days(person: Person) -> list[date]:
    """Business days of the purchases, oldest first."""
    return [order.at.astimezone(ZONE).date() for order in person.paid]


def stage(person: Person) -> str:
    bought = days(person)
    if not bought:
        return "seed"
    before = [day for day in bought if day < bought[-1]]
    recent = sum((TODAY - day).days < Thresholds().super_days for day in bought)
    return stage_of(History(bought[0], bought[-1], before[-1] if before else None, recent), Thresholds(), TODAY)


def scores(people: list[Person]) -> dict[Person, tuple[int, int, int]]:
    """Fifths of all buyers; ties by shop number, numbers as numbers before the rest as text."""
    buyers = [person for person in people if person.paid]

    def tie(person: Person) -> tuple[bool, int, str]:
        number = str(person.number)
        return (not number.isdigit(), int(number) if number.isdigit() else 0, number)

    def fifths(ordered: list[Person]) -> dict[Person, int]:
        whole, rest = divmod(len(ordered), 5)
        sizes = [whole + (part < rest) for part in range(5)]
        return dict(zip(ordered, [part + 1 for part in range(5) for _ in range(sizes[part])], strict=True))

    r = fifths(sorted(buyers, key=lambda person: (-(TODAY - days(person)[-1]).days, *tie(person))))
    f = fifths(sorted(buyers, key=lambda person: (len(person.paid), *tie(person))))
    m = fifths(sorted(buyers, key=lambda person: (person.revenue, *tie(person))))
    return {person: (r[person], f[person], m[person]) for person in buyers}


def expected(crowd: Crowd) -> dict[str, Expected]:
    """Everybody, by id."""
    scored = scores(crowd.people)
    return {str(person.id): Expected(person, stage(person), scored.get(person)) for person in crowd.people}


def revenue(people: list[Person]) -> Decimal:
    return sum((person.revenue for person in people), Decimal(0))
