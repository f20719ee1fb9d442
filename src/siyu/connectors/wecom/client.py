"""Typed calls to the WeCom server API, to the letter of its contract, for one app of one corp."""

from siyu.connectors.wecom.calls.acquisition import AcquisitionLinks
from siyu.connectors.wecom.calls.app_messages import AppMessages
from siyu.connectors.wecom.calls.apps import Apps
from siyu.connectors.wecom.calls.contact_ways import ContactWays
from siyu.connectors.wecom.calls.customer_service import CustomerService
from siyu.connectors.wecom.calls.customers import Customers
from siyu.connectors.wecom.calls.group_chats import GroupChats
from siyu.connectors.wecom.calls.group_sends import GroupSends
from siyu.connectors.wecom.calls.group_welcomes import GroupWelcomes
from siyu.connectors.wecom.calls.handovers import Handovers
from siyu.connectors.wecom.calls.identities import Identities
from siyu.connectors.wecom.calls.intercept_rules import InterceptRules
from siyu.connectors.wecom.calls.logins import Logins
from siyu.connectors.wecom.calls.media import Media
from siyu.connectors.wecom.calls.moments import Moments
from siyu.connectors.wecom.calls.organisation import Organisation
from siyu.connectors.wecom.calls.payments import Payments
from siyu.connectors.wecom.calls.products import Products
from siyu.connectors.wecom.calls.statistics import Statistics
from siyu.connectors.wecom.calls.tags import Tags


class WeCom(
    AcquisitionLinks,
    AppMessages,
    Apps,
    ContactWays,
    CustomerService,
    Customers,
    GroupChats,
    GroupSends,
    GroupWelcomes,
    Handovers,
    Identities,
    InterceptRules,
    Logins,
    Media,
    Moments,
    Organisation,
    Payments,
    Products,
    Statistics,
    Tags,
):
    """The client. Thread-safe; keep one per app and share it, `close` it at the end.

    Every call raises `Refused` (nothing took effect; `action` says what to do) or, when no believable answer came, `Unavailable` (reads) or
    `OutcomeUnknown` (creating calls).
    """
