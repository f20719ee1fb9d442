"""What lift lends the app."""

from siyu.infra.wiring import Capability, Metric
from siyu.measure.lift.api import routes

capability = Capability(
    name="lift",
    routers=[routes],
    metrics=[
        Metric(
            "lift.margin_per_customer",
            "人均毛利增量",
            "Lift in margin per customer",
            "fen",
            "观察期内触达组与对照组人均毛利之差(按分组、不按是否送达计)；毛利=商品行金额−成本，扣除退款，无成本时按品牌毛利率假定；"
            "截尾 99.5%，用活动前同长时段校正(CUPED)，Welch 95% 区间，期满只读一次",
            "Difference of margin per customer between treated and holdout by intention to treat, over the horizon; margin is line amounts less unit cost, net "
            "of refunds, at the brand's assumed rate where no cost is known; cut at the 99.5 % quantile, adjusted by an equally long time before (CUPED), "
            "Welch's 95 % interval, read once at the end",
        ),
        Metric(
            "lift.smallest_provable",
            "最小可证实增量",
            "Smallest provable lift",
            "fen",
            "在 80% 把握、双侧 5% 显著性下，这样的人数能证实的最小人均毛利差",
            "Smallest difference in margin per customer that this many people would show with 80 % power, two-sided 5 %",
        ),
    ],
)
