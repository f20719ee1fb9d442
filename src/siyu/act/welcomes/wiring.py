"""What welcome messages lend the app."""

from siyu.act.welcomes import service
from siyu.act.welcomes.api import routes
from siyu.infra.jobs import Job
from siyu.infra.wiring import Capability, Metric, Permission, PersonalColumn
from siyu.observe import contacts

SEND = Job("welcomes.send", service.send, urgent=True)
contacts.greet_with(SEND.kind)

capability = Capability(
    name="welcomes",
    routers=[routes],
    jobs=[SEND],
    permissions=[
        Permission("welcomes.read", "查看欢迎语", "See welcome messages", roles=("operator", "supervisor", "analyst", "admin")),
        Permission("welcomes.write", "编写和停用欢迎语", "Write welcome messages and switch them off", roles=("operator", "admin")),
    ],
    personal=[PersonalColumn("greetings", "external_userid", "identifier", erase="row")],
    metrics=[
        Metric(
            "welcome.sent",
            "欢迎语已发送",
            "Welcomed",
            "count",
            "近 30 天添加员工、企业微信给了欢迎码，且企业微信接受了我们欢迎语的次数；同一客户添加两位员工计两次",
            "Times in 30 days that WeCom gave a welcome code and took our message for it; a customer who adds two members counts twice",
        ),
        Metric(
            "welcome.seconds",
            "欢迎语用时",
            "Seconds to the welcome",
            "seconds",
            "从企业微信的添加事件(整秒)到我们发完欢迎语的秒数，只算已发送的；显示中位数与第 99 百分位",
            "From the event (in whole seconds) to our answer, of those sent; shown as median and 99th percentile",
        ),
    ],
)
