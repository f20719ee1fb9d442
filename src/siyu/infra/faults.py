"""What can be wrong with a variable of the environment, each a "no" that says what is allowed. A secret's value is never repeated."""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

from annotated_types import Ge, Le
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from siyu.kernel.errors import Refusal


class WrongVariable(Refusal):
    """The environment variable `variable` has a value that cannot be meant."""

    code = "setting.wrong"
    status = 422


class NotWhole(WrongVariable):
    """The environment variable `variable` is no whole number within `range`."""

    code = "setting.not_whole"


class NotOneOf(WrongVariable):
    """The environment variable `variable` is none of `choices`."""

    code = "setting.not_one_of"


class NotWebAddress(WrongVariable):
    """The environment variable `variable` is no http or https address."""

    code = "setting.not_web_address"


class NotStoreAddress(WrongVariable):
    """The environment variable `variable` is no address of a PostgreSQL."""

    code = "setting.not_store_address"


class NotKeys(WrongVariable):
    """The environment variable `variable` holds no keys as siyu writes them."""

    code = "setting.not_keys"


class NoClock(WrongVariable):
    """The environment variable `variable` names a file in which no sandbox tells the time."""

    code = "setting.no_clock"


class StoreSilent(Refusal):
    """The database does not answer where the settings say it is."""

    code = "setting.store_silent"
    status = 503


class WrongSettings(Refusal):
    """Some variables of the environment cannot be meant; `faults` names each."""

    code = "setting.some_wrong"
    status = 422

    def __init__(self, faults: Sequence[WrongVariable]) -> None:
        super().__init__(variables=[fault.params["variable"] for fault in faults])
        self.faults = faults


def fault(variable: str, field: FieldInfo, given: Any) -> WrongVariable:
    """The fault of a variable that its field does not take, by the kind of the field."""
    kinds = list(_within(field.annotation))
    if SecretStr in kinds:
        return NotStoreAddress(variable=variable)
    if int in kinds:
        least, most = (next((getattr(mark, name) for mark in field.metadata if isinstance(mark, bound)), None) for bound, name in ((Ge, "ge"), (Le, "le")))
        return NotWhole(variable=variable, given=given, range=f"≥ {least}" if most is None else f"{least}…{most}")
    choices = [choice for choice in kinds if isinstance(choice, str)]
    return NotOneOf(variable=variable, given=given, choices=choices) if choices else NotWebAddress(variable=variable, given=given)


def _within(kind: Any) -> Iterator[Any]:
    """A type and everything it is made of: the members of a union, what is annotated, the choices of a literal."""
    yield kind
    for inner in get_args(kind):
        yield from _within(inner)
