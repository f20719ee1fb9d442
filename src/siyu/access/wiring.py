"""What access lends the app.

Codes that its refusals carry, for the console to word: session.required, session.stale, session.bad_credentials, session.code_needed, session.bad_code,
session.too_many, session.ambiguous, setup.done, request.cross_origin, request.media_type, password.unacceptable, password.wrong, totp.on,
totp.not_begun, totp.wrong_code, account.not_found, account.login_taken, account.owners_only, account.last_owner, account.not_yourself,
staff.not_found, tenant.none, tenant.which, tenant.unknown, secret.unreadable.
"""

from datetime import time

from siyu.access import api, nightly, roles
from siyu.infra.jobs import Job, Schedule
from siyu.infra.wiring import Capability, Permission, PersonalColumn, ReplicaTable

EVERYBODY = roles.NAMES

capability = Capability(
    "access",
    routers=api.ROUTERS,
    jobs=[Job("audit.prove", nightly.prove_audit, alone=True), Job("sessions.sweep", nightly.sweep_sessions, alone=True)],
    schedules=[
        Schedule("audit.prove", "audit.prove", daily_at=time(3, 10)),
        Schedule("sessions.sweep", "sessions.sweep", daily_at=time(3, 20)),
    ],
    replica=[
        ReplicaTable(
            "staff",
            {
                "tenant_id": "UUID",
                "id": "UUID",
                "corp_id": "VARCHAR",
                "userid": "VARCHAR",
                "name": "VARCHAR",
                "position": "VARCHAR",
                "main_department": "BIGINT",
                "departments": "BIGINT[]",
                "active": "BOOLEAN",
            },
            ["tenant_id", "id"],
        ),
        ReplicaTable(
            "departments",
            {
                "tenant_id": "UUID",
                "id": "UUID",
                "corp_id": "VARCHAR",
                "wecom_id": "BIGINT",
                "parent_wecom_id": "BIGINT",
                "name": "VARCHAR",
                "path": "VARCHAR",
            },
            ["tenant_id", "id"],
        ),
    ],
    permissions=[
        Permission("accounts.read", "查看账号", "See accounts", ["owner", "admin"]),
        Permission("accounts.manage", "管理账号与角色", "Manage accounts and roles", ["owner", "admin"]),
        Permission("audit.read", "查看与校验审计日志", "Read and verify the audit log", ["owner", "admin"]),
        Permission("staff.read", "查看员工与部门", "See staff and departments", EVERYBODY),
        Permission("tenant.manage", "修改品牌设置", "Change the brand's settings", ["owner", "admin"]),
    ],
    personal=[
        PersonalColumn("accounts", "name", "name"),
        PersonalColumn("accounts", "login", "identifier"),
        PersonalColumn("staff", "name", "name"),
        PersonalColumn("staff", "userid", "identifier"),
        PersonalColumn("sessions", "address", "identifier", erase="row"),
    ],
)
