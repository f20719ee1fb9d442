"""What the app itself lends: the job centre and its permissions."""

from siyu.app import jobs_api
from siyu.infra.wiring import Capability, Permission

capability = Capability(
    name="app",
    routers=[jobs_api.routes],
    permissions=[
        Permission("jobs.read", "查看作业中心", "See the job centre", roles=("operator", "analyst", "admin", "supervisor")),
        Permission("jobs.run", "停止或重试作业", "Stop or retry jobs", roles=("operator", "admin")),
    ],
)
