"""Events as sentences for the timeline."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def _yuan(amount: Any) -> str:
    return f"¥{Decimal(str(amount)):,.2f}"


def sentence(name: str, props: Mapping[str, Any]) -> tuple[str, str]:
    """The event in Chinese and in English; its bare name when nobody worded it."""
    get = props.get
    match name:
        case "order.paid":
            return (
                f"下单付款 {_yuan(get('amount', 0))},{get('lines', 0)} 件商品行(订单 {get('order_no', '')})",
                f"Paid {_yuan(get('amount', 0))} for {get('lines', 0)} lines (order {get('order_no', '')})",
            )
        case "order.refunded":
            return f"退款 {_yuan(get('amount', 0))}({get('refund_no', '')})", f"Refunded {_yuan(get('amount', 0))} ({get('refund_no', '')})"
        case "order.cancelled":
            return f"取消订单 {get('order_no', '')}", f"Cancelled order {get('order_no', '')}"
        case "order.changed":
            return f"订单 {get('order_no', '')} 有变更", f"Order {get('order_no', '')} changed"
        case "contact.added":
            return "与员工成为好友", "Became friends with a member of staff"
        case "contact.lost":
            by_customer = "customer" in str(get("by", ""))
            return ("客户删除了员工", "Deleted the member of staff") if by_customer else ("员工删除了客户", "Was deleted by the member of staff")
        case "contact.changed":
            return "好友资料有变更", "Contact details changed"
        case "link.opened":
            return "点开了链接", "Opened a link"
        case "message.planned":
            return "列入群发", "Planned for a broadcast"
        case "message.sent":
            return "员工已发送群发消息", "Was sent a broadcast by staff"
        case "message.skipped":
            return f"未发送:{get('reason', '')}", f"Not sent: {get('reason', '')}"
        case "consent.withdrawn":
            return "已退订营销消息", "Opted out of marketing"
        case "consent.given":
            return "恢复接收营销消息", "Opted in again"
        case _:
            return name, name
