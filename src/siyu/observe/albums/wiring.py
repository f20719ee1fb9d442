"""What albums lend the app."""

from siyu.infra.jobs import Job
from siyu.infra.wiring import Capability, Permission
from siyu.observe import readings
from siyu.observe.albums import api
from siyu.observe.albums.reading import sync

readings.lend("album", "albums.sync")

capability = Capability(
    name="albums",
    routers=[api.routes],
    jobs=[Job("albums.sync", sync, visible=True, alone=True)],
    permissions=[Permission("albums.read", "查看商品图册", "See the product album", ["operator", "supervisor", "guide", "analyst", "admin"])],
)
