"""获客助手: links, who came by them, and the quota they use up."""

from collections.abc import Iterator
from datetime import datetime

from siyu.connectors.wecom.errors import OutcomeUnknown
from siyu.connectors.wecom.model import AcquiredCustomer, AcquisitionChat, AcquisitionLink, AcquisitionQuota, AcquisitionUse, MadeAcquisitionLink
from siyu.connectors.wecom.model.reading import instant
from siyu.connectors.wecom.transport import Transport

_ROOT = "externalcontact/customer_acquisition"


class AcquisitionLinks(Transport):
    """Links of this app; each new customer takes one of the corp's quota."""

    def add_acquisition_link(self, link: AcquisitionLink) -> MadeAcquisitionLink:
        """Make a link. A creating call: look a lost one up by its name. `Refused` 41095: the corp has as many as it may."""
        path = f"{_ROOT}/create_link"
        made = self._call("POST", path, link.body(), kind="create").get("link") or {}
        if not made.get("link_id"):
            raise OutcomeUnknown(path, "success without link_id")
        return MadeAcquisitionLink(str(made["link_id"]), str(made.get("url") or ""), instant(made.get("create_time")), link)

    def acquisition_link(self, link_id: str) -> MadeAcquisitionLink:
        answer = self._call("POST", f"{_ROOT}/get", {"link_id": link_id})
        row = answer["link"]
        return MadeAcquisitionLink(link_id, str(row.get("url") or ""), instant(row.get("create_time")), AcquisitionLink.read(answer))

    def acquisition_link_ids(self) -> Iterator[str]:
        """Every link of this app."""
        for id in self._pages(f"{_ROOT}/list_link", {"limit": 100}, "link_id_list"):
            yield str(id)

    def update_acquisition_link(self, link_id: str, link: AcquisitionLink) -> None:
        """Replace where a link leads; its address stays."""
        self._call("POST", f"{_ROOT}/update_link", {"link_id": link_id, **link.body()}, kind="write")

    def delete_acquisition_link(self, link_id: str) -> None:
        self._call("POST", f"{_ROOT}/delete_link", {"link_id": link_id}, kind="write")

    def acquired_customers(self, link_id: str) -> Iterator[AcquiredCustomer]:
        """Who came by a link."""
        for row in self._pages(f"{_ROOT}/customer", {"link_id": link_id, "limit": 1000}, "customer_list"):
            status = int(row.get("chat_status") or 0)
            yield AcquiredCustomer(str(row["external_userid"]), str(row.get("userid") or ""), status, str(row.get("state") or ""))

    def acquisition_use(self, link_id: str, first: datetime, last: datetime) -> AcquisitionUse:
        """Clicks and new customers of the days from `first` to `last`, both included: at most 30, not older than 180."""
        body = {"link_id": link_id, "start_time": int(first.timestamp()), "end_time": int(last.timestamp())}
        answer = self._call("POST", f"{_ROOT}/statistic", body)
        return AcquisitionUse(int(answer.get("click_link_customer_cnt") or 0), int(answer.get("new_customer_cnt") or 0))

    def acquisition_chat(self, chat_key: str) -> AcquisitionChat:
        """What the ChatKey of an event stands for, within 30 minutes. The key opens it to whoever has it: keep it out of logs."""
        answer = self._call("POST", f"{_ROOT}/get_chat_info", {"chat_key": chat_key})
        info = answer.get("chat_info") or {}
        return AcquisitionChat(
            userid=str(answer.get("userid") or ""),
            external_userid=str(answer.get("external_userid") or ""),
            received=int(info.get("recv_msg_cnt") or 0),
            link_id=str(info.get("link_id") or ""),
            state=str(info.get("state") or ""),
        )

    def acquisition_quota(self) -> AcquisitionQuota:
        """What is left."""
        return AcquisitionQuota.read(self._call("GET", "externalcontact/customer_acquisition_quota"))
