"""Routes of alerts."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from siyu.access import staff
from siyu.act.alerts import service
from siyu.act.alerts.model import Settings
from siyu.infra.http import Db, needs, router

routes = router("/alerts", tag="alerts")
SHOWN = 50


class AlertSettings(BaseModel):
    """Which losses supervisors are told of: customers who deleted a member, customers whom a member deleted, customers who left a group or were removed.

    `connection`: whether owners and administrators are told of what the doctor finds out anew about the connection to WeCom.
    """

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    by_customer: bool
    by_staff: bool
    left_group: bool
    connection: bool


class LossNoticeOut(BaseModel):
    """A message to a supervisor about losses, or to a mender about the connection; `told` counts the losses or changes. `code` is WeCom's, 0 for none."""

    id: UUID
    recipient: str
    about: Literal["losses", "connection"]
    told: int
    state: Literal["sending", "sent", "failed"]
    code: int
    asked_at: datetime


@routes.get("/settings", operation_id="read_alert_settings", dependencies=[needs("alerts.read")])
def read_alert_settings(tx: Db) -> AlertSettings:
    """What is told of."""
    return AlertSettings.model_validate(service.settings(tx))


@routes.put("/settings", operation_id="change_alert_settings", dependencies=[needs("alerts.write")])
def change_alert_settings(tx: Db, body: AlertSettings) -> AlertSettings:
    """Say what is told of from now on."""
    return AlertSettings.model_validate(service.change_settings(tx, Settings(**body.model_dump())))


@routes.get("/notices", operation_id="list_loss_notices", dependencies=[needs("alerts.read")])
def list_loss_notices(tx: Db) -> list[LossNoticeOut]:
    """The last 50 messages, newest first."""
    found = service.latest(tx, SHOWN)
    names = staff.by_ids(tx, {one.recipient_id for one in found})
    return [
        LossNoticeOut(
            id=one.id,
            recipient=names[one.recipient_id].name,
            about="connection" if one.corp_id else "losses",
            told=one.told,
            state=one.state,
            code=one.code,
            asked_at=one.asked_at,
        )
        for one in found
    ]
