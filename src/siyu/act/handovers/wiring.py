"""What handovers lend the app."""

from datetime import time

from siyu.act.handovers import api, asking, following, service
from siyu.infra.jobs import Job, Schedule
from siyu.infra.wiring import Capability, Follower, Permission, PersonalColumn

capability = Capability(
    name="handovers",
    routers=[api.routes],
    followers=[Follower("handovers", ["contact.handover_failed"], service.hear_failures)],
    jobs=[
        Job(service.ASK, asking.ask, visible=True, alone=True, cancellable=False, max_attempts=20),
        Job("handovers.follow", following.follow, alone=True),
        Job(service.READ_UNASSIGNED, following.read_unassigned, visible=True, alone=True),
        Job("handovers.read_all_unassigned", following.read_all_unassigned),
    ],
    schedules=[
        Schedule("handovers.follow", "handovers.follow", every_seconds=300),
        Schedule("handovers.unassigned", "handovers.read_all_unassigned", daily_at=time(4, 30)),
    ],
    permissions=[
        Permission("handovers.read", "查看客户继承", "See handovers of customers", ["operator", "supervisor", "admin"]),
        Permission("handovers.write", "转交客户给其他员工", "Hand customers over to other staff", ["operator", "supervisor", "admin"]),
    ],
    personal=[
        PersonalColumn("handover_customers", "external_userid", "identifier", erase="row"),
        PersonalColumn("unassigned_customers", "external_userid", "identifier", erase="row"),
    ],
)
