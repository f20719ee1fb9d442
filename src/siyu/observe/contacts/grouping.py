"""How many members are read by one chain of pages."""

from collections.abc import Sequence

FIRST = 4
"""Members of the first groups, of whom nothing is known yet."""
RELATIONS = 4_000
"""What a group should come to: full pages and few transactions, and little to read anew after a crash."""


class Grouping:
    """Members in order, cut into groups of about as many relations: how many a member has is learnt from those who were read."""

    def __init__(self, userids: Sequence[str], *, most: int) -> None:
        self._userids = userids
        self._most = most
        self._at = 0
        self._members = 0
        self._relations = 0

    @property
    def over(self) -> bool:
        """Whether every member is in a group."""
        return self._at >= len(self._userids)

    def told(self, members: int, relations: int) -> None:
        """So many members were read, who have so many relations."""
        self._members += members
        self._relations += relations

    def next(self) -> Sequence[str]:
        """The next group, never empty before the end."""
        wanted = RELATIONS * self._members // max(1, self._relations) if self._members else FIRST
        group = self._userids[self._at : self._at + max(1, min(wanted, self._most))]
        self._at += len(group)
        return group
