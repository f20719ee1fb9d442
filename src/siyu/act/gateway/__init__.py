"""The action gateway: whatever reaches a customer passes here, once, and always with a reason."""

from siyu.act.gateway.model.actions import Action, ActionId
from siyu.act.gateway.model.facts import Sent, Settled
from siyu.act.gateway.model.intents import Intent, IntentState
from siyu.act.gateway.model.policy import Policy, Quiet, quiet_until
from siyu.act.gateway.service.answers import (
    Incident,
    Pause,
    Preview,
    Sender,
    Tally,
    by_sender,
    incidents,
    opened,
    pauses,
    people,
    preview,
    tally,
    touched_since,
    unknown_people,
    unnamed_opens,
)
from siyu.act.gateway.service.requests import BadPolicy, UnlinkedText, action, approve, plan, planned, policy, request, set_policy, settled, stop

__all__ = [
    "Action",
    "ActionId",
    "BadPolicy",
    "Incident",
    "Intent",
    "IntentState",
    "Pause",
    "Policy",
    "Preview",
    "Quiet",
    "Sender",
    "Sent",
    "Settled",
    "Tally",
    "UnlinkedText",
    "action",
    "approve",
    "by_sender",
    "incidents",
    "opened",
    "pauses",
    "people",
    "plan",
    "planned",
    "policy",
    "preview",
    "quiet_until",
    "request",
    "set_policy",
    "settled",
    "stop",
    "tally",
    "touched_since",
    "unknown_people",
    "unnamed_opens",
]
