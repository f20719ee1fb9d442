"""A tenant: one brand, with its name, zone, currency and settings."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from siyu.kernel.errors import Invalid, Refusal
from siyu.kernel.ids import TenantId

CURRENCIES = ("CNY",)
APPROVAL_ABOVE = 1_000
APPROVAL_ABOVE_LIMIT = 10_000_000


@dataclass(frozen=True)
class Tenant:
    """A brand. `margin_rate_bp`: gross margin in basis points assumed for order lines without a unit cost, None when nobody said.

    `approval_above`: a broadcast to more people than this waits for approval. `demo`: the brand that `siyu demo` made.
    """

    id: TenantId
    name: str
    timezone: str
    currency: str
    margin_rate_bp: int | None
    approval_above: int
    demo: bool
    created_at: datetime


class NoTenant(Refusal):
    """siyu has not been set up yet."""

    code = "tenant.none"


class WhichTenant(Refusal):
    """Several brands live here; say which one is meant."""

    code = "tenant.which"


def brand_name(name: str) -> str:
    """The name without surrounding blanks. Raises Invalid unless it has 1 to 64 characters."""
    name = name.strip()
    if not 1 <= len(name) <= 64 or not name.isprintable():
        raise Invalid(field="brand", reason="1 to 64 characters")
    return name


def zone(name: str) -> str:
    """A zone of the IANA database. Raises Invalid."""
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, KeyError) as unknown:  # ZoneInfoNotFoundError is a KeyError; a folder's name raises OSError
        raise Invalid(field="timezone", reason="unknown time zone") from unknown


def margin_rate(rate_bp: int) -> int:
    """Raises Invalid outside 0 to 10,000 basis points."""
    if not 0 <= rate_bp <= 10_000:
        raise Invalid(field="margin_rate_bp", reason="0 to 10000")
    return rate_bp


def approval_above(people: int) -> int:
    """Raises Invalid outside 0 (every broadcast is approved) to 10,000,000 people."""
    if not 0 <= people <= APPROVAL_ABOVE_LIMIT:
        raise Invalid(field="approval_above", reason=f"0 to {APPROVAL_ABOVE_LIMIT}")
    return people
