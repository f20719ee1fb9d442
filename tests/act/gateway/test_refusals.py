"""A token dies, the address is trusted no more, a right is gone, a rate is met, all between two calls: the corp rests, nobody is lost, it goes on by itself."""

import pytest

from siyu.act import gateway
from siyu.act.gateway.wiring import capability
from tests.act.gateway.conftest import House

pytestmark = pytest.mark.slow
CREATE = "externalcontact/add_msg_template"
KINDS = {
    "token_refused": ("40014", 2),
    "code": ("42001", 2),
    "ip_refused": ("60020", 1),
    "forbidden": ("48002", 1),
    "rate_limited": ("45009", 1),
}
"""Fault → WeCom's code, and requests of one call: with another token it is tried once more."""


def met(house: House, id: int) -> int:
    return next(int(one["met"]) for one in house.place.get("faults")["faults"] if one["id"] == id)


def rests(house: House) -> list[tuple[str, float]]:
    """Codes of the corps that wait, with the seconds from now until they may go on."""
    with house.tx() as tx:
        now = tx.execute("select clock_timestamp()").scalar_one()
        return [(pause.code, (pause.until - now).total_seconds()) for pause in gateway.pauses(tx)]


def let_pass(house: House, seconds: float) -> None:
    """So much machine time goes by for whatever waits, and the schedule comes round."""
    with house.tx() as tx:
        past = {"seconds": seconds}
        tx.execute("update send_corps set paused_until = paused_until - make_interval(secs => :seconds) where tenant_id = :tenant_id", past)
        tx.execute("update send_calls set retry_at = retry_at - make_interval(secs => :seconds) where tenant_id = :tenant_id", past)
    house.work("gateway.tick")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_corp_rests_and_goes_on_by_itself(house: House, kind: str) -> None:
    code, requests = KINDS[kind]
    people = house.customers()
    counter = house.place.fault("slow", CREATE, count=None, probability=0)
    fault = house.place.fault(kind, CREATE, count=None, probability=0.25, code=int(code), seconds=0)
    campaign = house.ask(people)
    reached, asked = set(house.standing()), met(house, counter)
    assert 0 < len(reached) < len(people)  # in the midst of it
    ((told, seconds),) = rests(house)  # at once, for the page to show
    assert told == code and seconds <= 60
    house.place.control.delete("/sandbox/faults", params={"id": fault})
    fault = house.place.fault(kind, CREATE, count=None, code=int(code), seconds=0)
    for _ in range(3):
        house.work("gateway.tick")
    assert met(house, counter) == asked  # not one call while it rests

    let_pass(house, seconds)
    assert met(house, counter) == asked + requests  # one look, and it rests again
    assert set(house.standing()) == reached
    house.place.control.delete("/sandbox/faults", params={"id": fault})
    ((_, seconds),) = rests(house)
    let_pass(house, seconds)
    while house.tally(campaign) != {"task": len(people)}:
        assert rests(house) == []
        let_pass(house, 2)  # calls that wait for one with the same sender and words
    assert sorted(house.standing()) == sorted({one["external_userid"] for send in house.sends() for one in send["recipients"]})
    assert set(house.standing().values()) == {1} and len(house.standing()) == len(people)
    (every,) = (schedule.every_seconds for schedule in capability.schedules if schedule.job == "gateway.tick")
    assert every is not None and (kind == "rate_limited" or seconds + every <= 60)
