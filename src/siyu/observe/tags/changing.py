"""The job that changes the tag library at WeCom. Ours follows only after WeCom has said yes, by reading the library anew."""

from uuid import UUID

from siyu.connectors import wecom
from siyu.connectors.wecom import Action, NewTag
from siyu.infra.jobs import JobFailed, Work
from siyu.kernel.ids import CorpId
from siyu.observe import contacts
from siyu.observe.tags import model
from siyu.observe.tags.model import Added, Deleted, Renamed, Wish
from siyu.observe.tags.reading import sync

PASSING = (Action.RETRY, Action.TOKEN, Action.WAIT, Action.SLOW, Action.LATER)


def change(work: Work) -> None:
    """Do what somebody wished, then read the library. Done again after a crash it changes nothing more. Raises JobFailed with WeCom's refusal."""
    with work.transaction() as tx:
        corp = contacts.corp(tx, CorpId(UUID(work.params["corp_id"])))
    wish = model.wish(work.params["wish"])
    try:
        _act(contacts.client(corp), wish)
    except wecom.Refused as refused:
        if refused.action in PASSING or (isinstance(wish, Added) and refused.action is Action.DONE):  # somebody was faster: look again what is missing
            raise
        raise JobFailed(path=refused.path, code=refused.code, reason=refused.reason) from refused
    sync(work)


def _act(client: wecom.WeCom, wish: Wish) -> None:
    match wish:
        case Added():
            missing = model.missing(wish, client.corp_tags())
            if missing:
                client.add_corp_tags([NewTag(name) for name in missing], group_id=wish.group_id, group_name=wish.group_name)
        case Renamed():
            client.edit_corp_tag(wish.id, name=wish.name)
        case Deleted():
            try:
                client.delete_corp_tags(**{wish.kind: [wish.id]})
            except wecom.Refused as refused:
                if refused.action is not Action.SYNC:
                    raise
