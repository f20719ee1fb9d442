"""Logging in, proving oneself again, and the first set-up."""

from siyu.access.logins.model import AmbiguousLogin, BadCode, BadCredentials, CodeNeeded, NoAccount, Opened, SetUpDone, TooMany
from siyu.access.logins.service import admit, log_in, prove, set_up

__all__ = ["AmbiguousLogin", "BadCode", "BadCredentials", "CodeNeeded", "NoAccount", "Opened", "SetUpDone", "TooMany", "admit", "log_in", "prove", "set_up"]
