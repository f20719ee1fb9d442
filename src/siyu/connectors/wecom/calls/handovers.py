"""继承: customers and groups go from one member to another."""

from collections.abc import Iterator, Sequence
from typing import Any

from siyu.connectors.wecom.model import FailedGroup, HandoverResult, StartedHandover, UnassignedCustomer
from siyu.connectors.wecom.transport import Transport


class Handovers(Transport):
    """Handing over, from members who stay (在职) and from members who have left (离职)."""

    def hand_over(self, handover: str, takeover: str, external_userids: Sequence[str], *, message: str = "") -> list[StartedHandover]:
        """Ask for customers (≤ 100) of a member who stays: each moves after 24 h unless they refuse. `message` ≤ 200 characters, empty takes the platform's.

        Each customer has an own code: 40128 handed over twice in 90 days, 40129 and 40100 under way, 40131 no customer of the old member, 40099 the new
        member is full. A creating call: on `OutcomeUnknown` read `handover_results`.
        """
        body = self._pair(handover, takeover) | {"external_userid": list(external_userids)} | ({"transfer_success_msg": message} if message else {})
        return self._started("externalcontact/transfer_customer", body)

    def handover_results(self, handover: str, takeover: str) -> Iterator[HandoverResult]:
        """What became of the customers handed over between two members."""
        return self._results("externalcontact/transfer_result", handover, takeover)

    def unassigned_customers(self) -> Iterator[UnassignedCustomer]:
        """Customers of members who have left and whom nobody took over, the latest leavers first. Leavings of over a year ago may be missing."""
        for row in self._pages("externalcontact/get_unassigned_list", {"page_size": 1000}, "info"):
            yield UnassignedCustomer.read(row)

    def hand_over_resigned(self, handover: str, takeover: str, external_userids: Sequence[str]) -> list[StartedHandover]:
        """The same for customers (≤ 100) of a member who has left. `Refused` 40097: has not left. A creating call."""
        return self._started("externalcontact/resigned/transfer_customer", self._pair(handover, takeover) | {"external_userid": list(external_userids)})

    def resigned_handover_results(self, handover: str, takeover: str) -> Iterator[HandoverResult]:
        """What became of the customers of a member who has left."""
        return self._results("externalcontact/resigned/transfer_result", handover, takeover)

    def hand_over_groups(self, chat_ids: Sequence[str], owner: str) -> list[FailedGroup]:
        """Give groups (≤ 100) of a member who stays to another, at most 300 a day. Answers those that stay where they are. A creating call."""
        return self._moved("externalcontact/groupchat/onjob_transfer", chat_ids, owner)

    def hand_over_resigned_groups(self, chat_ids: Sequence[str], owner: str) -> list[FailedGroup]:
        """The same for groups of a member who has left."""
        return self._moved("externalcontact/groupchat/transfer", chat_ids, owner)

    def _pair(self, handover: str, takeover: str) -> dict[str, Any]:
        return {"handover_userid": handover, "takeover_userid": takeover}

    def _started(self, path: str, body: dict[str, Any]) -> list[StartedHandover]:
        return [StartedHandover.read(row) for row in self._call("POST", path, body, kind="create").get("customer") or ()]

    def _results(self, path: str, handover: str, takeover: str) -> Iterator[HandoverResult]:
        for row in self._pages(path, self._pair(handover, takeover), "customer"):
            yield HandoverResult.read(row)

    def _moved(self, path: str, chat_ids: Sequence[str], owner: str) -> list[FailedGroup]:
        answer = self._call("POST", path, {"chat_id_list": list(chat_ids), "new_owner": owner}, kind="create")
        return [FailedGroup.read(row) for row in answer.get("failed_chat_list") or ()]
