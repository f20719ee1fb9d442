"""What sends lend the app."""

from siyu.infra.jobs import Job, Schedule
from siyu.infra.wiring import Capability, EventType, Permission, PersonalColumn
from siyu.observe import readings
from siyu.observe.sends import api
from siyu.observe.sends.reading import NAME, sync, sync_all

readings.lend(NAME, "sends.sync")

capability = Capability(
    name="sends",
    routers=[api.routes],
    events=[
        EventType(
            "message.sent_elsewhere",
            "A member has sent a group send to a customer that this installation did not ask for.",
            "在企业微信里群发",
            {
                "msgid": "WeCom's task",
                "staff_id": "the member who sent it, null for one outside the address book",
                "by_member": "whether the member made it in the client; otherwise it was made for the corp, in the admin site or by another app",
            },
        )
    ],
    jobs=[Job("sends.sync", sync, visible=True, alone=True), Job("sends.sync_all", sync_all)],
    schedules=[Schedule("sends.hourly", "sends.sync_all", every_seconds=3600)],
    permissions=[
        Permission(
            "corp_sends.read", "查看企业微信里的群发", "See group sends made in WeCom", ["operator", "supervisor", "community_owner", "analyst", "admin"]
        )
    ],
    personal=[PersonalColumn("corp_send_receivers", "receiver", "identifier", erase="row")],
)
