"""Answers are read for what they hold: missing and unknown fields and numbers as text are no fault."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from siyu.connectors.wecom import (
    Behaviour,
    FailedGroup,
    GroupFigures,
    HandoverResult,
    ListedMember,
    Moment,
    MomentJob,
    MomentReaction,
    MomentTask,
    StartedHandover,
    UnassignedCustomer,
)

AT = datetime(2026, 3, 2, 2, 6, 2, tzinfo=UTC)
STAMP = str(int(AT.timestamp()))


@pytest.mark.parametrize(
    ("read", "row", "expected"),
    [
        (Behaviour.read, {"reply_percentage": "80.25", "new_contact_cnt": "3"}, Behaviour(None, 0, 3, 0, 0, Decimal("80.25"), None, 0)),
        (FailedGroup.read, {"chat_id": "wr1"}, FailedGroup("wr1", 0, "")),
        (GroupFigures.read, {"msg_total": "7"}, GroupFigures(0, 0, 0, 0, 0, 0, 7)),
        (HandoverResult.read, {"external_userid": "wm1", "status": 9, "takeover_time": STAMP}, HandoverResult("wm1", 9, AT)),
        (ListedMember.read, {"userid": "u"}, ListedMember("u", "", ())),
        (Moment.read, {"moment_id": "m", "create_time": STAMP}, Moment("m", None, AT, 0, False, "", (), "", None)),
        (MomentJob.read, {"status": "2"}, MomentJob(2, "", 0, "", (), (), ())),
        (MomentReaction.read, {"userid": "u", "create_time": 0}, MomentReaction("", "u", None)),
        (MomentTask.read, {"userid": "u", "publish_status": "1"}, MomentTask("u", True)),
        (StartedHandover.read, {"external_userid": "wm1"}, StartedHandover("wm1", 0)),
        (UnassignedCustomer.read, {"handover_userid": "u", "external_userid": "wm1"}, UnassignedCustomer("u", "wm1", None)),
    ],
)
def test_what_is_there_is_read_and_the_rest_left(read: Callable[[Any], Any], row: dict[str, Any], expected: Any) -> None:
    assert read({**row, "field_of_tomorrow": {"deep": [1]}}) == expected
