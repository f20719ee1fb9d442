"""What alerts lend the app."""

from siyu.act.alerts import service
from siyu.act.alerts.api import routes
from siyu.infra.jobs import Job, Schedule
from siyu.infra.wiring import Capability, Follower, Permission, PersonalColumn

capability = Capability(
    name="alerts",
    routers=[routes],
    followers=[Follower("alerts", ["contact.lost", "group.left"], service.hear_losses)],
    jobs=[Job("alerts.send", service.send, alone=True)],
    schedules=[Schedule("alerts.send", "alerts.send", every_seconds=300, missed="skip")],
    permissions=[
        Permission("alerts.read", "查看流失提醒", "See notices of losses", ["operator", "admin"]),
        Permission("alerts.write", "设置流失提醒", "Say which losses are told of", ["operator", "admin"]),
    ],
    personal=[
        PersonalColumn("loss_notes", "customer", "name", erase="row"),
        PersonalColumn("loss_notices", "description", "text"),
    ],
)
