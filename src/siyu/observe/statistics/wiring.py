"""What statistics lend the app."""

from siyu.infra.jobs import Job
from siyu.infra.wiring import Capability, Permission
from siyu.observe import readings
from siyu.observe.statistics import api
from siyu.observe.statistics.reading import GROUPS, STAFF, sync, sync_groups

readings.lend(STAFF, "statistics.sync")
readings.lend(GROUPS, "statistics.sync_groups")

capability = Capability(
    name="statistics",
    routers=[api.routes],
    jobs=[
        Job("statistics.sync", sync, visible=True, alone=True),
        Job("statistics.sync_groups", sync_groups, visible=True, alone=True),
    ],
    permissions=[
        Permission("statistics.read", "查看员工联系客户统计", "See WeCom's statistics of staff", ["operator", "supervisor", "guide", "analyst", "admin"])
    ],
)
