"""对外收款 over HTTP: bills, the merchant, movements of the account."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from siyu.connectors.wecom import Bill, Credentials, WeCom
from siyu.connectors.wecom.sandbox.settings import AppSettings
from tests.connectors.wecom.asking import a_payment
from tests.connectors.wecom.conftest import Build, Place
from tests.connectors.wecom.test_group_chats import code_of


def now(place: Place) -> datetime:
    return datetime.fromtimestamp(place.sandbox.clock.now(), UTC)


def bills(place: Place, **more: Any) -> list[Bill]:
    return list(place.client.bills(now(place) - timedelta(days=20), now(place), **more))


class TestBills:
    def test_what_a_customer_paid_is_told_to_the_fen(self, build: Build) -> None:
        place = build()
        member = place.busiest()
        numbers = a_payment(place, remark="到店自提")
        (bill,) = bills(place)
        assert (bill.transaction_id, bill.trade_no, bill.userid) == (numbers["transaction_id"], numbers["out_trade_no"], member)
        assert (bill.type, bill.trade_state, bill.fee_fen, bill.goods, bill.refunds) == (0, 1, 9900, (("定金", 9900),), ())
        assert (bill.external_userid, bill.remark, bill.paid_at) == (place.customers_of(member)[0], "到店自提", now(place))

    def test_an_order_of_the_shop_is_paid_once_by_its_lines(self, build: Build) -> None:
        place = build(scenario={"customer": {"orders_per_month": 30.0}, "shop": {"refund_rate": 1.0, "refund_median_hours": 1.0}})
        place.post("step", events=1)
        (order,) = place.get("books/orders")
        guide = place.client.contact(order["external_userid"]).follows[0].userid
        paid = a_payment(place, userid=guide, external_userid=order["external_userid"], order_no=order["order_no"])
        (bill,) = bills(place)
        assert bill.fee_fen == sum(fen for _, fen in bill.goods) == int(Decimal(order["amount"]) * 100) and bill.trade_no == paid["out_trade_no"]
        again = {"userid": guide, "external_userid": order["external_userid"], "order_no": order["order_no"]}
        assert place.control.post("/sandbox/payments", json=again).status_code == 409
        place.post("step", seconds=10 * 86_400)
        mine = [one for one in bills(place) if one.trade_no == paid["out_trade_no"]]
        assert [(one.type, one.trade_state, one.refunded_fen) for one in mine] == [(0, 3, bill.fee_fen), (1, 3, 0)]
        (refund,) = mine[0].refunds
        assert (refund.fee_fen, refund.status, refund.refund_no) == (bill.fee_fen, 2, mine[1].refund_no)

    def test_parts_go_back_up_to_the_whole(self, build: Build) -> None:
        place = build()
        number = a_payment(place)["out_trade_no"]
        assert place.post("payments/refunds", out_trade_no=number, amount_fen=900) == {"fee": 900}
        assert place.control.post("/sandbox/payments/refunds", json={"out_trade_no": number, "amount_fen": 9001}).status_code == 409
        assert place.post("payments/refunds", out_trade_no=number) == {"fee": 9000}
        assert [(one.type, one.fee_fen, one.refunded_fen) for one in bills(place) if one.type == 0] == [(0, 9900, 9900)]
        assert sorted(one.fee_fen for one in bills(place) if one.type == 1) == [900, 9000]

    def test_pages_and_payees(self, build: Build) -> None:
        place = build()
        made = []
        for _ in range(5):
            made.append(a_payment(place)["out_trade_no"])
            place.post("step", seconds=60)
        span = {"begin_time": int(now(place).timestamp()) - 3600, "end_time": int(now(place).timestamp())}
        paged: list[str] = []
        cursor = ""
        while not paged or cursor:
            answer = place.call("POST", "externalpay/get_bill_list", body={**span, "limit": 2, "cursor": cursor})
            paged += [row["out_trade_no"] for row in answer["bill_list"]]
            cursor = answer["next_cursor"]
        assert paged == made and bills(place, userid="owner") == [] and len(bills(place, userid=place.busiest())) == 5
        assert code_of(lambda: bills(place, userid="nobody")) == 660003

    def test_the_span_is_a_month(self, still: Place) -> None:
        end = int(now(still).timestamp())
        for body in ({}, {"begin_time": end - 32 * 86_400, "end_time": end}, {"begin_time": end, "end_time": end - 1}):
            assert still.call("POST", "externalpay/get_bill_list", body=body)["errcode"] == 40058
            assert still.call("POST", "externalpay/get_fund_flow", body=body)["errcode"] == 40058


class TestAccount:
    def test_the_merchant_is_known_by_number(self, still: Place) -> None:
        number = still.sandbox.corp.merchant
        merchant = still.client.merchant(number)
        assert (merchant.mch_id, merchant.department_ids) == (number, (1,)) and merchant.name
        assert code_of(still.client.merchant, "") == 660001 and code_of(still.client.merchant, "1") == 660006

    def test_a_collection_names_its_payments(self, still: Place) -> None:
        numbers = a_payment(still)
        assert still.client.trade_nos(numbers["payment_id"]) == [numbers["out_trade_no"]]
        assert code_of(still.client.trade_nos, "made-up") == 660012

    def test_movements_carry_the_balance(self, build: Build) -> None:
        place = build()
        number = a_payment(place)["out_trade_no"]
        place.post("step", seconds=60)
        a_payment(place, amount_fen=100)
        place.post("step", seconds=60)
        place.post("payments/refunds", out_trade_no=number, amount_fen=900)
        flow = list(place.client.fund_flow(now(place) - timedelta(days=1), now(place)))
        assert [(one.type, one.comes, one.amount_fen, one.balance_fen) for one in flow] == [
            (3, True, 9900, 9900),
            (3, True, 100, 10_000),
            (1, False, 900, 9100),
        ]
        later = list(place.client.fund_flow(now(place) - timedelta(seconds=30), now(place), mch_id=place.sandbox.corp.merchant))
        assert [one.balance_fen for one in later] == [9100]

    def test_only_who_may_read_it_does(self, build: Build) -> None:
        place = build(apps=(AppSettings(1, "a" * 43), AppSettings(2, "b" * 43, payments=False)))
        with WeCom(Credentials(place.address.corp_id, "b" * 43, 2), place.client._settings) as another:
            assert code_of(another.trade_nos, "x") == 48002

    def test_it_may_be_closed(self, build: Build) -> None:
        place = build(payments=False)
        assert code_of(place.client.trade_nos, "x") == 660013
