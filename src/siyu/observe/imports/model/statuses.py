"""How shops word the state of an order."""

from typing import Literal, TypeAlias

State: TypeAlias = Literal["paid", "cancelled", "refunded", "unpaid"]

_WORDS: dict[State, str] = {
    "refunded": "已退款 退款成功 全额退款 退款完成 退货退款 已退货 refunded returned refund",
    "cancelled": "已取消 取消 交易取消 订单取消 已作废 作废 cancelled canceled voided void",
    "unpaid": "待付款 未付款 待支付 未支付 等待买家付款 交易关闭 已关闭 关闭 unpaid pending awaitingpayment closed expired",
    "paid": """已付款 已支付 支付成功 付款成功 待发货 买家已付款 等待卖家发货 已发货 卖家已发货 部分发货 待收货 已收货 已签收 已完成 完成
        交易成功 交易完成 成功 正常
        paid completed complete success succeeded shipped delivered fulfilled processing ok""",
}
_STATES: dict[str, State] = {word: state for state, words in _WORDS.items() for word in words.split()}


def read(text: str) -> State | None:
    """The state that a cell tells; an empty cell is paid, None an unknown word. A closed deal (交易关闭) was never paid."""
    bare = "".join(text.lower().split()).replace("_", "").replace("-", "")
    return _STATES.get(bare) if bare else "paid"
