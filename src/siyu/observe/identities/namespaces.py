"""The namespaces of strong identifiers, and how their values are written."""

import re

UNIONID = "unionid"
PHONE = "phone"
MEMBER = "member"
"""Member numbers of the brand."""
USER_ID = "user_id"
"""Who somebody is to the brand's own servers."""
ANONYMOUS_ID = "anonymous_id"
"""A browser or a device, by the long random id that it gave itself."""
CLAIMED_USER_ID = "claimed_user_id"
"""A user id that a browser or an app told of itself: it belongs to nobody, for anybody can say it."""

_FILLER = re.compile(r"[\s()\-‐-―．.·]+")
_MAINLAND = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
_FOREIGN = re.compile(r"(?:\+|00)([1-9]\d{6,14})")


def shop_customer(shop: str) -> str:
    """Customer numbers of one shop."""
    return f"shop:{shop}:customer"


def wecom(corp_id: str) -> str:
    """External user ids of one WeCom corp."""
    return f"wecom:{corp_id}"


def phone(text: str) -> str | None:
    """A phone number as it is stored: eleven digits for mainland mobiles, `+` and digits for other countries (E.164); None when masked or not a number."""
    bare = _FILLER.sub("", text)
    if match := _MAINLAND.fullmatch(bare):
        return match[1]
    if match := _FOREIGN.fullmatch(bare):
        return f"+{match[1]}"
    return None
