"""Whether a person wants to hear from us."""

from siyu.understand.consents.model import DELETED_US, Channel, OptOut
from siyu.understand.consents.service import CustomerUnknown, is_opted_out, opt_out, opted_out

__all__ = ["DELETED_US", "Channel", "CustomerUnknown", "OptOut", "is_opted_out", "opt_out", "opted_out"]
