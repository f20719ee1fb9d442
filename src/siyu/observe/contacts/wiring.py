"""What contacts lend the app."""

from datetime import time
from uuid import UUID

from siyu.access import staff
from siyu.infra.jobs import Job, Schedule, Work
from siyu.infra.wiring import Capability, EventType, Permission, PersonalColumn, ReplicaTable
from siyu.kernel.ids import CorpId
from siyu.observe import readings
from siyu.observe.contacts import api, callback_api, doctor_api, login_api, losses, readings_api, service
from siyu.observe.contacts.examination import examine, examine_all
from siyu.observe.contacts.refresh import refresh
from siyu.observe.contacts.sync import sync, sync_staff

INBOX_BATCH = 500
readings.lend("departments", "contacts.sync", follows=False)
readings.lend("staff", "contacts.sync", follows=False)
readings.lend("contacts", "contacts.sync", follows=False)


def sync_all(work: Work) -> None:
    """Ask for a full reading of every corp: what callbacks missed is mended here."""
    with work.transaction() as tx:
        for corp in service.readers(tx):
            service.request_sync(tx, corp.id)


def read_callbacks(work: Work) -> None:
    """Read what lies in a corp's inbox of callbacks."""
    with work.transaction() as tx:
        corp = service.corp(tx, CorpId(UUID(work.params["corp_id"])))
    done = 0
    while not work.cancelled():
        with work.transaction() as tx:
            read = service.read(tx, corp, INBOX_BATCH)
            done += read
            work.save(tx, done=done)
        if not read:
            return


def sweep(work: Work) -> None:
    """Take up callbacks and refreshes that a dead worker left behind, and forget old callbacks."""
    with work.transaction() as tx:
        service.sweep(tx)
    while not work.cancelled():
        with work.transaction() as tx:
            if not service.forget_callbacks(tx):
                return


staff.count_with("customers", service.customers_of_staff)
staff.name_corps_with(service.corp_names)

capability = Capability(
    name="contacts",
    routers=[
        *api.routers,
        callback_api.routes,
        doctor_api.routes,
        doctor_api.trials,
        login_api.doorway,
        login_api.pages,
        losses.routes,
        readings_api.routes,
        readings_api.requests,
    ],
    doors=callback_api.doors,
    events=[
        EventType(
            "contact.added",
            "A staff member and a customer became friends.",
            "添加好友",
            {
                "contact_id": "the relation",
                "staff_id": "the staff member",
                "add_way": "WeCom's number of the way (1 QR code, 2 phone search, 3 name card, 4 group, …)",
                "state": "the `state` of the contact way, empty without one",
            },
        ),
        EventType(
            "contact.lost",
            "A relation ended.",
            "好友流失",
            {"contact_id": "the relation", "staff_id": "the staff member", "by": "`customer` deleted the member, or `staff` the customer"},
        ),
        EventType(
            "corp.finding_changed",
            "A check of the WeCom connection turned out otherwise than before.",
            "企业微信体检结果变化",
            {
                "corp_id": "the connected corp",
                "check": "the check",
                "before": "its state before",
                "state": "its state now: ok, warning, error, skipped",
                "outcome": "code of what was found",
            },
        ),
        EventType(
            "contact.handed_over",
            "A relation ended because the customer was handed on to another member.",
            "客户已转交",
            {"contact_id": "the relation that ended", "staff_id": "the staff member who gave the customer away"},
        ),
        EventType(
            "contact.handover_failed",
            "WeCom told that a customer could not be handed on.",
            "客户转交失败",
            {"staff_id": "the staff member who should have taken over", "reason": "`refused` by the customer, or the member is `full`"},
        ),
        EventType(
            "contact.changed",
            "Nickname, remark, tags or the like of a relation changed.",
            "好友资料变更",
            {"contact_id": "the relation", "staff_id": "the staff member", "fields": "names of the columns that changed"},
        ),
    ],
    jobs=[
        Job("contacts.sync", sync, visible=True, alone=True, heavy=True),
        Job("contacts.sync_staff", sync_staff, alone=True),
        Job("contacts.sync_all", sync_all),
        Job("contacts.callbacks", read_callbacks, alone=True),
        Job("contacts.refresh", refresh, alone=True),
        Job("contacts.doctor", examine, alone=True, max_attempts=2),
        Job("contacts.doctor_all", examine_all),
        Job("contacts.sweep", sweep),
    ],
    schedules=[
        Schedule("contacts.nightly", "contacts.sync_all", daily_at=time(3, 30)),
        Schedule("contacts.doctor", "contacts.doctor_all", daily_at=time(7, 30)),
        Schedule("contacts.sweep", "contacts.sweep", every_seconds=300),
    ],
    replica=[
        ReplicaTable(
            "contacts",
            columns={
                "tenant_id": "uuid",
                "id": "uuid",
                "corp_id": "uuid",
                "staff_id": "uuid",
                "external_userid": "varchar",
                "identity_id": "uuid",
                "name": "varchar",
                "avatar": "varchar",
                "gender": "smallint",
                "unionid": "varchar",
                "remark": "varchar",
                "description": "varchar",
                "add_way": "integer",
                "state": "varchar",
                "tags": "json",
                "added_at": "timestamptz",
                "relation": "varchar",
                "ended_at": "timestamptz",
                "last_talked_at": "timestamptz",
                "revision": "integer",
                "updated_at": "timestamptz",
            },
            key=["tenant_id", "id"],
        )
    ],
    permissions=[
        Permission("corps.read", "查看企业微信接入", "See connected WeCom corps", ["owner", "operator", "admin"]),
        Permission("corps.write", "接入、修改和同步企业微信", "Connect, change and read WeCom corps", ["owner", "admin"]),
        Permission("corps.sync", "重新读取企业微信里的对象", "Read objects of WeCom anew", ["owner", "operator", "admin"]),
        Permission("losses.read", "查看客户流失", "See losses of customers", ["operator", "supervisor", "guide", "community_owner", "analyst", "admin"]),
    ],
    personal=[
        PersonalColumn("contacts", "name", "name"),
        PersonalColumn("contacts", "avatar", "identifier"),
        PersonalColumn("contacts", "external_userid", "identifier", erase="row"),
        PersonalColumn("contacts", "unionid", "identifier"),
        PersonalColumn("contacts", "remark", "text"),
        PersonalColumn("contacts", "description", "text"),
        PersonalColumn("contacts", "company", "text"),
        PersonalColumn("contacts", "mobiles", "phone"),
        PersonalColumn("contacts", "other_tags", "text"),
        PersonalColumn("customer_looks", "external_userid", "identifier", erase="row"),
    ],
)
