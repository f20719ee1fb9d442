"""What markings lend the app."""

from siyu.act.markings import api, marking, service
from siyu.infra.jobs import Job
from siyu.infra.wiring import Capability, Permission

capability = Capability(
    name="markings",
    routers=[api.routes],
    jobs=[Job(kind, marking.mark, visible=True, alone=True, max_attempts=20) for kind in (service.MARK, service.MARK_MANY)],
    permissions=[Permission("markings.write", "给客户打标签", "Tag customers", ["operator", "supervisor", "guide", "admin"])],
)
