"""Departments and members."""

from dataclasses import dataclass

from siyu.connectors.wecom.model.reading import Json, texts


@dataclass(frozen=True)
class Department:
    """One node of the address book; the root is 1 with parent 0."""

    id: int
    parent_id: int
    order: int
    name: str
    leaders: tuple[str, ...]

    @classmethod
    def read(cls, row: Json) -> "Department":
        return cls(
            id=int(row["id"]),
            parent_id=int(row.get("parentid") or 0),
            order=int(row.get("order") or 0),
            name=str(row.get("name") or ""),
            leaders=texts(row.get("department_leader")),
        )


@dataclass(frozen=True)
class Member:
    """A staff member. `status`: 1 active, 2 disabled, 4 not activated, 5 left. `gender`: 0 unknown, 1 man, 2 woman."""

    userid: str
    name: str
    departments: tuple[int, ...]
    leads: tuple[bool, ...]
    """Parallel to `departments`."""
    direct_leaders: tuple[str, ...]
    position: str
    gender: int
    alias: str
    avatar: str
    status: int
    main_department: int | None

    @classmethod
    def read(cls, row: Json) -> "Member":
        return cls(
            userid=str(row["userid"]),
            name=str(row.get("name") or ""),
            departments=tuple(int(d) for d in row.get("department") or ()),
            leads=tuple(bool(int(flag)) for flag in row.get("is_leader_in_dept") or ()),
            direct_leaders=texts(row.get("direct_leader")),
            position=str(row.get("position") or ""),
            gender=int(row.get("gender") or 0),
            alias=str(row.get("alias") or ""),
            avatar=str(row.get("avatar") or ""),
            status=int(row.get("status") or 1),
            main_department=int(row["main_department"]) if row.get("main_department") else None,
        )


@dataclass(frozen=True)
class ListedMember:
    """A member by name alone."""

    userid: str
    name: str
    departments: tuple[int, ...]

    @classmethod
    def read(cls, row: Json) -> "ListedMember":
        return cls(str(row["userid"]), str(row.get("name") or ""), tuple(int(d) for d in row.get("department") or ()))


@dataclass(frozen=True)
class Membership:
    """One member in one department; a member of two comes twice."""

    userid: str
    department: int
