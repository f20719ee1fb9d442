"""What the rest of the house knows and does for the gateway."""

from collections.abc import Collection, Mapping
from datetime import datetime

from siyu.access import staff
from siyu.act import words
from siyu.act.gateway.model.actions import Action, Content
from siyu.act.gateway.model.guards import Contact
from siyu.act.gateway.service.books import Link
from siyu.infra.tx import Tx
from siyu.kernel.ids import CallId, CustomerId
from siyu.observe import contacts, sends, tracking
from siyu.understand import consents


def ref(action: Action) -> str:
    """Under which name opens of an action's links are counted."""
    return f"send:{action.id}"


class Knowledge:
    """The house as it is: relations from contacts, what others sent from sends, who may send from staff, wishes from consents, links from tracking.

    Terms come from words.
    """

    def reaches(self, tx: Tx, customers: Collection[CustomerId]) -> Mapping[CustomerId, tuple[tuple[Contact, ...], bool]]:
        relations = contacts.relations_of(tx, customers)
        out = self.opted_out(tx, customers)
        hindered = staff.hindrances(tx, {it.staff_id for those in relations.values() for it in those})
        return {
            customer: (
                tuple(
                    Contact(
                        it.corp_id,
                        it.staff_id,
                        it.userid,
                        it.external_userid,
                        it.last_talked_at,
                        it.added_at,
                        it.identity_id,
                        hindered.get(it.staff_id),
                    )
                    for it in relations.get(customer, ())
                ),
                customer in out,
            )
            for customer in customers
        }

    def opted_out(self, tx: Tx, customers: Collection[CustomerId]) -> frozenset[CustomerId]:
        return frozenset(consents.opted_out(tx, customers))

    def reached_elsewhere(self, tx: Tx, customers: Collection[CustomerId], since: datetime) -> Mapping[CustomerId, int]:
        return sends.reached(tx, customers, since)

    def objected(self, tx: Tx, customers: Collection[CustomerId]) -> frozenset[CustomerId]:
        return frozenset(customer for customer, wish in consents.opted_out(tx, customers).items() if wish.reason != consents.DELETED_US)

    def link(self, tx: Tx, action: Action, call_id: CallId, corp_id: str) -> Link:
        corp = next((it.id for it in contacts.corps(tx) if it.corp_id == corp_id), None)
        made = tracking.create_link(tx, action.content.leads_to, ref=ref(action), corp_id=corp)
        return Link(made.url, made.code)

    def blocked_words(self, tx: Tx, content: Content) -> tuple[str, ...]:
        return words.blocked(content.text + ("\n" + content.card.title + "\n" + content.card.description if content.card else ""))

    def standing_changed(self, tx: Tx, corp_id: str) -> None:
        for corp in contacts.corps(tx):
            if corp.corp_id == corp_id and corp.active:
                contacts.request_examination(tx, corp.id)

    def not_friends(self, tx: Tx, corp_id: str, sender: str, lost: Mapping[str, datetime]) -> None:
        contacts.lost_by_customer(tx, corp_id, {(sender, external): at for external, at in lost.items()})
