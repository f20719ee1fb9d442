"""Finding terms of the word lists in a text, whatever disguise they wear."""

import unicodedata
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

Level = Literal["block", "warn"]
_TRADITIONAL = "絡幹爛賤鳩姦媽國網電話資訊買賣價錢銀號碼賭槍彈藥製證發書費學員無極雞體衛爾馬們來個這說時會對過還進遠運連開關門問間聞長車東樂條機龍貓單聯繫"
_SIMPLIFIED = "络干烂贱鸠奸妈国网电话资讯买卖价钱银号码赌枪弹药制证发书费学员无极鸡体卫尔马们来个这说时会对过还进远运连开关门问间闻长车东乐条机龙猫单联系"
_FILLERS = "\u115f\u1160"
"""Letters by their category that show nothing; the other Hangul fillers become them by NFKC."""
_TO_SIMPLIFIED = str.maketrans(_TRADITIONAL, _SIMPLIFIED)


@dataclass(frozen=True)
class Term:
    """One entry of a list."""

    word: str
    category: str
    level: Level


@dataclass(frozen=True)
class Hit:
    """A term found in a text, at `[start, end)` in characters of the text as it was written."""

    word: str
    level: Level
    category: str
    start: int
    end: int


def plain(text: str) -> tuple[str, list[int]]:
    """The text as the matcher sees it, and for each of its characters the position it came from.

    Full-width and compatibility forms (NFKC), case, common traditional characters are made one; blanks, marks, punctuation, emoji and invisible characters go.
    """
    seen = [_seen(character) for character in text]
    return "".join(seen), [position for position, letters in enumerate(seen) for _ in letters]


@lru_cache(maxsize=65_536)
def _seen(character: str) -> str:
    letters = unicodedata.normalize("NFKC", character).casefold().translate(_TO_SIMPLIFIED)
    return "".join(letter for letter in letters if unicodedata.category(letter)[0] in "LN" and letter not in _FILLERS)


@dataclass
class _Node:
    onward: dict[str, int] = field(default_factory=dict)
    fail: int = 0
    ends: list[int] = field(default_factory=list)


class Matcher:
    """All terms at once, in time linear in the text. Source: Aho & Corasick, CACM 18 (1975)."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self.terms: Sequence[Term] = [term for term in terms if plain(term.word)[0]]
        self._sizes = [len(plain(term.word)[0]) for term in self.terms]
        self._nodes = [_Node()]
        for number, term in enumerate(self.terms):
            self._add(plain(term.word)[0], number)
        self._link()

    def find(self, text: str) -> list[Hit]:
        """Every term in the text, by position; of those that begin at one place the longest. A term of Latin letters is a whole word."""
        letters, origins = plain(text)
        best: dict[int, tuple[int, int]] = {}
        at = 0
        for index, letter in enumerate(letters):
            while at and letter not in self._nodes[at].onward:
                at = self._nodes[at].fail
            at = self._nodes[at].onward.get(letter, 0)
            for number in self._nodes[at].ends:
                start = index - self._sizes[number] + 1
                if self._whole(letters, start, index) and best.get(start, (0, 0))[0] < self._sizes[number]:
                    best[start] = (self._sizes[number], number)
        return [
            Hit(self.terms[number].word, self.terms[number].level, self.terms[number].category, origins[start], origins[start + size - 1] + 1)
            for start, (size, number) in sorted(best.items())
        ]

    @staticmethod
    def _whole(letters: str, start: int, last: int) -> bool:
        if not letters[start : last + 1].isascii():
            return True
        before = letters[start - 1] if start else " "
        after = letters[last + 1] if last + 1 < len(letters) else " "
        return not ((before.isascii() and before.isalnum()) or (after.isascii() and after.isalnum()))

    def _add(self, word: str, number: int) -> None:
        at = 0
        for letter in word:
            found = self._nodes[at].onward.get(letter)
            if found is None:
                self._nodes.append(_Node())
                found = self._nodes[at].onward[letter] = len(self._nodes) - 1
            at = found
        self._nodes[at].ends.append(number)

    def _link(self) -> None:
        waiting = deque(self._nodes[0].onward.values())
        while waiting:
            at = waiting.popleft()
            for letter, child in self._nodes[at].onward.items():
                fail = self._nodes[at].fail
                while fail and letter not in self._nodes[fail].onward:
                    fail = self._nodes[fail].fail
                self._nodes[child].fail = self._nodes[fail].onward.get(letter, 0)
                self._nodes[child].ends += self._nodes[self._nodes[child].fail].ends
                waiting.append(child)
