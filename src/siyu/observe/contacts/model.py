"""Corps, the relations between their staff and customers, and how what WeCom says is folded into what we hold."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from siyu.connectors.wecom import Contact as Read
from siyu.connectors.wecom import ContactDetail
from siyu.events import Fact
from siyu.kernel.errors import Invalid, NotFound, Refusal
from siyu.kernel.ids import ContactId, CorpId, CustomerId, IdentityId, StaffId, TenantId
from siyu.kernel.text import without_nul
from siyu.observe.contacts import notes
from siyu.observe.contacts.notes import OtherTag

RelationState = Literal["active", "deleted_by_customer", "deleted_by_staff", "handed_over"]


class CorpNotFound(NotFound):
    """No such corp."""

    code = "corp.not_found"


class CorpTaken(Invalid):
    """This app of this corp is connected already."""

    code = "corp.taken"


class CorpInactive(Refusal):
    """This corp is switched off: nothing is read from it."""

    code = "corp.inactive"


class ReadElsewhere(Refusal):
    """Another app of the same corp, `name`, reads for both."""

    code = "corp.read_elsewhere"


class BadAddress(Invalid):
    """The address of the API is no http or https address."""

    code = "corp.bad_address"


class BadCallbackToken(Invalid):
    """A callback token has 1 to 32 letters and digits."""

    code = "corp.bad_callback_token"


class BadAesKey(Invalid):
    """An EncodingAESKey has exactly 43 letters and digits."""

    code = "corp.bad_aes_key"


UNLICENSED = (701008, 701099)
"""WeCom's codes for a member without a licence: only apps that a provider built need one."""
REFUSALS = 3
"""Wrong secrets in a row after which nobody asks for a token any more."""


@dataclass(frozen=True)
class Corp:
    """One app of one WeCom corp. `corp_id` is WeCom's own (ww…), `callback_key` the last part of our callback URL.

    `token_refusals`: wrong secrets in a row, the last answered by `token_refused_code`. Callback keys that were replaced open callbacks until `old_keys_until`.
    `address_verified_at`: when WeCom's check of our callback address was last answered.
    """

    tenant_id: TenantId
    id: CorpId
    corp_id: str
    agent_id: int
    name: str
    base_url: str
    callback_key: str
    active: bool
    synced_at: datetime | None
    token_refusals: int
    token_refused_code: int | None
    token_refused_at: datetime | None
    old_keys_until: datetime | None
    address_verified_at: datetime | None
    secret: str = field(repr=False)
    callback_token: str = field(repr=False)
    callback_aes_key: str = field(repr=False)
    old_callback_token: str | None = field(repr=False)
    old_callback_aes_key: str | None = field(repr=False)

    @property
    def stopped(self) -> bool:
        """Whether siyu asks for no token until somebody changes the secret or says "again"."""
        return self.token_refusals >= REFUSALS


@dataclass(frozen=True)
class Seen:
    """One relation as WeCom has just told it: what is compared with, and written over, what we hold.

    `company` and `mobiles` are what the member notes. `other_tags` is None when the reading does not tell them: only that of one customer does; a new
    relation is written without any then.
    """

    staff_id: StaffId
    external_userid: str
    name: str
    avatar: str
    gender: int
    unionid: str | None
    remark: str
    description: str
    add_way: int
    state: str
    tags: tuple[str, ...]
    added_at: datetime
    company: str = ""
    mobiles: tuple[str, ...] = field(default=(), repr=False)
    other_tags: tuple[OtherTag, ...] | None = ()

    @property
    def pair(self) -> tuple[StaffId, str]:
        return (self.staff_id, self.external_userid)


@dataclass(frozen=True)
class Contact:
    """One relation as we hold it. `ended_at` is None exactly while it is active; after `deleted_by_customer` the staff member still sees the customer."""

    id: ContactId
    identity_id: IdentityId
    seen: Seen
    relation: RelationState
    ended_at: datetime | None
    last_talked_at: datetime | None
    revision: int
    updated_at: datetime


@dataclass(frozen=True)
class Relation:
    """A relation as those need it who want to reach the customer."""

    contact_id: ContactId
    customer_id: CustomerId
    identity_id: IdentityId
    corp_id: str
    staff_id: StaffId
    userid: str
    staff_name: str
    external_userid: str
    relation: RelationState
    added_at: datetime
    ended_at: datetime | None
    last_talked_at: datetime | None
    add_way: int
    remark: str
    state: str
    tags: tuple[str, ...]


Side = Literal["customer", "staff"]


@dataclass(frozen=True)
class Face:
    """What WeCom knows of a person whichever member looks: nickname and gender."""

    name: str
    gender: Literal["man", "woman"] | None


HintKind = Literal["added", "assigned", "changed", "handed", "lost", "removed", "talked"]


@dataclass(frozen=True)
class Hint:
    """What a callback said that the API forgets: whose side ended the relation, and when. `userid` is the staff member's.

    `assigned` is no callback's: the customer of a member who has left waits for another no more.
    """

    kind: HintKind
    userid: str
    at: datetime

    def stored(self) -> dict[str, str]:
        return {"kind": self.kind, "userid": self.userid, "at": self.at.isoformat()}

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> "Hint":
        return cls(row["kind"], row["userid"], datetime.fromisoformat(row["at"]))


@dataclass(frozen=True)
class Refresh:
    """A customer whom callbacks made us look at again; `seq` grows with each callback, `attempts` counts from 1."""

    external_userid: str
    seq: int
    attempts: int
    hints: tuple[Hint, ...]


@dataclass(frozen=True)
class Welcome:
    """The right to say the first words to a new customer: one message, within 20 s of `at`. `code` is a credential. `state`: of the contact way, or empty.

    `at` is WeCom's instant, `received_at` our own: the two clocks may differ.
    """

    code: str = field(repr=False)
    userid: str
    external_userid: str
    state: str
    at: datetime
    received_at: datetime

    def stored(self) -> dict[str, str]:
        return {
            "code": self.code,
            "userid": self.userid,
            "external_userid": self.external_userid,
            "state": self.state,
            "at": self.at.isoformat(),
            "received_at": self.received_at.isoformat(),
        }

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> "Welcome":
        at, received_at = (datetime.fromisoformat(at) for at in (row["at"], row.get("received_at", row["at"])))
        return cls(row["code"], row["userid"], row["external_userid"], row["state"], at, received_at)


@dataclass(frozen=True)
class Letter:
    """A callback that was taken in and not read yet; `digest` is the SHA-256 of the app that got it and its body."""

    digest: bytes
    body: bytes
    received_at: datetime


@dataclass(frozen=True)
class Opened:
    """A letter after reading: what it was; `unreadable` and why, when it was nothing."""

    letter: Letter
    kind: str
    change: str


HINTS: Mapping[tuple[str, str], HintKind] = {
    ("change_external_contact", "add_external_contact"): "added",
    ("change_external_contact", "add_half_external_contact"): "changed",
    ("change_external_contact", "edit_external_contact"): "changed",
    ("change_external_contact", "del_external_contact"): "removed",
    ("change_external_contact", "del_follow_user"): "lost",
    ("change_external_contact", "msg_audit_approved"): "changed",
    ("customer_acquisition", "del_follow_user"): "lost",
    ("customer_acquisition", "customer_start_chat"): "talked",
}
"""Routes of callbacks that make us look at one customer again; a removal whose `Source` is HANDED is a customer handed on."""
HANDED = "DELETE_BY_TRANSFER"
HANDOVER_FAILED = ("change_external_contact", "transfer_fail")
HANDOVER_FAILURES: Mapping[str, Literal["refused", "full"]] = {"customer_refused": "refused", "customer_limit_exceed": "full"}
"""What WeCom's `FailReason` says."""


@dataclass(frozen=True)
class Added(Fact):
    """A staff member and a customer became friends; the event's time is WeCom's `createtime`."""

    name: ClassVar[str] = "contact.added"
    contact_id: ContactId
    staff_id: StaffId
    add_way: int
    state: str


@dataclass(frozen=True)
class Lost(Fact):
    """A relation ended. `by` says from whose side: `customer` or `staff`."""

    name: ClassVar[str] = "contact.lost"
    contact_id: ContactId
    staff_id: StaffId
    by: Side


@dataclass(frozen=True)
class HandedOver(Fact):
    """A relation ended because the customer was handed on to another member."""

    name: ClassVar[str] = "contact.handed_over"
    contact_id: ContactId
    staff_id: StaffId


@dataclass(frozen=True)
class HandoverFailed(Fact):
    """WeCom tells that a customer stays where they are. `staff_id`: who should have taken over."""

    name: ClassVar[str] = "contact.handover_failed"
    staff_id: StaffId
    reason: Literal["refused", "full"]


@dataclass(frozen=True)
class Changed(Fact):
    """Staff or customer edited something; `fields` names the columns."""

    name: ClassVar[str] = "contact.changed"
    contact_id: ContactId
    staff_id: StaffId
    fields: Sequence[str]


@dataclass(frozen=True)
class Change:
    """What a fold did to one relation: the row to write and what to say about it."""

    before: Contact | None
    after: Contact
    added: bool = False
    lost_by: Side | None = None
    handed: bool = False
    fields: tuple[str, ...] = ()


LOST: Collection[RelationState] = ("deleted_by_customer", "deleted_by_staff")
"""Relations that are losses."""
ASSIGNED = 202
"""WeCom's way of adding where an administrator gave the customer to the member."""
CLOCKS = timedelta(minutes=1)
"""So far may WeCom's instant of a handover lie behind the one at which the giver was found without the customer."""
_COMPARED = ("name", "avatar", "gender", "unionid", "remark", "description", "company", "mobiles", "add_way", "state", "tags", "other_tags", "added_at")


def seen(read: Read, staff_id: StaffId, *, alone: bool = False) -> Seen | None:
    """A row of the API as we compare it; None for a pair without a time of adding, which is no relation yet. Tags by id, in order; personal tags have none.

    `alone`: from the reading of one customer, which tells personal tags too and whose each tag is.
    """
    contact, follow = read.contact, read.follow
    if follow.created_at is None:
        return None
    return Seen(
        staff_id=staff_id,
        external_userid=contact.external_userid,
        name=without_nul(contact.name),
        avatar=without_nul(contact.avatar),
        gender=contact.gender if contact.gender in (1, 2) else 0,
        unionid=contact.unionid,
        remark=without_nul(follow.remark),
        description=without_nul(follow.description),
        add_way=follow.add_way,
        state=without_nul(follow.state),
        tags=tuple(sorted({tag.tag_id for tag in follow.tags if tag.tag_id})),
        added_at=follow.created_at,
        company=without_nul(follow.company),
        mobiles=tuple(without_nul(mobile) for mobile in follow.remark_mobiles),
        other_tags=notes.other_tags(follow.tags) if alone else None,
    )


def pairs(detail: ContactDetail) -> list[Read]:
    """One customer's relations, as rows of the batch call would give them."""
    return [Read(detail.contact, follow) for follow in detail.follows]


def lags(hints: Sequence[Hint], looked: Sequence[Read]) -> bool:
    """Whether WeCom's answer is older than what its callbacks told: somebody newly added is missing, or somebody removed is there as before."""
    added = {read.follow.userid: read.follow.created_at for read in looked}
    latest: dict[str, Hint] = {}
    for hint in sorted(hints, key=lambda hint: hint.at):
        if hint.kind in ("added", "handed", "removed"):
            latest[hint.userid] = hint
    return any(
        hint.userid not in added if hint.kind == "added" else (since := added.get(hint.userid)) is not None and since < hint.at for hint in latest.values()
    )


def fold(
    held: Contact | None, seen: Seen, *, id: ContactId, identity_id: IdentityId, lost_at: datetime | None, read_at: datetime, now: datetime
) -> Change | None:
    """Fold what WeCom lists into what we hold; None when nothing changes.

    WeCom goes on listing a pair whose customer has deleted the member, so only `lost_at` (told by a callback, or held from an earlier one) says so; it
    counts when it is not before the adding. What was read before the row last changed, or shows an earlier adding, is old and changes nothing.
    `id` and `identity_id` are used for a new row only.
    """
    if held is None:
        over = lost_at is not None and lost_at >= seen.added_at
        after = Contact(id, identity_id, seen, "deleted_by_customer" if over else "active", lost_at if over else None, None, 1, now)
        return Change(None, after, added=True, lost_by="customer" if over else None)
    if seen.other_tags is None:
        seen = replace(seen, other_tags=notes.kept(held.seen.other_tags or (), seen.tags))
    if seen.added_at < held.seen.added_at or held.updated_at > read_at:
        return lost(held, at=lost_at, now=now) if lost_at else None
    ends = [at for at in (lost_at, held.ended_at if held.relation == "deleted_by_customer" else None) if at is not None and at >= seen.added_at]
    ended_at = min(ends, default=None)
    relation: RelationState = "deleted_by_customer" if ended_at else "active"
    fields = tuple(name for name in _COMPARED if getattr(held.seen, name) != getattr(seen, name))
    if relation == held.relation and ended_at == held.ended_at and not fields:
        return None
    after = replace(held, seen=seen, relation=relation, ended_at=ended_at, revision=held.revision + 1, updated_at=now)
    return Change(
        held,
        after,
        added=seen.added_at > held.seen.added_at,
        lost_by="customer" if relation == "deleted_by_customer" and (held.relation, held.ended_at) != (relation, ended_at) else None,
        fields=fields if relation == held.relation or relation == "deleted_by_customer" else (*fields, "relation"),
    )


def gone(held: Contact, *, at: datetime, read_at: datetime, now: datetime, handed_on: bool = False) -> Change | None:
    """WeCom lists the pair no more: the customer was handed on, or else the staff member has deleted them; `at`: when, as far as known.

    Old readings change nothing.
    """
    if held.relation != "active" or held.updated_at > read_at:
        return None
    if handed_on:
        return handed(held, at=at, now=now)
    after = replace(held, relation="deleted_by_staff", ended_at=max(at, held.seen.added_at), revision=held.revision + 1, updated_at=now)
    return Change(held, after, lost_by="staff")


def handed(held: Contact, *, at: datetime, now: datetime) -> Change | None:
    """The customer was handed on to another member; a relation that a reading found gone meanwhile was not deleted by the staff member after all."""
    if held.relation not in ("active", "deleted_by_staff") or at < held.seen.added_at:
        return None
    after = replace(held, relation="handed_over", ended_at=at, revision=held.revision + 1, updated_at=now)
    return Change(held, after, handed=True)


def taken_over_at(given: Contact, others: Iterable[Seen], *, since: datetime) -> datetime | None:
    """When an administrator gave the customer of a relation that is gone to another member: what WeCom's own console does tells nobody, but stays in the
    taker's way of adding.

    `others`: who has the customer. What was given before `since`, or before the relation began, was somebody else's; after the end that we found nothing
    can be given any more.
    """
    until = given.ended_at and given.ended_at + CLOCKS
    begun = [one.added_at for one in others if one.add_way == ASSIGNED and one.staff_id != given.seen.staff_id]
    return max((at for at in begun if at >= since and at > given.seen.added_at and (until is None or at <= until)), default=None)


def returned(change: Change) -> bool:
    """Whether a loss came to an end by adding each other again. A relation that was only taken for lost had never ended."""
    before = change.before
    return before is not None and before.relation in LOST and change.after.seen.added_at > before.seen.added_at


def lost(held: Contact, *, at: datetime, now: datetime) -> Change | None:
    """The customer has deleted the member, as a callback or a failed send told us; news from before the adding is old.

    News that comes late is believed when the member deleted the customer only afterwards: the end that came first counts.
    """
    ended = held.ended_at if held.relation == "deleted_by_staff" else None
    if (held.relation != "active" and (ended is None or at >= ended)) or at < held.seen.added_at:
        return None
    after = replace(held, relation="deleted_by_customer", ended_at=at, revision=held.revision + 1, updated_at=now)
    return Change(held, after, lost_by="customer")


def joined(same: Sequence[Contact]) -> Contact:
    """What several apps of one corp hold of one pair, as one relation, under the oldest of their ids.

    The latest adding counts, and of the rows that know it the one that changed last; but an end from the customer's side, of which a callback told one of the
    apps only, counts wherever it is held, and of two ends the earlier.
    """
    latest = max(one.seen.added_at for one in same)
    last = max((one for one in same if one.seen.added_at == latest), key=lambda one: (one.updated_at, one.id))
    ends = [(one.ended_at, one.relation) for one in same if one.ended_at and one.ended_at >= latest and (one is last or one.relation == "deleted_by_customer")]
    ended_at, relation = min(ends, default=(last.ended_at, last.relation))
    return replace(
        last,
        id=min(one.id for one in same),
        relation=relation,
        ended_at=ended_at,
        last_talked_at=max((one.last_talked_at for one in same if one.last_talked_at), default=None),
        revision=max(one.revision for one in same) + 1,
    )


def retagged(held: Contact, add: Collection[str], remove: Collection[str], *, now: datetime) -> Change | None:
    """WeCom has put tags on a relation and taken others off for us, and calls nobody back."""
    tags = tuple(sorted({*held.seen.tags} - {*remove} | {*add}))
    if tags == held.seen.tags:
        return None
    after = replace(held, seen=replace(held.seen, tags=tags), revision=held.revision + 1, updated_at=now)
    return Change(held, after, fields=("tags",))
