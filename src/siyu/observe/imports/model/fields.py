"""What a column of a file of orders may mean."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal


@dataclass(frozen=True)
class Field:
    """One meaning. `headings`: how files name it, in plain form (see `mapping.plain`), the surest first."""

    field: str
    zh: str
    en: str
    kind: Literal["id", "text", "number", "instant"]
    headings: str
    required: bool = False

    @cached_property
    def aliases(self) -> tuple[str, ...]:
        return tuple(self.headings.split())


FIELDS: tuple[Field, ...] = (
    Field(
        "order_no",
        "订单号",
        "Order number",
        "id",
        """订单号 订单编号 主订单编号 主订单号 订单id 交易号 交易编号 单号 小票号
        orderno ordernumber orderid invoiceno invoicenumber invoice order transactionid receiptno name""",
        required=True,
    ),
    Field(
        "paid_at",
        "付款时间",
        "Paid at",
        "instant",
        """付款时间 支付时间 订单付款时间 订单支付时间 买家付款时间 成交时间 交易时间 下单时间 订单创建时间 创建时间 销售日期 日期 时间
        paidat paymenttime paymentdate paidtime invoicedate orderdate ordertime transactiondate createdat date time""",
        required=True,
    ),
    Field(
        "sku",
        "商品编码",
        "SKU",
        "id",
        """sku 商品编码 sku编码 商家编码 商品货号 货号 商品id 商品编号 skuid 条码 商品条码 款号
        stockcode skucode productcode itemcode productid itemid lineitemsku barcode""",
    ),
    Field(
        "product_name",
        "商品名称",
        "Product name",
        "text",
        """商品名称 商品标题 宝贝标题 宝贝名称 品名 产品名称 商品
        productname description producttitle itemname product title item lineitemname""",
    ),
    Field("quantity", "数量", "Quantity", "number", "数量 商品数量 购买数量 宝贝数量 件数 销售数量 quantity qty units lineitemquantity count"),
    Field("unit_price", "单价", "Unit price", "number", "单价 商品单价 销售单价 成交单价 商品价格 价格 售价 unitprice price itemprice lineitemprice"),
    Field(
        "amount",
        "金额",
        "Line amount",
        "number",
        """实付金额 实收金额 买家实付金额 买家实际支付金额 商品实付金额 实付款 实收 小计 商品金额 金额 成交金额 销售额 支付金额
        lineamount linetotal amount subtotal paidamount sales revenue total""",
    ),
    Field("unit_cost", "单位成本", "Unit cost", "number", "单位成本 成本价 成本单价 进价 采购价 成本 unitcost cost costprice cogs"),
    Field(
        "customer_no",
        "客户编号",
        "Customer number",
        "id",
        """客户编号 会员号 会员编号 会员卡号 会员id 客户号 客户id 顾客编号 买家id 用户id 买家会员名 会员名 买家昵称 买家账号
        customerno customernumber customerid memberno memberid userid buyerid clientid customer member user""",
    ),
    Field("unionid", "微信 unionid", "WeChat unionid", "id", "unionid 微信unionid wxunionid wechatunionid"),
    Field(
        "phone",
        "手机号",
        "Phone",
        "id",
        """手机号 手机 手机号码 收货人手机 收货人手机号 收件人手机 会员手机号 联系手机 联系电话 电话
        phone mobile phonenumber mobilephone tel telephone customerphone""",
    ),
    Field(
        "customer_name",
        "客户姓名",
        "Customer name",
        "text",
        "客户姓名 姓名 客户名称 会员姓名 收货人 收货人姓名 收件人 客户 customername buyername fullname membername consignee",
    ),
    Field("city", "城市", "City", "text", "城市 收货城市 收件城市 所在城市 市 city shippingcity town"),
    Field("province", "省份", "Province", "text", "省份 省 收货省份 收件省份 所在省份 省自治区 province state shippingprovince region"),
    Field("country", "国家", "Country", "text", "国家 国家地区 country shippingcountry countryregion"),
    Field("status", "订单状态", "Order status", "text", "订单状态 交易状态 状态 orderstatus status financialstatus paymentstatus"),
    Field(
        "refund_of",
        "原订单号(退款行)",
        "Refund of order",
        "id",
        """原订单号 原订单编号 原单号 退款订单号 退货原单号 关联订单号
        refundof originalorder originalorderno originalinvoice parentorder""",
    ),
)
BY_NAME = {field.field: field for field in FIELDS}
