"""Routes of the limits that a brand sets its own sends."""

from datetime import time

from pydantic import BaseModel, Field

from siyu.act.gateway.model.policy import Policy, ReceiverRule
from siyu.act.gateway.service import requests
from siyu.infra.http import Db, needs, router

routes = router("/sending-rules", tag="sending rules")


class SendingRules(BaseModel):
    """Quiet hours by the brand's clock (equal times: none), promotions a customer may get in a calendar week, and WeCom's rule for receivers that holds."""

    quiet_start: time
    quiet_end: time
    promotions_a_week: int = Field(ge=0, le=7, strict=True)
    receiver_rule: ReceiverRule

    @classmethod
    def of(cls, policy: Policy) -> "SendingRules":
        return cls(quiet_start=policy.quiet.start, quiet_end=policy.quiet.end, promotions_a_week=policy.promotions_a_week, receiver_rule=policy.receiver_rule)


class SendingRulesIn(SendingRules):
    """The rules to hold from now on. `seen`: those that were looked at, so that nobody overwrites what somebody else has set meanwhile."""

    seen: SendingRules | None = None


@routes.get("", operation_id="get_sending_rules", dependencies=[needs("broadcasts.read")])
def get_sending_rules(tx: Db) -> SendingRules:
    """The limits that hold for all sends."""
    return SendingRules.of(requests.policy(tx))


@routes.put("", operation_id="set_sending_rules", dependencies=[needs("sending_rules.manage")])
def set_sending_rules(tx: Db, body: SendingRulesIn) -> SendingRules:
    """Change them, from the next person judged on. 409 `sending_rules.changed` when they are not what was `seen`."""
    if body.seen not in (None, SendingRules.of(requests.policy(tx))):
        raise requests.RulesChanged
    policy = requests.set_limits(
        tx, quiet_start=body.quiet_start, quiet_end=body.quiet_end, promotions_a_week=body.promotions_a_week, receiver_rule=body.receiver_rule
    )
    return SendingRules.of(policy)
