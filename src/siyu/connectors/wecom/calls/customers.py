"""客户管理: whom members have as customers."""

from collections.abc import Iterable, Iterator

from siyu.connectors.wecom.errors import Refused
from siyu.connectors.wecom.model import Contact, ContactDetail, ExternalContact, Follow, Remark
from siyu.connectors.wecom.transport import Transport


class Customers(Transport):
    """Customers and their relations with members."""

    def follow_users(self) -> list[str]:
        """Members with the customer-contact function, in the app's range."""
        return [str(userid) for userid in self._call("GET", "externalcontact/get_follow_user_list").get("follow_user") or ()]

    def external_userids(self, userid: str) -> list[str]:
        """All customers of one member; none is an empty list, though the platform may word it as 84061."""
        try:
            answer = self._call("GET", "externalcontact/list", {"userid": userid})
        except Refused as refused:
            if refused.code == 84061:
                return []
            raise
        return [str(id) for id in answer.get("external_userid") or ()]

    def contact(self, external_userid: str) -> ContactDetail:
        """One customer with all followers, however many pages they fill."""
        follows: list[Follow] = []
        cursor = ""
        while True:
            query = {"external_userid": external_userid} | ({"cursor": cursor} if cursor else {})
            answer = self._call("GET", "externalcontact/get", query)
            follows += [Follow.read(row) for row in answer.get("follow_user") or ()]
            cursor = str(answer.get("next_cursor") or "")
            if not cursor:
                return ContactDetail(ExternalContact.read(answer["external_contact"]), tuple(follows))

    def contacts(self, userids: Iterable[str], *, page_size: int = 100) -> Iterator[Contact]:
        """Every (customer, member) pair of the members: the way to read a whole corp. The same customer comes once per member.

        May yield a pair twice when the platform loses its cursor (50100) and the reading starts over: take rows idempotently.
        """
        wanted = list(userids)
        for start in range(0, len(wanted), 100):
            body = {"userid_list": wanted[start : start + 100], "limit": page_size}
            for row in self._pages("externalcontact/batch/get_by_user", body, "external_contact_list"):
                yield Contact(ExternalContact.read(row["external_contact"]), Follow.read(row["follow_info"]))

    def remark(self, userid: str, external_userid: str, remark: Remark) -> None:
        """Change what one member notes about a customer. Repeating it is harmless; it produces no callback."""
        self._call("POST", "externalcontact/remark", {"userid": userid, "external_userid": external_userid, **remark.body()}, kind="write")
