"""Who looks after a member of staff."""

from siyu.access.staff.model import DISABLED
from siyu.infra.tx import Tx
from siyu.kernel.ids import StaffId


def supervisors_of(tx: Tx, member: StaffId) -> list[StaffId]:
    """The leaders of the member's departments as WeCom names them, or of the nearest department above that has one; the member does not count,
    nor does whoever is disabled in WeCom.

    Where WeCom names nobody: the members linked with supervisors' accounts whose departments hold the member. None for a member whom nobody looks after.
    """
    rows = tx.execute(
        """
        select distinct l.id, length(above.path) as nearness
        from staff m
        join departments d on d.tenant_id = m.tenant_id and d.corp_id = m.corp_id and d.wecom_id = any (m.departments)
        join departments above on above.tenant_id = d.tenant_id and above.corp_id = d.corp_id and starts_with(d.path, above.path)
        join staff l on l.tenant_id = m.tenant_id and l.corp_id = m.corp_id and above.wecom_id = any (l.leader_of) and l.active
            and l.status is distinct from :disabled and l.id <> m.id
        where m.tenant_id = :tenant_id and m.id = :member
        order by nearness desc, l.id
        """,
        {"member": member, "disabled": DISABLED},
    ).all()
    if rows:
        return [StaffId(row.id) for row in rows if row.nearness == rows[0].nearness]
    rows = tx.execute(
        """
        select distinct s.id
        from staff m
        join departments d on d.tenant_id = m.tenant_id and d.corp_id = m.corp_id and d.wecom_id = any (m.departments)
        join departments root on root.tenant_id = d.tenant_id and root.corp_id = d.corp_id and starts_with(d.path, root.path)
        join accounts a on a.tenant_id = m.tenant_id and a.role = 'supervisor' and a.active and root.id = any (a.department_ids)
        join staff s on s.tenant_id = a.tenant_id and s.id = a.staff_id and s.active
            and s.status is distinct from :disabled and s.id <> m.id
        where m.tenant_id = :tenant_id and m.id = :member
        order by s.id
        """,
        {"member": member, "disabled": DISABLED},
    ).all()
    return [StaffId(row.id) for row in rows]
