"""Events as sentences for the timeline."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

Kind = Literal["order", "contact", "group", "message", "link", "consent", "customer"]
KINDS: Mapping[Kind, Sequence[str]] = {
    "order": ("order.paid", "order.changed", "order.cancelled", "order.refunded"),
    "contact": ("contact.added", "contact.changed", "contact.lost", "contact.handed_over"),
    "group": ("group.joined", "group.left"),
    "message": ("message.sent", "message.sent_elsewhere", "moment.liked", "moment.commented"),
    "link": ("link.opened",),
    "consent": ("consent.withdrawn", "consent.given"),
    "customer": ("customer.created", "customer.merged", "customer.separated"),
}
_FIELDS = {
    "name": ("昵称", "nickname"),
    "avatar": ("头像", "picture"),
    "gender": ("性别", "gender"),
    "unionid": ("unionid", "unionid"),
    "remark": ("备注", "remark"),
    "description": ("描述", "description"),
    "company": ("公司", "company"),
    "mobiles": ("备注手机号", "noted phones"),
    "other_tags": ("个人标签", "personal tags"),
    "add_way": ("添加方式", "way of adding"),
    "state": ("渠道", "channel"),
    "tags": ("标签", "tags"),
    "added_at": ("添加时间", "time of adding"),
}

_WAYS = {1: ("(同事邀请)", " (invited)"), 2: ("(邀请链接)", " (by an invitation link)"), 3: ("(扫群码)", " (by the group's code)")}
_ENDS = {
    "left": ("退出客户群", "Left the group"),
    "removed": ("被移出客户群", "Was removed from the group"),
    "dismissed": ("所在客户群已解散", "Was in a group that was dismissed:"),
    "unknown": ("已不在客户群", "Is no longer in the group"),
}


def sentence(name: str, props: Mapping[str, Any], staff: str | None = None) -> tuple[str, str]:
    """The event in Chinese and in English; its bare name when nobody worded it. `staff`: name of the member whom `props` tell of by id."""
    get = props.get
    member_zh, member_en = f"员工 {staff}" if staff else "员工", staff or "a member of staff"
    match name:
        case "order.paid":
            return (
                f"下单付款 {_yuan(get('amount'))}，{get('lines', 0)} 件商品(订单 {get('order_no', '')})",
                f"Paid {_yuan(get('amount'))} for {get('lines', 0)} lines (order {get('order_no', '')})",
            )
        case "order.refunded":
            return f"退款 {_yuan(get('amount'))}(退款单 {get('refund_no', '')})", f"Was refunded {_yuan(get('amount'))} (refund {get('refund_no', '')})"
        case "order.cancelled":
            return f"取消订单 {get('order_no', '')}", f"Cancelled order {get('order_no', '')}"
        case "order.changed":
            return f"订单 {get('order_no', '')} 变更为 {_yuan(get('amount'))}", f"Order {get('order_no', '')} changed to {_yuan(get('amount'))}"
        case "contact.added":
            return f"与{member_zh}成为好友", f"Became friends with {member_en}"
        case "contact.lost" if get("by") == "customer":
            return f"删除了{member_zh}", f"Deleted {member_en}"
        case "contact.lost":
            return f"被{member_zh}删除", f"Was deleted by {member_en}"
        case "contact.handed_over":
            return f"由{member_zh}转交给同事", f"Was handed on by {member_en}"
        case "contact.changed":
            changed = [_FIELDS.get(field, (field, field)) for field in get("fields") or ()]
            return f"好友资料变更:{'、'.join(zh for zh, _ in changed)}", f"Contact details changed: {', '.join(en for _, en in changed)}"
        case "group.joined":
            way_zh, way_en = _WAYS.get(get("way") or 0, ("", ""))
            return f"加入客户群「{get('group_name', '')}」{way_zh}", f"Joined the group “{get('group_name', '')}”{way_en}"
        case "group.left":
            end_zh, end_en = _ENDS.get(str(get("ended")), _ENDS["unknown"])
            return f"{end_zh}「{get('group_name', '')}」", f"{end_en} “{get('group_name', '')}”"
        case "link.opened":
            return "点开了链接", "Opened a link"
        case "message.sent":
            return f"{member_zh}发送了群发消息", f"Was sent a broadcast by {member_en}"
        case "message.sent_elsewhere":
            return f"{member_zh}在企业微信里群发了消息", f"Was sent a message by {member_en} from WeCom itself"
        case "moment.liked":
            return f"赞了{member_zh}的朋友圈", f"Liked a moment of {member_en}"
        case "moment.commented":
            return f"评论了{member_zh}的朋友圈", f"Commented on a moment of {member_en}"
        case "consent.withdrawn":
            return f"退订:{_reason(get('reason'))[0]}", f"Opted out: {_reason(get('reason'))[1]}"
        case "consent.given":
            return f"恢复接收:{_reason(get('reason'))[0]}", f"Opted in again: {_reason(get('reason'))[1]}"
        case "customer.created":
            return "建立客户档案", "Was seen for the first time"
        case "customer.merged":
            return "与另一份档案合并为同一客户", "Turned out to be the same person as another customer"
        case "customer.separated":
            return "从另一份档案中拆分", "Was separated from another customer"
        case _:
            return name, name


def _yuan(amount: Any) -> str:
    return f"¥{Decimal(str(amount or 0)):,.2f}"


def _reason(reason: Any) -> tuple[str, str]:
    known = {"deleted_us": ("删除了员工", "deleted a member of staff"), "added_again": ("重新添加了员工", "added a member of staff again")}
    return known.get(str(reason), (str(reason or "—"), str(reason or "—")))
