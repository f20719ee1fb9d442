"""What can be wrong with a row, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot be taken, or what is to be said of one that is.

    `row` counts as a spreadsheet does (the heading is row 1); `column` is the file's heading, None for the row as a whole.
    """

    row: int
    code: str
    column: str | None = None
    value: str | None = None
    params: Mapping[str, str | int] = field(default_factory=dict)


WORDS: Mapping[str, tuple[str, str]] = {
    "missing_order_no": ("缺少订单号", "The order number is missing"),
    "missing_date": ("缺少付款时间", "The time of payment is missing"),
    "missing_customer": ("没有客户标识(客户编号、unionid 或手机号)", "Nothing says who bought (customer number, unionid or phone)"),
    "missing_product": ("没有商品编码和名称", "Neither product code nor name is given"),
    "missing_number": ("缺少数字", "A number is missing"),
    "formula_error": (
        "单元格是表格公式的错误值 {value}，请改成真实内容",
        "The cell holds {value}, which a spreadsheet shows where a formula failed; put the real value there",
    ),
    "number_spoilt": (
        "“{value}”是表格软件改成的科学计数，原号已丢失；请从原系统重新导出，并在表格软件里把该列设为文本",
        "A spreadsheet has turned the number into “{value}” and its digits are lost; export it anew, and make the column text before opening it",
    ),
    "bad_number": ("“{value}”不是数字，或整数部分超过 18 位", "“{value}” is no number, or has more than 18 digits before the point"),
    "bad_date": ("“{value}”不是可识别的日期或时间", "“{value}” is not a date or time"),
    "future_date": ("付款时间在未来", "The time of payment lies in the future"),
    "too_early": ("付款时间早于 2000 年", "The time of payment is before 2000"),
    "negative_quantity": ("数量不大于 0，且不是退款行", "The quantity is not above 0, and the row is no refund"),
    "negative_amount": ("价格或金额为负，且不是退款行", "A price or amount is negative, and the row is no refund"),
    "absurd_amount": ("金额超过单行上限 {limit}", "The amount is above the limit of {limit} a line"),
    "conflicting_buyer": ("同一订单出现不同的客户:{values}", "One order names several customers: {values}"),
    "conflicting_status": ("同一订单的状态互相矛盾:{values}", "One order has contradicting states: {values}"),
    "conflicting_refund": ("同一退款单指向不同的原订单:{values}", "One refund names several orders: {values}"),
    "unknown_status": ("不认识的订单状态“{value}”", "The order status “{value}” is not known"),
    "not_paid": ("订单尚未付款，不导入", "The order is not paid yet, so it is left out"),
    "too_many_lines": ("一个订单超过 {limit} 行", "The order has more than {limit} lines"),
    "too_long": ("文本超过 {limit} 个字符", "The text is longer than {limit} characters"),
    "extra_cells": ("单元格比表头多，可能是分隔符或引号有误", "The row has more cells than headings: look for a stray delimiter or quote"),
    "order_incomplete": ("同一订单的第 {row} 行有问题，整单未导入", "Row {row} of the same order has a problem, so the order is left out whole"),
    "rounded": ("“{value}”超过 {limit} 位小数，已取 {kept}", "“{value}” has more than {limit} decimals and is taken as {kept}"),
    "refunded_more": (
        "订单 {order_no} 合计退款 {refunded}，超过订单金额 {amount}；退款照记",
        "Refunds of order {order_no} add up to {refunded}, more than its amount of {amount}; they are kept as told",
    ),
    "returned_more": (
        "退回的 {quantity} 件“{value}”中有 {over} 件此前没有买过；退款照记，超出部分不冲抵任何订单",
        "{over} of the {quantity} pieces of “{value}” given back were not bought before; the refund is kept, that part is taken off no order",
    ),
}


def sentence(code: str, params: Mapping[str, str | int], value: str | None, language: str) -> str:
    """The problem as a sentence in `zh-CN` or `en-US`."""
    zh, en = WORDS[code]
    return (zh if language.startswith("zh") else en).format_map({"value": value or "", **params})
