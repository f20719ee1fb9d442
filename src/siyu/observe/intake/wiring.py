"""What intake lends the app."""

from datetime import time

from siyu.infra.jobs import Job, Schedule
from siyu.infra.wiring import Capability, EventType, Permission, PersonalColumn
from siyu.observe.intake import api, service
from siyu.observe.intake.door import doors

_ENVELOPE = {
    "$user_id": "the user id as it was sent, null for none",
    "$anonymous_id": "the anonymous id of the browser or device, null for none",
    "$context": "library, page, campaign and so on, as the SDK sent them; missing when it sent none",
}

capability = Capability(
    name="intake",
    routers=[api.names, api.parked],
    doors=doors,
    events=[
        EventType(
            "page.viewed",
            "Somebody looked at a page (`page` of the intake); all properties as they were sent.",
            "浏览页面",
            {"name": "the page's name", "category": "its category", **_ENVELOPE},
        ),
        EventType(
            "screen.viewed",
            "Somebody looked at a screen of an app (`screen` of the intake); all properties as they were sent.",
            "浏览界面",
            {"name": "the screen's name", "category": "its category", **_ENVELOPE},
        ),
        EventType("customer.identified", "A source said who somebody is (`identify` of the intake); all traits as they were sent.", "客户识别", _ENVELOPE),
        EventType(
            "customer.aliased",
            "A source said that two ids are one person (`alias` of the intake).",
            "客户标识合并",
            {"$previous_id": "the id that was used before", **_ENVELOPE},
        ),
        EventType(
            "organisation.joined",
            "Somebody belongs to an organisation, such as a company or a family (`group` of the intake); all traits as they were sent.",
            "加入组织",
            {"$group_id": "the organisation's id", **_ENVELOPE},
        ),
    ],
    jobs=[Job("intake.replay", service.replay_all, visible=True, alone=True), Job("intake.sweep", service.sweep)],
    schedules=[Schedule("intake.sweep", "intake.sweep", daily_at=time(3, 40))],
    permissions=[
        Permission("intake.read", "查看事件目录", "See the catalogue of events", roles=("operator", "analyst", "admin")),
        Permission("intake.manage", "登记事件，查看样例，重放搁置的消息", "Declare events, see samples, replay parked messages", roles=("admin",)),
    ],
    personal=[
        PersonalColumn("events", "props", "text", erase="pseudonym"),
        PersonalColumn("received_names", "samples", "text", erase="row"),
        PersonalColumn("parked_messages", "body", "text", erase="row"),
    ],
)
