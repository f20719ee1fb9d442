"""The calls of the contract, by path below /cgi-bin/."""

from siyu.connectors.wecom.sandbox.contract import (
    acquisition,
    app_messages,
    apps,
    cards,
    contact_ways,
    contacts,
    customer_service,
    group_chats,
    group_handovers,
    group_sends,
    group_welcomes,
    handovers,
    identities,
    intercept_rules,
    logins,
    media,
    moments,
    organisation,
    payments,
    products,
    statistics,
    tags,
)
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract

CALLS: dict[str, Contract] = {
    **organisation.CALLS,
    **contacts.CALLS,
    **tags.CALLS,
    **contact_ways.CALLS,
    **group_chats.CALLS,
    **group_handovers.CALLS,
    **group_sends.CALLS,
    **handovers.CALLS,
    **moments.CALLS,
    **statistics.CALLS,
    **app_messages.CALLS,
    **acquisition.CALLS,
    **cards.CALLS,
    **customer_service.CALLS,
    **group_welcomes.CALLS,
    **identities.CALLS,
    **intercept_rules.CALLS,
    **logins.CALLS,
    **media.CALLS,
    **payments.CALLS,
    **products.CALLS,
    **apps.CALLS,
}

__all__ = ["CALLS", "Call", "Contract"]
