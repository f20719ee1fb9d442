"""What moments lend the app."""

from siyu.infra.jobs import Job
from siyu.infra.wiring import Capability, EventType, Permission, PersonalColumn
from siyu.observe import readings
from siyu.observe.moments import api
from siyu.observe.moments.reading import NAME, sync

readings.lend(NAME, "moments.sync")

_FIELDS = {"moment_id": "WeCom's moment", "staff_id": "the member who had published it, null for one outside the address book"}

capability = Capability(
    name="moments",
    routers=[api.routes],
    events=[
        EventType("moment.liked", "A customer liked a member's moment.", "赞了朋友圈", _FIELDS),
        EventType("moment.commented", "A customer commented on a member's moment; WeCom does not tell the words.", "评论了朋友圈", _FIELDS),
    ],
    jobs=[Job("moments.sync", sync, visible=True, alone=True)],
    permissions=[Permission("moments.read", "查看客户朋友圈", "See moments", ["operator", "supervisor", "community_owner", "analyst", "admin"])],
    personal=[PersonalColumn("corp_moment_reactions", "who", "identifier", erase="row")],
)
