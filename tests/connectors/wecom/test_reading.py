"""Answers as they might come one day: fields missing, new ones added, numbers as text. None of it is fatal."""

from collections.abc import Callable
from typing import Any

import pytest

from siyu.connectors.wecom import (
    AcquisitionLink,
    AcquisitionQuota,
    AlbumProduct,
    Bill,
    GroupWelcome,
    InterceptRule,
    ListedRule,
    MemberDetail,
    Merchant,
    Movement,
    ServiceAccount,
    ServiceCustomer,
    ServiceMessage,
    Servicer,
    UploadedMedia,
    UploadJob,
    Visitor,
)

READERS: list[tuple[Callable[[dict[str, Any]], Any], dict[str, Any]]] = [
    (AcquisitionLink.read, {"link": {}}),
    (AcquisitionQuota.read, {"quota_list": [{"expire_date": "1700000000", "balance": "3"}, {}]}),
    (AlbumProduct.read, {"product_id": "p", "price": "100", "attachments": [{"type": "hologram"}]}),
    (Bill.read, {"total_fee": "100", "refund_list": [{"refund_status": "9"}], "commodity_list": [{}]}),
    (GroupWelcome.read, {"hologram": {}}),
    (InterceptRule.read, {"intercept_type": "2", "semantics_list": ["1"]}),
    (ListedRule.read, {"rule_id": 7, "create_time": "1700000000"}),
    (MemberDetail.read, {"gender": "1"}),
    (Merchant.read, {"bind_status": "3"}),
    (Movement.read, {"timestamp": "1700000000", "fund_flow_type": "9"}),
    (ServiceAccount.read, {"open_kfid": "wk"}),
    (ServiceCustomer.read, {"external_userid": "wm"}),
    (ServiceMessage.read, {"msgtype": "hologram", "send_time": "1700000000", "origin": "5"}),
    (Servicer.read, {"department_id": "7", "status": "1"}),
    (UploadJob.read, {"status": "1"}),
    (Visitor.read, {}),
    (lambda row: UploadedMedia.read(row, "image"), {"media_id": 7, "created_at": 1700000000}),
]


@pytest.mark.parametrize(("read", "row"), READERS)
def test_nothing_in_an_answer_is_fatal(read: Callable[[dict[str, Any]], Any], row: dict[str, Any]) -> None:
    assert read({**row, "new_field": {"deep": [1]}, "another": None}) == read(row)


def test_what_is_told_is_read_whatever_its_spelling() -> None:
    assert InterceptRule.read({"extra_rule": {"semantics_list": [1]}}) == InterceptRule.read({"semantics_list": ["1"]})
    assert AcquisitionLink.read({"link": {"skip_verify": False}}) == AcquisitionLink.read({"link": {}, "skip_verify": False})
    assert UploadedMedia.read({"media_id": "m", "created_at": "1700000000"}, "file") == UploadedMedia.read(
        {"media_id": "m", "created_at": 1700000000, "type": "file"}, "image"
    )
    message = ServiceMessage.read({"msgtype": "event", "event": {"event_type": "enter_session", "open_kfid": "wk", "external_userid": "wm"}})
    assert (message.open_kfid, message.external_userid, message.event, message.text) == ("wk", "wm", "enter_session", "")
