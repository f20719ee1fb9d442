"""What imports lend the app."""

from siyu.infra.jobs import Job
from siyu.infra.wiring import Capability, Permission, PersonalColumn
from siyu.observe.imports import running, service
from siyu.observe.imports.api import router

capability = Capability(
    name="imports",
    routers=[router],
    jobs=[Job(service.CHECK, running.check, visible=True), Job(service.RUN, running.run, visible=True, alone=True)],
    permissions=[
        Permission("imports.read", "查看导入", "See imports", roles=("operator", "analyst", "admin")),
        Permission("imports.write", "导入订单文件", "Import files of orders", roles=("operator", "admin")),
    ],
    personal=[PersonalColumn("imports", "report", "text"), PersonalColumn("imports", "columns", "text")],
)
