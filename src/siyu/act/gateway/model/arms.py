"""Who is held out, drawn before any rule looks at the person."""

import hashlib
from enum import StrEnum

from siyu.kernel.ids import CustomerId


class Arm(StrEnum):
    TREATED = "treated"
    HOLDOUT = "holdout"


def draw(salt: str, customer_id: CustomerId, holdout_bp: int) -> Arm:
    """The arm of one person: the same for ever under one salt, independent between salts. `holdout_bp` is the share held out in basis points.

    Raises ValueError outside 0..10,000.
    """
    if not 0 <= holdout_bp <= 10_000:
        raise ValueError(f"a holdout is between 0 and 10,000 basis points, not {holdout_bp}")
    digest = hashlib.sha256(f"{salt}:{customer_id}".encode()).digest()
    return Arm.HOLDOUT if int.from_bytes(digest[:8], "big") % 10_000 < holdout_bp else Arm.TREATED
