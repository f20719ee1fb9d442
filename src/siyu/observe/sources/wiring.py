"""What sources lend the app."""

from siyu.infra.wiring import Capability, Permission
from siyu.observe.sources.api import routes

capability = Capability(
    name="sources",
    routers=[routes],
    permissions=[Permission("sources.manage", "管理数据来源与密钥", "Manage sources and their keys", roles=("admin",))],
)
