import pytest

from siyu.observe.imports.model import mapping


class TestGuess:
    def test_knows_the_headings_of_the_west(self) -> None:
        headings = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
        row = ["536365", "85123A", "WHITE HANGING HEART", "6", "2010-12-01 08:26:00", "2.55", "17850", "United Kingdom"]
        found = {field: column for field, column in mapping.guess(headings, [row]).items() if column}
        assert found == {
            "order_no": "InvoiceNo",
            "sku": "StockCode",
            "product_name": "Description",
            "quantity": "Quantity",
            "paid_at": "InvoiceDate",
            "unit_price": "UnitPrice",
            "customer_no": "CustomerID",
            "country": "Country",
        }

    def test_knows_the_headings_of_chinese_shops(self) -> None:
        cells = {
            "主订单编号": "1",
            "订单付款时间": "2026-01-01 10:00",
            "宝贝标题": "茶",
            "商家编码": "T1",
            "购买数量": "1",
            "商品单价(元)": "10",
            "买家实付金额": "9.5",
            "买家会员名": "tb1",
            "收货人手机": "13800000000",
            "收货人姓名": "王",
            "收货城市": "杭州",
            "订单状态": "交易成功",
        }
        found = mapping.guess(list(cells), [list(cells.values())])
        assert {field: column for field, column in found.items() if column} == {
            "order_no": "主订单编号",
            "paid_at": "订单付款时间",
            "product_name": "宝贝标题",
            "sku": "商家编码",
            "quantity": "购买数量",
            "unit_price": "商品单价(元)",
            "amount": "买家实付金额",
            "customer_no": "买家会员名",
            "phone": "收货人手机",
            "customer_name": "收货人姓名",
            "city": "收货城市",
            "status": "订单状态",
        }

    def test_values_speak_against_a_heading_that_only_sounds_right(self) -> None:
        assert mapping.guess(["活动日期说明", "金额备注"], [["abc", "xyz"]])["paid_at"] is None
        assert mapping.guess(["活动日期说明", "金额备注"], [["abc", "xyz"]])["amount"] is None
        assert mapping.guess(["活动日期", "金额合计"], [["2026-01-01", "12"]])["amount"] == "金额合计"

    def test_a_lone_column_of_dates_is_when_it_was_paid(self) -> None:
        assert mapping.guess(["A", "when"], [["x", "2026-01-01"]])["paid_at"] == "when"


class TestComplete:
    def test_names_what_is_missing(self) -> None:
        with pytest.raises(mapping.MappingIncomplete) as refused:
            mapping.complete({"order_no": "a"}, ["a", "b"])
        assert refused.value.params["fields"] == ["paid_at", "amount", "sku"]

    def test_refuses_columns_that_are_not_there(self) -> None:
        with pytest.raises(mapping.UnknownColumn):
            mapping.complete({"order_no": "z", "nonsense": "a"}, ["a"])


def test_day_first_is_told_by_a_day_above_twelve() -> None:
    assert mapping.day_first(["1/2/2010", "13/2/2010"])
    assert not mapping.day_first(["1/2/2010", "2/13/2010"])
    assert not mapping.day_first(["2010-13-01", "1/2/2010"])
