"""What alerts lend the app."""

from siyu.act.alerts import service
from siyu.act.alerts.api import routes
from siyu.infra.jobs import Job, Schedule
from siyu.infra.wiring import Capability, Follower, Permission, PersonalColumn

capability = Capability(
    name="alerts",
    routers=[routes],
    followers=[
        Follower("alerts", ["contact.lost", "group.left"], service.hear_losses),
        Follower("alerts.connection", ["corp.finding_changed"], service.hear_findings),
    ],
    jobs=[Job("alerts.send", service.send, alone=True)],
    schedules=[Schedule("alerts.send", "alerts.send", every_seconds=300, missed="skip")],
    permissions=[
        Permission("alerts.read", "查看提醒", "See notices of losses and of the connection to WeCom", ["operator", "admin"]),
        Permission("alerts.write", "设置提醒", "Say what is told of", ["operator", "admin"]),
    ],
    personal=[
        PersonalColumn("loss_notes", "customer", "name", erase="row"),
        PersonalColumn("loss_notices", "description", "text"),
    ],
)
