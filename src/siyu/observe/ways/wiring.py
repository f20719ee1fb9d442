"""What ways lend the app."""

from siyu.infra.jobs import Job
from siyu.infra.wiring import Capability, Permission
from siyu.observe import readings
from siyu.observe.ways import api
from siyu.observe.ways.reading import sync_contact_ways, sync_join_ways

readings.lend("contact_ways", "ways.sync_contact_ways")
readings.lend("join_ways", "ways.sync_join_ways")

capability = Capability(
    name="ways",
    routers=[api.routes],
    jobs=[
        Job("ways.sync_contact_ways", sync_contact_ways, visible=True, alone=True),
        Job("ways.sync_join_ways", sync_join_ways, visible=True, alone=True),
    ],
    permissions=[
        Permission("ways.read", "查看渠道码与群活码", "See contact ways and join ways", ["operator", "supervisor", "analyst", "admin"]),
        Permission("ways.write", "登记群活码", "Enter join ways", ["operator", "admin"]),
    ],
)
