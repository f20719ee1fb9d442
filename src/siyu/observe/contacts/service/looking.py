"""Asking WeCom about one customer alone, because somebody looks at them: only that tells personal tags and whose each tag is."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId
from siyu.observe.contacts import store
from siyu.observe.contacts.model import Relation
from siyu.observe.contacts.service.connecting import readers
from siyu.observe.contacts.service.tagging import look_again

FRESH = timedelta(hours=1)
"""So long nobody is asked about again for being looked at."""


def looked_at(tx: Tx, relations: Sequence[Relation]) -> dict[str, datetime]:
    """When WeCom was last asked about the customers of these relations, by external_userid; those who never were are missing."""
    found: dict[str, datetime] = {}
    for app, userids in _people(tx, relations).items():
        found |= store.looked_at(tx, app, list(userids))
    return found


def look_at(tx: Tx, relations: Sequence[Relation]) -> bool:
    """Have the customers of these relations read anew, but for those who were within the hour; whether anybody is."""
    asked = False
    for app, userids in _people(tx, relations).items():
        known = store.looked_at(tx, app, list(userids))
        stale = [(userid, external) for external, userid in userids.items() if external not in known or known[external] <= tx.now - FRESH]
        look_again(tx, app, stale)
        asked = asked or bool(stale)
    return asked


def _people(tx: Tx, relations: Sequence[Relation]) -> dict[CorpId, dict[str, str]]:
    """By the app that reads: external_userid → the userid of somebody who has the customer. Corps that are switched off are left out."""
    apps = {corp.corp_id: corp.id for corp in readers(tx)}
    found: dict[CorpId, dict[str, str]] = defaultdict(dict)
    for one in relations:
        if one.relation == "active" and one.corp_id in apps:
            found[apps[one.corp_id]][one.external_userid] = one.userid
    return found
