"""Every callback of the contract has its fate: whoever is named for it takes it up, and of the rest it is said why nobody does."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from siyu.infra.tx import Tx
from siyu.observe.contacts import service
from siyu.observe.contacts.routes import FATES
from siyu.observe.contacts.service import inbox
from tests.observe.contacts.conftest import a_corp

CHANGES = {
    "change_external_contact": "add_external_contact add_half_external_contact edit_external_contact del_external_contact del_follow_user transfer_fail "
    "msg_audit_approved",
    "change_external_chat": "create update dismiss",
    "change_external_tag": "create update delete shuffle",
    "customer_acquisition": "balance_low balance_exhausted balance_increased quota_expire_soon link_unavailable delete_link open_profile friend_request "
    "customer_start_chat message_from_customer del_follow_user",
    "change_contact": "create_user update_user delete_user create_party update_party delete_party update_tag",
}
EVENTS = (
    "enter_agent subscribe unsubscribe click view LOCATION scancode_push scancode_waitmsg pic_sysphoto pic_photo_or_album pic_weixin location_select "
    "template_card_event template_card_menu_event taskcard_click batch_job_result upload_media_job_finish kf_msg_or_event kf_account_auth_change "
    "open_approval_change sys_approval_change inactive_alert low_active_alert close_inactive_agent reopen_inactive_agent"
)
MESSAGES = "text image voice video location link"
CONTRACT = (
    [(event, change) for event, changes in CHANGES.items() for change in changes.split()]
    + [(event, "") for event in EVENTS.split()]
    + [(kind, "") for kind in MESSAGES.split()]
)


def body(event: str, change: str) -> bytes:
    what = f"<MsgType>{event}</MsgType>" if event in MESSAGES.split() else f"<MsgType>event</MsgType><Event>{event}</Event>"
    changed = f"<ChangeType>{change}</ChangeType>" if change else ""
    about = "<UserID>lisi</UserID><ExternalUserID>wm1</ExternalUserID><ChatId>wr1</ChatId><Id>et1</Id><FailReason>customer_refused</FailReason>"
    return f"<xml><ToUserName>ww1</ToUserName><FromUserName>sys</FromUserName><CreateTime>1772000000</CreateTime>{what}{changed}{about}</xml>".encode()


def kinds(tx: Tx) -> set[str]:
    """What jobs wait."""
    return {row.kind for row in tx.execute("select kind from jobs where tenant_id = :tenant_id")}


def test_all_of_the_contract_are_listed_and_nothing_else() -> None:
    assert set(FATES) == set(CONTRACT)
    assert all(fate.why for fate in FATES.values())


@pytest.mark.parametrize("route", CONTRACT, ids=".".join)
def test_each_comes_to_whom_its_fate_names(tx: Tx, route: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    def listener(*told: Any) -> None:
        heard.append(route[0])

    monkeypatch.setattr(inbox, "_listeners", {"change_external_chat": listener, "change_external_tag": listener})
    corp = a_corp(tx, members=("lisi",))
    before = kinds(tx)
    with capture_logs() as logs:
        assert service.take(tx, corp.id, [body(*route)]) == 1
        assert service.read(tx, corp, 10) == 1
    asked = tx.execute("select count(*) from contact_refreshes where tenant_id = :tenant_id").scalar_one()
    taken = FATES[route].taken
    assert (asked > 0) == (taken == "customer")
    assert bool(heard) == (taken == "listener")
    assert ("contacts.sync_staff" in kinds(tx)) == (taken == "staff" or "contacts.sync_staff" in before)
    assert not [entry for entry in logs if entry["event"] == "contacts.callback_unknown"]


def test_what_is_unknown_is_kept_and_named(tx: Tx) -> None:
    corp = a_corp(tx)
    with capture_logs() as logs:
        service.take(tx, corp.id, [body("change_of_tomorrow", "new")])
        assert service.read(tx, corp, 10) == 1
    assert [(entry["event_type"], entry["change_type"]) for entry in logs if entry["event"] == "contacts.callback_unknown"] == [("change_of_tomorrow", "new")]
