"""What groups lend the app."""

from siyu.access import staff
from siyu.infra.jobs import Job
from siyu.infra.wiring import Capability, EventType, Permission, PersonalColumn
from siyu.observe import contacts, readings
from siyu.observe.groups import api, service
from siyu.observe.groups.reading import refresh, sync

contacts.listen("change_external_chat", service.hear)
staff.count_with("groups", service.groups_of_staff)
readings.lend("groups", "groups.sync")

_NAME = "its name then"
_WAY = "WeCom's number of the way in (1 invited, 2 by an invitation link, 3 by the group's code, 0 not told)"

capability = Capability(
    name="groups",
    routers=[api.routes],
    events=[
        EventType(
            "group.joined",
            "A customer came into a group.",
            "加入客户群",
            {
                "group_id": "the group",
                "group_name": _NAME,
                "way": _WAY,
                "state": "the `state` of the group's code, empty without one",
                "invited_by": "userid of the colleague",
            },
        ),
        EventType(
            "group.left",
            "A customer is in a group no more.",
            "离开客户群",
            {
                "group_id": "the group",
                "group_name": _NAME,
                "way": _WAY,
                "ended": "`left` by himself, `removed` by owner or manager, `dismissed` with the group, or `unknown`",
            },
        ),
    ],
    jobs=[
        Job("groups.sync", sync, visible=True, alone=True),
        Job("groups.refresh", refresh, alone=True),
    ],
    permissions=[
        Permission("groups.read", "查看客户群", "See customer groups", ["operator", "supervisor", "guide", "community_owner", "analyst", "admin"]),
        Permission("groups.sync", "同步客户群", "Read customer groups anew", ["operator", "admin"]),
    ],
    personal=[
        PersonalColumn("group_members", "member", "identifier", erase="row"),
        PersonalColumn("group_members", "name", "name"),
        PersonalColumn("group_members", "nickname", "name"),
        PersonalColumn("group_members", "unionid", "identifier"),
    ],
)
