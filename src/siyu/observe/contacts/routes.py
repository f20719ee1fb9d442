"""What becomes of every callback that WeCom may send to an app of one's own: who takes it up, or why nobody does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from siyu.connectors.wecom import Event
from siyu.observe.contacts.findings import DOCTOR_EVENT
from siyu.observe.contacts.model import HANDOVER_FAILED, HINTS, HintKind

Route = tuple[str, str]
"""(Event, ChangeType), the latter empty where the event has none; for a message (MsgType, empty)."""


@dataclass(frozen=True)
class Fate:
    """`taken`: by whom. `customer` and `staff`: read anew over the API; `listener`: by the capability that listens to the event; `nobody`: `why` says so."""

    taken: Literal["customer", "handover", "staff", "listener", "nobody"]
    why: str


_LOOKED: Mapping[HintKind, str] = {
    "added": "welcome first, where it brings a code; then the customer is read",
    "changed": "the customer is read",
    "removed": "the relation ends from the member's side, or was handed over where `Source` says so",
    "lost": "the relation ends from the customer's side",
    "talked": "notes when the customer last wrote",
}
_LINKS = "quotas and links of 获客助手 are not kept yet; new friends come as `add_external_contact` with their state"
_KIND_OF_APP = "members meet siyu's app by its messages, which open pages; there is nothing to answer"
_CARDS = "siyu sends no cards that are answered by a click"
_MENU = "siyu's app has no menu of this kind"

FATES: Mapping[Route, Fate] = {
    **{route: Fate("customer", _LOOKED[kind]) for route, kind in HINTS.items()},
    HANDOVER_FAILED: Fate("handover", "the handover of this customer has failed, with its reason"),
    **{("change_external_chat", change): Fate("listener", "the group is read") for change in ("create", "update", "dismiss")},
    **{("change_external_tag", change): Fate("listener", "the tag library is read") for change in ("create", "update", "delete", "shuffle")},
    **{
        ("change_contact", change): Fate("staff", "departments and members are read")
        for change in ("create_user", "update_user", "delete_user", "create_party", "update_party", "delete_party")
    },
    ("change_contact", "update_tag"): Fate("staff", "departments and members are read; member tags themselves are not used"),
    **{
        ("customer_acquisition", change): Fate("nobody", _LINKS)
        for change in (
            "balance_low",
            "balance_exhausted",
            "balance_increased",
            "quota_expire_soon",
            "link_unavailable",
            "delete_link",
            "open_profile",
            "friend_request",
            "message_from_customer",
        )
    },
    **{(event, ""): Fate("nobody", _KIND_OF_APP) for event in ("enter_agent", "subscribe", "unsubscribe", "LOCATION")},
    **{
        (event, ""): Fate("nobody", _MENU)
        for event in (
            "click",
            "view",
            "scancode_push",
            "scancode_waitmsg",
            "pic_sysphoto",
            "pic_photo_or_album",
            "pic_weixin",
            "location_select",
        )
    },
    **{(event, ""): Fate("nobody", _CARDS) for event in ("template_card_event", "template_card_menu_event", "taskcard_click")},
    ("batch_job_result", ""): Fate("nobody", "siyu never writes to the address book"),
    ("upload_media_job_finish", ""): Fate("nobody", "siyu hands files in itself and never has WeCom fetch them"),
    ("kf_msg_or_event", ""): Fate("nobody", "微信客服 is not taken in yet; the calls for it are in the client"),
    ("kf_account_auth_change", ""): Fate("nobody", "微信客服 is not taken in yet"),
    ("open_approval_change", ""): Fate("nobody", "approvals of WeCom have nothing to do with customers"),
    ("sys_approval_change", ""): Fate("nobody", "approvals of WeCom have nothing to do with customers"),
    **{
        (event, ""): Fate("nobody", "the doctor sees an app that is switched off, daily and when it is asked")
        for event in ("inactive_alert", "low_active_alert", "close_inactive_agent", "reopen_inactive_agent")
    },
    **{
        (kind, ""): Fate("nobody", "messages of members to the app: siyu answers none; those between members and customers never come here")
        for kind in ("text", "image", "voice", "video", "location", "link")
    },
}
"""Whatever is not listed is kept, acknowledged and named in the log: WeCom adds events without notice."""


def fate(event: Event) -> Fate | None:
    """What becomes of a callback; None for one that is not known."""
    if event.route == (DOCTOR_EVENT, ""):
        return Fate("nobody", "the doctor's own")
    return FATES.get(event.route if event.route[0] else (event.text("MsgType"), ""))
