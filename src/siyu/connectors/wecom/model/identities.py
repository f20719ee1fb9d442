"""Ids of customers in other guises."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FoundIdentity:
    """Who a unionid is: a customer already (`external_userid`), or not yet (`pending_id`, good for 90 days)."""

    external_userid: str
    pending_id: str
