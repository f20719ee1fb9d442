"""The phones that members note of customers: sealed, one text a relation, empty without any."""

import json
from collections.abc import Sequence

from siyu.kernel.ids import ContactId
from siyu.observe.contacts import clients


def sealed(id: ContactId, mobiles: Sequence[str]) -> str:
    """The phones noted on a relation, as its row keeps them."""
    return clients.keyring().encrypt(json.dumps(mobiles), context=_context(id)) if mobiles else ""


def opened(id: ContactId, text: str) -> tuple[str, ...]:
    """What `sealed` was given. Raises SecretUnreadable for another relation's text or a key that is not here."""
    return tuple(json.loads(clients.keyring().decrypt(text, context=_context(id)))) if text else ()


def _context(id: ContactId) -> str:
    return f"contacts.mobiles:{id}"
