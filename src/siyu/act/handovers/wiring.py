"""What handovers lend the app."""

from datetime import time

from siyu.act.handovers import api, asking, following, service
from siyu.act.handovers.groups import api as groups_api
from siyu.act.handovers.groups import asking as groups_asking
from siyu.act.handovers.groups import service as groups_service
from siyu.infra.jobs import Job, Schedule
from siyu.infra.wiring import Capability, Follower, Permission, PersonalColumn
from siyu.observe import contacts

contacts.spare_with(service.on_the_way)

capability = Capability(
    name="handovers",
    routers=[api.routes, groups_api.routes],
    followers=[Follower("handovers", ["contact.handover_failed"], service.hear_failures)],
    jobs=[
        Job(service.ASK, asking.ask, visible=True, alone=True, cancellable=False, max_attempts=20),
        Job("handovers.follow", following.follow, alone=True),
        Job(groups_service.ASK, groups_asking.ask, visible=True, alone=True, cancellable=False, max_attempts=20),
        Job("handovers.follow_groups", groups_asking.follow, alone=True),
        Job(service.READ_UNASSIGNED, following.read_unassigned, visible=True, alone=True),
        Job("handovers.read_all_unassigned", following.read_all_unassigned),
    ],
    schedules=[
        Schedule("handovers.follow", "handovers.follow", every_seconds=300),
        Schedule("handovers.follow_groups", "handovers.follow_groups", every_seconds=300),
        Schedule("handovers.unassigned", "handovers.read_all_unassigned", daily_at=time(4, 30)),
    ],
    permissions=[
        Permission("handovers.read", "查看客户和群的继承", "See handovers of customers and groups", ["operator", "supervisor", "admin"]),
        Permission("handovers.write", "把客户和客户群转交给其他员工", "Hand customers and groups over to other staff", ["operator", "supervisor", "admin"]),
    ],
    personal=[
        PersonalColumn("handover_customers", "external_userid", "identifier", erase="row"),
        PersonalColumn("unassigned_customers", "external_userid", "identifier", erase="row"),
    ],
)
