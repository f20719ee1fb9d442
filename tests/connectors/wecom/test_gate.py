"""Wrong secrets: counted by whoever holds the gate, and no call goes out while it is shut."""

import pytest

from siyu.connectors.wecom import Action, ClientSettings, Credentials, Refused, Stopped, WeCom
from tests.connectors.wecom.conftest import Place


class Counting:
    """A gate that shuts after two wrong secrets."""

    def __init__(self) -> None:
        self.heard: list[int] = []

    def enter(self) -> None:
        if len(self.heard) >= 2:
            raise Stopped("gettoken", self.heard[-1])

    def passed(self) -> None:
        self.heard.clear()

    def refused(self, code: int) -> None:
        self.heard.append(code)


def stranger(place: Place, gate: Counting, *, secret: str = "wrong") -> WeCom:
    return WeCom(Credentials(place.address.corp_id, secret, place.address.agent_id), ClientSettings(base_url=place.address.url, read_tries=1), gate=gate)


def asked(place: Place) -> int:
    """How many calls for a token have met the fault that counts them."""
    return int(place.get("faults")["faults"][0]["met"])


class TestGate:
    def test_wrong_secrets_shut_it_and_nothing_goes_out_any_more(self, place: Place) -> None:
        place.fault("slow", "gettoken", count=None, seconds=0)
        gate = Counting()
        with stranger(place, gate) as client:
            for _ in range(2):
                with pytest.raises(Refused) as refused:
                    client.follow_users()
                assert refused.value.code == 40001
            for _ in range(3):
                with pytest.raises(Stopped) as stopped:
                    client.follow_users()
        assert (stopped.value.code, stopped.value.action) == (40001, Action.CONFIG)
        assert asked(place) == 2

    def test_a_right_secret_opens_it_again(self, place: Place) -> None:
        gate = Counting()
        gate.refused(40001)
        with stranger(place, gate, secret=place.address.secret) as client:
            assert client.follow_users()
        assert gate.heard == []

    def test_an_address_that_is_not_trusted_is_no_wrong_secret(self, place: Place) -> None:
        place.fault("ip_refused", "gettoken", count=None)
        gate = Counting()
        with stranger(place, gate) as client, pytest.raises(Refused):
            client.follow_users()
        assert gate.heard == []
