"""通讯录: departments and members."""

from collections.abc import Iterator

from siyu.connectors.wecom.model import Department, ListedMember, Member, Membership
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

    def department_tree(self, under: int | None = None) -> list[Department]:
        """The same without names and leaders: cheaper, and works where names are hidden."""
        answer = self._call("GET", "department/simplelist", {"id": under} if under is not None else {})
        return [Department.read(row) for row in answer.get("department_id") or ()]

    def department(self, id: int) -> Department:
        """One department. `Refused` 60003: there is none."""
        return Department.read(self._call("GET", "department/get", {"id": id})["department"])

    def member(self, userid: str) -> Member:
        """One member. `Refused` 60111: nobody, or has left."""
        return Member.read(self._call("GET", "user/get", {"userid": userid}))

    def member_names(self, department_id: int, *, whole_subtree: bool = False) -> list[ListedMember]:
        """Members of one department, with names only."""
        answer = self._call("GET", "user/simplelist", {"department_id": department_id, "fetch_child": int(whole_subtree)})
        return [ListedMember.read(row) for row in answer.get("userlist") or ()]

    def memberships(self) -> Iterator[Membership]:
        """Who stands in which department, over the whole corp. `Refused` 48002: only with the secret of 通讯录同步."""
        for row in self._pages("user/list_id", {"limit": 10_000}, "dept_user"):
            yield Membership(str(row["userid"]), int(row["department"]))

    def userid_of_mobile(self, mobile: str) -> str:
        """Whose number it is. `Refused` 46004: nobody's; wrong numbers of a fifth of the head-count close the call for a day (45009)."""
        return str(self._call("POST", "user/getuserid", {"mobile": mobile})["userid"])
