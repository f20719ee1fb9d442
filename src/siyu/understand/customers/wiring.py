"""What customers lend the app."""

from siyu.infra.wiring import Capability, Permission
from siyu.understand.customers.api import routes

capability = Capability(
    name="customers",
    routers=[routes],
    permissions=[
        Permission("customers.read", "查看客户", "See customers", roles=("operator", "supervisor", "guide", "community_owner", "analyst", "admin")),
        Permission("customers.export", "导出客户", "Export customers", roles=("operator", "supervisor", "admin")),
    ],
)
