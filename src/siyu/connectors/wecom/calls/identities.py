"""Ids of customers: from the brand's WeChat accounts to the corp, and to WeChat Pay."""

from collections.abc import Sequence
from typing import Any

from siyu.connectors.wecom.model import FoundIdentity
from siyu.connectors.wecom.transport import Transport

_PENDING, _RENEWED = 100, 1000


class Identities(Transport):
    """unionid and openid are those of the corp's own mini-program or official account."""

    def external_userid_of(self, unionid: str, openid: str) -> str:
        """The customer of a unionid. `Refused` 84061: nobody's customer yet."""
        return str(self._call("POST", "externalcontact/unionid_to_external_userid", {"unionid": unionid, "openid": openid})["external_userid"])

    def identity_of(self, unionid: str, openid: str, *, of_provider: bool = False) -> FoundIdentity:
        """The customer of a unionid, or an id that will name them once they are one."""
        body = {"unionid": unionid, "openid": openid, "subject_type": int(of_provider)}
        answer = self._call("POST", "idconvert/unionid_to_external_userid", body)
        return FoundIdentity(str(answer.get("external_userid") or ""), str(answer.get("pending_id") or ""))

    def pending_ids(self, external_userids: Sequence[str], *, chat_id: str = "") -> dict[str, str]:
        """external_userid → the pending_id they had before; those without one are left out. In a group's context only its owner must be in range."""
        found: dict[str, str] = {}
        for start in range(0, len(external_userids), _PENDING):
            body: dict[str, Any] = {"external_userid": list(external_userids[start : start + _PENDING])} | ({"chat_id": chat_id} if chat_id else {})
            for row in self._call("POST", "idconvert/batch/external_userid_to_pending_id", body).get("result") or ():
                found[str(row["external_userid"])] = str(row["pending_id"])
        return found

    def openid_of(self, external_userid: str) -> str:
        """The customer's openid for WeChat Pay."""
        return str(self._call("POST", "externalcontact/convert_to_openid", {"external_userid": external_userid})["openid"])

    def new_external_userids(self, external_userids: Sequence[str]) -> dict[str, str]:
        """Old → new ids, after the platform's upgrade of an app that a provider built."""
        found: dict[str, str] = {}
        for start in range(0, len(external_userids), _RENEWED):
            body = {"external_userid_list": list(external_userids[start : start + _RENEWED])}
            for row in self._call("POST", "externalcontact/get_new_external_userid", body).get("items") or ():
                found[str(row["external_userid"])] = str(row["new_external_userid"])
        return found
