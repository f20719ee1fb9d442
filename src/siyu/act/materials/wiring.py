"""What materials lend the app."""

from siyu.act.materials.api import routes
from siyu.infra.wiring import Capability, Permission

capability = Capability(
    name="materials",
    routers=[routes],
    permissions=[
        Permission("materials.read", "查看素材", "See materials", roles=("operator", "supervisor", "guide", "community_owner", "analyst", "admin")),
        Permission("materials.write", "编写素材", "Write materials", roles=("operator", "supervisor", "admin")),
    ],
)
