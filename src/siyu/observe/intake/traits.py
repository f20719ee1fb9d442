"""The strong identifiers among the traits of a person."""

from collections.abc import Mapping
from typing import Any

from siyu.observe.identities import namespaces
from siyu.observe.intake.model import ID_LENGTH, Marks

_PHONE = ("phone", "mobile", "phoneNumber", "phone_number")
_UNIONID = ("unionid", "unionId", "union_id")
_MEMBER = ("member_no", "memberNo", "member_number", "memberNumber")
_EXTERNAL = ("external_userid", "externalUserid", "externalUserId", "external_user_id")
_CORP = ("corp_id", "corpId", "corpid")


def marks(traits: Mapping[str, Any]) -> Marks:
    """What `traits` say of who somebody is; what is masked, empty or no text is passed over. An external_userid counts only beside the corp's id."""
    told = _first(traits, _PHONE)
    external, corp = _first(traits, _EXTERNAL), _first(traits, _CORP)
    whole = external is not None and corp is not None
    return Marks(
        phone=namespaces.phone(told) if told else None,
        unionid=_first(traits, _UNIONID),
        member=_first(traits, _MEMBER),
        corp_id=corp if whole else None,
        external_userid=external if whole else None,
    )


def _first(traits: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = traits.get(name)
        if type(value) is int:
            value = str(value)
        if isinstance(value, str) and 0 < len(value := value.strip()) <= ID_LENGTH and value.isprintable():
            return value
    return None
