"""The brand's past, made from public data: UCI Online Retail (Chen, Sain & Guo 2012, CC BY 4.0), shifted by whole weeks, products in Chinese.

Amounts are taken as yuan, figure for figure. Lines without a customer are left out: nobody could be known by them.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from siyu.kernel.errors import Refusal

ZONE = ZoneInfo("Asia/Shanghai")
LAST_LINE = datetime(2011, 12, 9, 12, 50)  # noqa: DTZ001 (the shop's wall clock)
SHOP = "online"


class DataMissing(Refusal):
    """The demo's data lies in the repository's data/ folder, which is not here."""

    code = "demo.data_missing"


@dataclass(frozen=True)
class Brand:
    """Files of the brand, and by how many weeks its past was moved."""

    orders: Path
    population: Path
    weeks: int


def data_folder() -> Path:
    """The repository's data, or what a wheel carries of it. Raises DataMissing."""
    package = Path(__file__).resolve().parents[2]
    for folder in (package / "_data", package.parents[1] / "data"):
        if (folder / "online_retail" / "online_retail.parquet").exists():
            return folder
    raise DataMissing(looked_in=str(package.parents[1] / "data"))


def weeks_until(now: datetime) -> int:
    """By how many whole weeks the data moves so that its last line falls into the week before `now`."""
    return (now.astimezone(ZONE).replace(tzinfo=None) - LAST_LINE) // timedelta(weeks=1)


def unionid(customer_no: int) -> str:
    """What WeChat calls this person for the brand: the shop sends it with each order, and WeCom returns it for the contact."""
    return "o" + hashlib.sha256(f"demo:{customer_no}".encode()).hexdigest()[:27]


def make(folder: Path, now: datetime, *, people: int | None = None) -> Brand:
    """Write the shop's export and the town's population; the same files for the same week. `people`: only so many customers, spread over all."""
    folder.mkdir(parents=True, exist_ok=True)
    data = data_folder()
    weeks = weeks_until(now)
    brand = Brand(folder / f"orders-{weeks}.csv", folder / f"population-{weeks}.csv", weeks)
    with duckdb.connect() as db:
        db.execute("create table line as select * from read_parquet(?) where CustomerID is not null", [str(data / "online_retail" / "online_retail.parquet")])
        if people is not None:
            db.execute("delete from line where CustomerID not in (select CustomerID from line group by CustomerID order by hash(CustomerID) limit ?)", [people])
        db.execute("create table product as select * from read_csv(?, all_varchar = true)", [str(data / "town" / "products_zh.csv")])
        db.create_function("unionid", unionid, [duckdb.sqltype("bigint")], duckdb.sqltype("varchar"))
        db.execute("create table person as select distinct CustomerID as no, unionid(CustomerID::bigint) as unionid from line")
        db.execute(f"update line set InvoiceDate = InvoiceDate + interval '{weeks} weeks'")  # noqa: S608 (a whole number)
        db.execute(
            f"""
            copy (
                select InvoiceNo as 订单号, strftime(InvoiceDate, '%Y-%m-%d %H:%M:%S') as 付款时间, StockCode as 商品编码,
                    coalesce(p.name, trim(Description), StockCode) as 商品名称, Quantity as 数量, UnitPrice as 单价,
                    CustomerID as 会员号, person.unionid as unionid
                from line
                join person on person.no = line.CustomerID
                left join product p on p.sku = StockCode
                order by InvoiceDate, InvoiceNo
            ) to '{brand.orders}' (header, delimiter ',')
            """  # noqa: S608 (a path of ours)
        )
        ended = (LAST_LINE + timedelta(weeks=weeks)).isoformat(" ")
        months = f"greatest(1, date_diff('day', min(InvoiceDate), timestamp '{ended}') / 30.0)"
        db.execute(
            f"""
            copy (
                select CustomerID as shop_customer_id, any_value(person.unionid) as unionid,
                    strftime(min(InvoiceDate) - interval '8 hours', '%Y-%m-%dT%H:%M:%S+00:00') as created_at,
                    round(least(6, count(distinct case when InvoiceNo not like 'C%' then InvoiceNo end) / {months}), 4) as orders_per_month
                from line join person on person.no = line.CustomerID
                group by CustomerID
                order by CustomerID
            ) to '{brand.population}' (header, delimiter ',')
            """  # noqa: S608 (paths of ours)
        )
    return brand


def morning(now: datetime) -> datetime:
    """Half past nine of the brand's day: when a demo that runs on the virtual clock begins."""
    return now.astimezone(ZONE).replace(hour=9, minute=30, second=0, microsecond=0).astimezone(UTC)
