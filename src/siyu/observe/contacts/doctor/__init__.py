"""The doctor of the WeCom connection: small checks in the order in which things must be well."""

from collections.abc import Callable, Iterator, Sequence

from siyu.observe.contacts.doctor import calling, comparing, entering, reaching, rights
from siyu.observe.contacts.doctor.visit import Door, Visit
from siyu.observe.contacts.findings import Finding

Check = Callable[[Visit], Finding]

CONNECTION: Sequence[Check] = (reaching.address, reaching.clock, entering.secret, entering.corp, entering.trusted_ip, entering.agent)
RIGHTS: Sequence[Check] = (rights.address_book, rights.customers, rights.tags, rights.contact_ways, rights.group_chats, rights.group_sends)
REST: Sequence[Check] = (
    calling.callback,
    calling.callbacks,
    comparing.licence,
    comparing.unionid,
    comparing.tag_quota,
    comparing.send_quota,
    comparing.members,
    comparing.contacts,
    comparing.sync,
    reaching.latency,
)
WAY: Sequence[Check] = CONNECTION[:2]
"""What can be asked without credentials."""
TRIAL: Sequence[Check] = (*CONNECTION, *RIGHTS)
"""What can be asked before a corp is connected."""
ALL: Sequence[Check] = (*TRIAL, *REST)


def examine(visit: Visit, checks: Sequence[Check] = ALL) -> Iterator[Finding]:
    """The findings in order, each as soon as it is made. About twenty calls; none changes anything at WeCom."""
    return (check(visit) for check in checks)


def place(check: str) -> int:
    """Where a check stands in the order; those of another release come last."""
    names = [one.__name__ for one in ALL]
    return names.index(check) if check in names else len(names)


__all__ = ["ALL", "TRIAL", "WAY", "Door", "Visit", "examine", "place"]
