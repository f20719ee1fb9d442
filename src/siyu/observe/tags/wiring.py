"""What tags lend the app."""

from siyu.infra.jobs import Job
from siyu.infra.wiring import Capability, Permission
from siyu.observe import contacts, readings
from siyu.observe.tags import api, service
from siyu.observe.tags.changing import change
from siyu.observe.tags.reading import sync

contacts.listen("change_external_tag", service.hear)
readings.lend("tags", "tags.sync")

capability = Capability(
    name="tags",
    routers=[api.routes],
    jobs=[
        Job("tags.sync", sync, visible=True, alone=True),
        Job("tags.refresh", sync, alone=True),
        Job("tags.change", change, visible=True, alone=True),
    ],
    permissions=[
        Permission("tags.read", "查看标签", "See tags", ["operator", "supervisor", "guide", "community_owner", "analyst", "admin"]),
        Permission("tags.write", "新建、改名与删除标签", "Make, rename and delete tags", ["operator", "admin"]),
    ],
)
