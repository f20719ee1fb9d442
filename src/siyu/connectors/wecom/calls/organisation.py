"""通讯录: departments and members."""

from siyu.connectors.wecom.model import Department, Member
from siyu.connectors.wecom.transport import Transport


class Organisation(Transport):
    """Reading the address book, as far as the app sees it."""

    def departments(self, under: int | None = None) -> list[Department]:
        """The visible departments, or the subtree of one."""
        answer = self._call("GET", "department/list", {"id": under} if under is not None else {})
        return [Department.read(row) for row in answer.get("department") or ()]

    def members(self, department_id: int, *, whole_subtree: bool = False) -> list[Member]:
        """Members of one department."""
        answer = self._call("GET", "user/list", {"department_id": department_id, "fetch_child": int(whole_subtree)})
        return [Member.read(row) for row in answer.get("userlist") or ()]
