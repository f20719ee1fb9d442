"""Statuses of the contract that the calls answer and the town sets."""

from typing import Final


class Member:
    """Of the corp's staff. Only who is active can use the client: log in, write, confirm what is asked."""

    ACTIVE: Final = 1
    DISABLED: Final = 2
    NOT_ACTIVATED: Final = 4
    LEFT: Final = 5


class Handover:
    """Of a customer between two members."""

    DONE: Final = 1
    WAITING: Final = 2
    REFUSED: Final = 3
    FULL: Final = 4


class Chat:
    """Of a group whose owner may have left."""

    AS_USUAL: Final = 0
    OWNER_LEFT: Final = 1
    BEING_INHERITED: Final = 2
    INHERITED: Final = 3
