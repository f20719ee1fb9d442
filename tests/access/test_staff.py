import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.access import accounts, logins, sessions, staff, staff_ids_in_scope, staff_in_scope
from siyu.access.staff import Changes, DepartmentRecord, MemberRecord, StaffNotFound
from siyu.access.staff.model import paths
from siyu.infra.database import Database
from siyu.infra.secrets import Secrets
from siyu.infra.tx import SYSTEM, Actor, Scope, Tx
from siyu.kernel.ids import DepartmentId, StaffId
from tests.access.conftest import PASSWORD

_numbers = itertools.count()
SHOPS = [DepartmentRecord(1, "总部"), DepartmentRecord(2, "华东", 1), DepartmentRecord(21, "上海店", 2), DepartmentRecord(3, "华南", 1)]


def seeing(tx: Tx, scope: Scope) -> Tx:
    return replace(tx, actor=Actor("user", scope=scope))


def names(tx: Tx, scope: Scope) -> set[str] | None:
    """Userids in scope, read both ways."""
    acting = seeing(tx, scope)
    query, ids = staff_in_scope(acting), staff_ids_in_scope(acting)
    assert (query is None) == (ids is None)
    if query is None or ids is None:
        return None
    assert sorted(row.id for row in tx.execute(query)) == ids
    return {member.userid for member in staff.by_ids(tx, ids).values()}


def department_ids(tx: Tx) -> dict[int, DepartmentId]:
    return {department.wecom_id: department.id for department in staff.departments(tx)}


class TestPaths:
    def test_run_from_the_root(self) -> None:
        assert paths(SHOPS) == {1: "/1/", 2: "/1/2/", 21: "/1/2/21/", 3: "/1/3/"}

    def test_a_parent_out_of_sight_makes_a_root(self) -> None:
        assert paths([DepartmentRecord(21, "上海店", 2)]) == {21: "/21/"}

    def test_a_circle_ends(self) -> None:
        assert set(paths([DepartmentRecord(1, "a", 2), DepartmentRecord(2, "b", 1)])) == {1, 2}


class TestUpsert:
    def test_counts_what_is_new_changed_and_the_same(self, tx: Tx) -> None:
        assert staff.upsert(tx, "corp", [MemberRecord("ann", "Ann"), MemberRecord("bob", "Bob")]) == Changes(new=2)
        assert staff.upsert(tx, "corp", [MemberRecord("ann", "Ann"), MemberRecord("bob", "Bob"), MemberRecord("bob", "Robert")]) == Changes(changed=1)
        assert staff.upsert(tx, "corp", []) == Changes()

    def test_a_complete_list_marks_the_others_as_gone_and_keeps_their_ids(self, tx: Tx) -> None:
        staff.upsert(tx, "corp", [MemberRecord("ann", "Ann"), MemberRecord("bob", "Bob")])
        staff.upsert(tx, "other corp", [MemberRecord("bob", "Bob")])
        before = staff.ids(tx, "corp", ["ann", "bob"])
        assert staff.upsert(tx, "corp", [MemberRecord("ann", "Ann")], complete=True) == Changes(gone=1)
        assert staff.ids(tx, "corp", ["ann", "bob"]) == before
        assert {(member.corp_id, member.userid, member.active) for member in staff.page(tx)} == {
            ("corp", "ann", True), ("corp", "bob", False), ("other corp", "bob", True),
        }  # fmt: skip

    def test_rows_that_say_the_same_are_not_written_again(self, database: Database, opened: logins.Opened) -> None:
        versions = []
        for _ in range(2):
            with database.transaction(opened.tenant_id, SYSTEM) as tx:
                staff.departments_upsert(tx, "corp", SHOPS)
                staff.upsert(tx, "corp", [MemberRecord("ann", "Ann", departments=[21])])
            with database.reader() as connection:
                versions.append([tuple(row) for row in connection.exec_driver_sql("select id, xid from staff union all select id, xid from departments")])
        assert versions[0] == versions[1]

    def test_a_removed_department_leaves_a_tombstone(self, tx: Tx) -> None:
        staff.departments_upsert(tx, "corp", SHOPS)
        gone = department_ids(tx)[3]
        assert staff.departments_upsert(tx, "corp", SHOPS[:3]) == Changes(gone=1)
        assert set(department_ids(tx)) == {1, 2, 21}
        tx.execute("set local role siyu_reader")
        assert tx.execute("select key from replica_tombstones where table_name = 'departments'").scalars().all() == [
            {"tenant_id": str(tx.tenant_id), "id": str(gone)}
        ]

    def test_departments_come_each_after_its_parent(self, tx: Tx) -> None:
        staff.departments_upsert(tx, "corp", list(reversed(SHOPS)))
        staff.upsert(tx, "corp", [MemberRecord("ann", "Ann", departments=[21, 1]), MemberRecord("bob", "Bob", departments=[21], active=False)])
        ids = department_ids(tx)
        assert [(d.name, d.depth, d.parent_id, d.staff) for d in staff.departments(tx)] == [
            ("总部", 0, None, 1), ("华东", 1, ids[1], 0), ("上海店", 2, ids[2], 1), ("华南", 1, ids[1], 0),
        ]  # fmt: skip


class TestHindrance:
    @pytest.fixture
    def told(self, tx: Tx) -> Tx:
        members = [
            MemberRecord("ann", "Ann", status=1),
            MemberRecord("bea", "Bea", status=1),
            MemberRecord("cid", "Cid", status=2),
            MemberRecord("dan", "Dan", status=4),
            MemberRecord("eve", "Eve", status=1),
        ]
        staff.upsert(tx, "corp", [*members, MemberRecord("fay", "Fay")], complete=True)
        staff.upsert(tx, "corp", members, complete=True, serving=["ann", "cid", "dan", "eve", "far"])
        staff.licences(tx, "corp", ["ann", "cid"], ["eve"])
        return tx

    def test_the_first_that_holds_is_told(self, told: Tx) -> None:
        why = {member.userid: (member.status, member.hindrance) for member in staff.page(told)}
        assert why == {
            "ann": ("active", None),
            "bea": ("active", "no_permission"),
            "cid": ("disabled", "disabled"),
            "dan": ("not_activated", "not_activated"),
            "eve": ("active", "no_licence"),
            "fay": ("left", "left"),
        }
        ids = staff.ids(told, "corp", list(why))
        assert staff.hindrances(told, ids.values()) == {ids[userid]: reason for userid, (_, reason) in why.items() if reason}
        assert [member.userid for member in staff.page(told, hindrance="none")] == ["ann"]
        assert [member.userid for member in staff.page(told, hindrance="no_licence")] == ["eve"]

    def test_it_ends_when_wecom_says_otherwise(self, told: Tx) -> None:
        staff.upsert(told, "corp", [MemberRecord("cid", "Cid", status=1)], serving=["ann", "bea", "cid", "eve"])
        staff.licences(told, "corp", ["eve"], [])
        assert {member.userid for member in staff.page(told, hindrance="none")} == {"ann", "bea", "cid", "eve"}

    def test_who_serves_outside_the_address_book_has_not_left(self, tx: Tx) -> None:
        staff.upsert(tx, "corp", [MemberRecord("far", "far"), MemberRecord("ann", "Ann")])
        staff.upsert(tx, "corp", [MemberRecord("ann", "Ann", status=1)], complete=True, serving=["ann", "far"])
        assert [(member.userid, member.hindrance) for member in staff.page(tx)] == [("ann", None), ("far", None)]

    def test_nobody_is_hindered_by_what_was_not_told(self, tx: Tx) -> None:
        staff.upsert(tx, "corp", [MemberRecord("ann", "Ann")])
        assert [(member.hindrance, member.read_at) for member in staff.page(tx)] == [(None, None)]


class TestScope:
    @pytest.fixture
    def town(self, tx: Tx) -> Tx:
        staff.departments_upsert(tx, "corp", SHOPS)
        staff.departments_upsert(tx, "other", [DepartmentRecord(1, "别家"), DepartmentRecord(2, "别家二", 1)])
        staff.upsert(
            tx,
            "corp",
            [
                MemberRecord("boss", "Boss", departments=[1]),
                MemberRecord("east", "East", departments=[2], leader_of=[2]),
                MemberRecord("ann", "Ann", departments=[21]),
                MemberRecord("left", "Left", departments=[21], active=False),
                MemberRecord("bob", "Bob", departments=[3, 21]),
                MemberRecord("cat", "Cat", departments=[3]),
                MemberRecord("lone", "Lone"),
            ],
        )
        staff.upsert(tx, "other", [MemberRecord("ann", "Ann of another corp", departments=[2])])
        return tx

    def test_all_has_no_limit(self, town: Tx) -> None:
        assert names(town, Scope("all")) is None

    def test_own_is_one_or_nobody(self, town: Tx) -> None:
        assert names(town, Scope("own", staff.ids(town, "corp", ["ann"])["ann"])) == {"ann"}
        assert names(town, Scope("own", None)) == set()

    def test_departments_cover_their_subtrees_of_the_same_corp_and_oneself(self, town: Tx) -> None:
        ids = {d.wecom_id: d.id for d in staff.departments(town) if d.corp_id == "corp"}
        assert names(town, Scope("departments", None, (ids[2],))) == {"east", "ann", "left", "bob"}
        assert names(town, Scope("departments", None, (ids[21], ids[3]))) == {"ann", "left", "bob", "cat"}
        assert names(town, Scope("departments", staff.ids(town, "corp", ["lone"])["lone"], (ids[21],))) == {"lone", "ann", "left", "bob"}
        assert names(town, Scope("departments", None, ())) == set()

    def test_a_number_that_begins_like_another_is_no_child_of_it(self, tx: Tx) -> None:
        staff.departments_upsert(tx, "corp", [DepartmentRecord(2, "二"), DepartmentRecord(21, "二十一")])
        staff.upsert(tx, "corp", [MemberRecord("ann", "Ann", departments=[21])])
        assert names(tx, Scope("departments", None, (department_ids(tx)[2],))) == set()

    def test_departments_shown_are_those_of_the_subtrees_and_ones_own(self, town: Tx) -> None:
        ids = {d.wecom_id: d.id for d in staff.departments(town) if d.corp_id == "corp"}
        bob = staff.ids(town, "corp", ["bob"])["bob"]

        def shown(scope: Scope) -> list[str]:
            return [department.name for department in staff.departments(seeing(town, scope))]

        assert shown(Scope("departments", None, (ids[2],))) == ["华东", "上海店"]
        assert shown(Scope("own", bob)) == ["上海店", "华南"]
        assert shown(Scope("own", None)) == []
        assert len(shown(Scope("all"))) == len(SHOPS) + 2

    def test_lists_show_nobody_beyond_it(self, town: Tx) -> None:
        ann, cat = (staff.ids(town, "corp", [userid])[userid] for userid in ("ann", "cat"))
        acting = seeing(town, Scope("own", ann))
        assert [member.userid for member in staff.page(acting)] == ["ann"]
        assert staff.page(acting, q="cat") == []
        with pytest.raises(StaffNotFound):
            staff.get(acting, cat)
        assert staff.get(acting, ann).name == "Ann"

    def test_a_supervisor_sees_what_the_linked_member_leads_unless_told_otherwise(self, database: Database, opened: logins.Opened, keys: Secrets) -> None:
        with database.transaction(opened.tenant_id, SYSTEM) as tx:
            staff.departments_upsert(tx, "corp", SHOPS)
            staff.upsert(tx, "corp", [MemberRecord("east", "East", departments=[2], leader_of=[2])])
            east = staff.ids(tx, "corp", ["east"])["east"]
            numbers = department_ids(tx)
            accounts.add(tx, login="east", name="East", role="supervisor", password=PASSWORD, staff_id=east)
            accounts.add(tx, login="south", name="South", role="supervisor", password=PASSWORD, staff_id=east, department_ids=[numbers[3]])
        for login, department in (("east", 2), ("south", 3)):
            token = logins.log_in(database, keys, login=login, password=PASSWORD, limits=sessions.Limits()).token
            resolved = sessions.resolve(database, token)
            assert resolved is not None
            assert resolved[1].scope == Scope("departments", east, (numbers[department],))

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        parents=st.lists(st.integers(0, 9), min_size=1, max_size=10),
        homes=st.lists(st.lists(st.integers(1, 10), max_size=3), min_size=1, max_size=8),
        roots=st.lists(st.integers(1, 10), max_size=3),
        own=st.none() | st.integers(0, 7),
    )
    def test_equals_the_slow_obvious_reading(
        self, tx: Tx, parents: Sequence[int], homes: Sequence[Sequence[int]], roots: Sequence[int], own: int | None
    ) -> None:
        parent = {number: (above if 0 < above < number else None) for number, above in enumerate(parents, 1)}
        corp = f"corp {next(_numbers)}"  # examples share a transaction
        staff.departments_upsert(tx, corp, [DepartmentRecord(number, str(number), above) for number, above in parent.items()])
        staff.upsert(tx, corp, [MemberRecord(f"m{i}", f"m{i}", departments=home) for i, home in enumerate(homes)])
        ids = {department.wecom_id: department.id for department in staff.departments(tx) if department.corp_id == corp}
        members = staff.ids(tx, corp, [f"m{i}" for i in range(len(homes))])
        given_roots = [root for root in roots if root in parent]

        def under(number: int | None) -> bool:
            while number is not None:
                if number in given_roots:
                    return True
                number = parent.get(number)
            return False

        oneself: StaffId | None = members[f"m{own}"] if own is not None and own < len(homes) else None
        expected = {f"m{i}" for i, home in enumerate(homes) if any(under(number) for number in home if number in parent)}
        if oneself is not None:
            expected.add(f"m{own}")
        assert names(tx, Scope("departments", oneself, tuple(ids[root] for root in given_roots))) == expected


class TestPage:
    def test_goes_on_where_it_stopped_also_among_equal_names(self, tx: Tx) -> None:
        staff.upsert(tx, "corp", [MemberRecord(f"u{i}", "同名" if i % 2 else f"名{i}") for i in range(9)])
        seen, after = [], None
        while True:
            page = staff.page(tx, after=after, limit=2)
            seen += [member.userid for member in page]
            if len(page) < 2:
                break
            after = (page[-1].name, page[-1].id)
        assert sorted(seen) == [f"u{i}" for i in range(9)]

    def test_finds_by_name_userid_department_and_state(self, tx: Tx) -> None:
        staff.departments_upsert(tx, "corp", SHOPS)
        staff.upsert(
            tx, "corp", [MemberRecord("Ann_1", "李安", departments=[21]), MemberRecord("bob", "王%波", departments=[3]), MemberRecord("c", "c", active=False)]
        )
        assert [m.userid for m in staff.page(tx, q="ann_")] == ["Ann_1"]
        assert [m.userid for m in staff.page(tx, q="%")] == ["bob"]
        assert [m.userid for m in staff.page(tx, department_id=department_ids(tx)[2])] == ["Ann_1"]
        assert [m.userid for m in staff.page(tx, active=False)] == ["c"]
