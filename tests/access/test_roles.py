from uuid import UUID

import pytest

from siyu.access import roles
from siyu.access.wiring import capability
from siyu.infra.tx import Scope
from siyu.infra.wiring import Permission
from siyu.kernel.errors import Invalid
from siyu.kernel.ids import DepartmentId, StaffId

STAFF, DEPARTMENT = StaffId(UUID(int=1)), DepartmentId(UUID(int=2))


class TestRegister:
    def test_gives_each_role_what_is_declared_and_the_owner_everything(self) -> None:
        roles.register([Permission("a.do", "做", "Do", ["operator"]), Permission("b.do", "做", "Do", ["guide", "operator"])])
        assert roles.permissions_of("owner") == roles.permissions_of("operator") == {"a.do", "b.do"}
        assert roles.permissions_of("guide") == {"b.do"}
        assert roles.permissions_of("analyst") == roles.permissions_of("nobody") == frozenset()

    def test_a_later_call_forgets_the_earlier(self) -> None:
        roles.register([Permission("a.do", "做", "Do", ["guide"])])
        roles.register([])
        assert roles.permissions_of("guide") == frozenset()

    def test_refuses_unknown_roles_and_names_said_twice(self) -> None:
        with pytest.raises(ValueError, match="no such role"):
            roles.register([Permission("a.do", "做", "Do", ["king"])])
        with pytest.raises(ValueError, match="twice"):
            roles.register([Permission("a.do", "做", "Do", ["guide"]), Permission("a.do", "做", "Do", ["owner"])])

    def test_only_owner_and_admin_rule_over_accounts(self) -> None:
        roles.register(capability.permissions)
        assert [role for role in roles.NAMES if "accounts.manage" in roles.permissions_of(role)] == ["owner", "admin"]


class TestScopeOf:
    @pytest.mark.parametrize("role", ["guide", "community_owner"])
    def test_front_line_sees_its_own(self, role: str) -> None:
        assert roles.scope_of(role, STAFF, [DEPARTMENT]) == Scope("own", STAFF)
        assert roles.scope_of(role, None, []) == Scope("own", None)

    def test_a_supervisor_sees_departments(self) -> None:
        assert roles.scope_of("supervisor", STAFF, [DEPARTMENT]) == Scope("departments", STAFF, (DEPARTMENT,))

    @pytest.mark.parametrize("role", ["owner", "operator", "analyst", "admin"])
    def test_the_others_see_everybody(self, role: str) -> None:
        assert roles.scope_of(role, STAFF, [DEPARTMENT]).kind == "all"

    def test_an_unknown_role_sees_nothing_by_not_being(self) -> None:
        with pytest.raises(Invalid):
            roles.scope_of("system", None, [])
