"""Corps, staff and contacts for tests: say only what matters."""

from collections.abc import Iterator

import pytest

from siyu.access import staff
from siyu.infra.secrets import Secrets
from siyu.infra.tx import Tx
from siyu.observe import contacts
from siyu.observe.contacts import Corp
from tests.connectors.wecom.neighbours import IMPATIENT
from tests.crowd import crowd, living
from tests.observe.contacts.scene import AES_KEY, TOKEN, scene

__all__ = ["AES_KEY", "TOKEN", "crowd", "living", "scene"]

SEALING = Secrets({"k1": b"k" * 32})


@pytest.fixture(autouse=True)
def keys() -> Iterator[None]:
    """Corps' secrets are sealed under a key of the tests' own."""
    contacts.use(keys=SEALING, budget=IMPATIENT)
    yield
    contacts.use()


def a_corp(tx: Tx, corp_id: str = "ww1", *, members: tuple[str, ...] = (), base_url: str = "http://127.0.0.1:9", secret: str = "s3cret") -> Corp:
    """A connected corp with these members in its root department."""
    corp = contacts.connect(
        tx, corp_id=corp_id, agent_id=1000002, name="品牌", base_url=base_url, secret=secret, callback_token=TOKEN, callback_aes_key=AES_KEY
    )
    staff.departments_upsert(tx, corp_id, [staff.DepartmentRecord(1, "品牌")])
    staff.upsert(tx, corp_id, [staff.MemberRecord(userid, userid, departments=[1]) for userid in members])
    return corp
