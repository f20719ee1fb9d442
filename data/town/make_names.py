"""Make surnames.csv and given_names.csv with Faker (MIT licence). Needed only when these files are to be made anew.

Surnames: 40,000 draws of Faker's zh_CN surnames, counted. Given names: Faker's own, counted over 40,000 draws per gender, and 240 pairs per gender of its
one-character names with a small weight, so that a town of thousands does not repeat itself.
"""

import csv
import random
from collections import Counter
from pathlib import Path

from faker import Faker

HERE = Path(__file__).parent
DRAWS = 40_000
PAIRS = 240


def counted(draw: object) -> Counter[str]:
    assert callable(draw)
    return Counter(draw() for _ in range(DRAWS))


def write(name: str, header: list[str], rows: list[tuple[str, ...]]) -> None:
    with open(HERE / name, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    fake = Faker("zh_CN")
    fake.seed_instance(20240101)
    shuffle = random.Random(20240101)
    surnames = counted(fake.last_name)
    write("surnames.csv", ["surname", "weight"], [(name, str(n)) for name, n in sorted(surnames.items(), key=lambda item: (-item[1], item[0]))])
    given: list[tuple[str, ...]] = []
    for gender, draw in (("male", fake.first_name_male), ("female", fake.first_name_female)):
        own = counted(draw)
        given += [(name, gender, str(n)) for name, n in sorted(own.items(), key=lambda item: (-item[1], item[0]))]
        single = sorted(name for name in own if len(name) == 1)
        pairs = sorted({first + second for first in single for second in single if first != second} - set(own))
        given += [(name, gender, "150") for name in sorted(shuffle.sample(pairs, PAIRS))]
    write("given_names.csv", ["given_name", "gender", "weight"], given)


if __name__ == "__main__":
    main()
