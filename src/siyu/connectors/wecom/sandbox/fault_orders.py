"""Faults as they may be ordered: each kind with its parameters and their bounds, and where it can fire."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from siyu.connectors.wecom.sandbox.contract import CALLS
from siyu.connectors.wecom.sandbox.faults import KINDS, PUSH_FAULTS
from siyu.connectors.wecom.sandbox.inputs import MOST_SECONDS, Order, refusal
from siyu.connectors.wecom.sandbox.pushes import CHANGES
from siyu.connectors.wecom.sandbox.server import SPECIAL

_PATHS = frozenset(f"/cgi-bin/{path}" for path in (*CALLS, *SPECIAL))


class FaultOrder(Order):
    kind: str
    path: str = Field(default="*", description="A path of the contract, a ChangeType for callbacks, or *.")
    probability: float = Field(default=1.0, ge=0, le=1)
    count: int | None = Field(default=None, ge=1, description="Times it fires; without end when left out.")
    params: dict[str, Any] = Field(default_factory=dict)


def _refusal(code: int) -> int:
    if not (code == -1 or 0 < code < 10_000_000):
        raise ValueError("a return code of up to seven digits, or -1, is wanted")
    return code


class _Nothing(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class _Wait(_Nothing):
    seconds: float = Field(default=0, ge=0, le=86_400)


class _Span(_Nothing):
    seconds: float = Field(default=0, ge=0, le=MOST_SECONDS)


class _LateApply(_Span):
    clock: Literal["business", "machine"] = "business"


class _Page(_Nothing):
    status: int = Field(default=502, ge=400, le=599)
    effect: bool = False


class _Code(_Nothing):
    code: Annotated[int, AfterValidator(_refusal)]


class _Share(_Nothing):
    share: float = Field(default=0, ge=0, le=1)


class _Times(_Nothing):
    times: int = Field(default=1, ge=1, le=100)


_PARAMETERS: Mapping[str, type[_Nothing]] = {
    "timeout_before": _Wait,
    "timeout_after": _Wait,
    "http_500": _Page,
    "rate_limited": _Span,
    "code": _Code,
    "slow": _Wait,
    "late_apply": _LateApply,
    "listing_lag": _Span,
    "fail_list": _Share,
    "push_doubled": _Times,
    "push_late": _Span,
    "push_shuffled": _Span,
}


def parameters(order: FaultOrder) -> dict[str, Any]:
    """Those that were given. Raises the refusal of the first field that does not fit the kind."""
    if order.kind not in KINDS:
        raise refusal("kind", f"one of {', '.join(KINDS)} is wanted")
    if order.path not in ("*", *(CHANGES if order.kind in PUSH_FAULTS else _PATHS)):
        wanted = "a ChangeType like add_external_contact" if order.kind in PUSH_FAULTS else "a path of the contract like /cgi-bin/user/get"
        raise refusal("path", f"{wanted}, or * is wanted")
    try:
        return _PARAMETERS.get(order.kind, _Nothing).model_validate(order.params).model_dump(exclude_unset=True)
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", "params", *one["loc"])} for one in error.errors()]) from None


def taken(kind: str) -> list[str]:
    """The names of the parameters that a kind takes."""
    return list(_PARAMETERS.get(kind, _Nothing).model_fields)
