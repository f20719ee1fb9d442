"""Public data sets go through the intake by their recipes and give the figures that were counted from the files."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from siyu.app import event_file
from siyu.app.event_file import BadRecipe, NotReadable, NotTaken, Sent
from tests.observe.intake.conftest import Brand
from tests.observe.intake.served import served

RECIPES = Path(__file__).parents[3] / "data" / "recipes"
QUIET = Console(quiet=True)


@pytest.fixture
def address(brand: Brand) -> Iterator[str]:
    with served(brand.http.app) as address:  # type: ignore[arg-type]  # it is the FastAPI that it was made with
        yield address


@pytest.fixture(scope="module")
def reference() -> Any:
    return json.loads((_data() / "reference.json").read_text(encoding="utf-8"))


def _data() -> Path:
    return Path(os.environ["SIYU_TEST_DATA"])


def send(address: str, brand: Brand, recipe: str, *files: str) -> Sent:
    paths = [_data() / recipe / file for file in files]
    return event_file.send(paths, (RECIPES / f"{recipe}.sql").read_text(encoding="utf-8"), url=address, key=brand.secret, out=QUIET)


LOG = "from events where tenant_id = :tenant_id and source like 'source:%'"


@pytest.mark.data
@pytest.mark.slow
class TestEcomClickstream:
    def test_gives_the_reference_figures_and_twice_is_once(self, brand: Brand, address: str, reference: Any) -> None:
        for _ in range(2):
            assert send(address, brand, "ecom_clickstream", "events.csv.gz") == Sent(reference["ec.rows"], 0)
        (seen,) = brand.ask(
            f"""
            select count(*) as events, count(distinct props ->> 'session_id') as sessions, count(distinct identity_id) as users,
                array[min(occurred_at)::text, max(occurred_at)::text] as range
            {LOG}
            """
        )
        assert (seen.events, seen.sessions, seen.users) == (reference["ec.rows"], reference["ec.sessions"], reference["ec.users"])
        assert [instant[:19] for instant in seen.range] == reference["ec.range"]
        assert {row.name: row.events for row in brand.ask(f"select name, count(*) as events {LOG} group by name")} == reference["ec.events"]
        months = brand.ask(f"select to_char(occurred_at at time zone 'UTC', 'YYYY-MM') as month, count(distinct identity_id) as users {LOG} group by 1")
        assert {row.month: row.users for row in months} == reference["ec.mau"]

    def test_the_funnel_of_people_in_any_order(self, brand: Brand, address: str, reference: Any) -> None:
        send(address, brand, "ecom_clickstream", "events.csv.gz")
        steps = ("product_view", "add_to_cart", "shipping_details", "payment_details", "purchase")
        people = {row.name: row.users for row in brand.ask(f"select name, count(distinct identity_id) as users {LOG} group by name")}
        assert [people[step] for step in steps] == reference["ec.funnel_users_any_order"]


@pytest.mark.data
@pytest.mark.long
class TestEshopClicks:
    def test_gives_the_reference_figures(self, brand: Brand, address: str, reference: Any) -> None:
        assert send(address, brand, "eshop_clicks", "clicks.csv.gz") == Sent(reference["es.rows"], 0)
        (seen,) = brand.ask(
            f"""
            select count(*) as clicks, count(distinct identity_id) as visitors, count(distinct props ->> 'product_id') as models,
                array[min(occurred_at)::date::text, max(occurred_at)::date::text] as range
            {LOG}
            """
        )
        assert [seen.clicks, seen.visitors, seen.models, seen.range] == [reference[f"es.{name}"] for name in ("rows", "sessions", "models", "range")]
        by_category = brand.ask(
            f"""
            select (props ->> 'category')::int as category, count(*) as clicks, count(distinct identity_id) as sessions, sum((props ->> 'price')::int) as price
            {LOG} group by 1 order by 1
            """
        )
        assert [[row.category, row.clicks, row.sessions, row.price] for row in by_category] == reference["es.by_category"]
        depth = brand.ask(f"select clicks, count(*) as sessions from (select count(*) as clicks {LOG} group by identity_id) session group by clicks")
        reached = [sum(row.sessions for row in depth if row.clicks >= least) for least in (1, 2, 3, 5, 10, 20, 50)]
        assert reached == reference["es.depth"]


@pytest.mark.data
@pytest.mark.long
class TestStarbucksRewards:
    def test_gives_the_reference_figures(self, brand: Brand, address: str, reference: Any) -> None:
        sent = send(address, brand, "starbucks_rewards", "events.parquet", "profile.csv.gz", "portfolio.csv")
        assert sent == Sent(reference["sb.event_rows"] + reference["sb.customers"], 0)
        said = brand.ask(f"select name, count(*) as events, count(distinct identity_id) as members {LOG} group by name")
        names = {"completed": "Offer Completed", "received": "Offer Received", "transaction": "Payment Made", "viewed": "Offer Viewed"}
        found = {row.name: (row.events, row.members) for row in said}
        assert {ours: found[name] for ours, name in names.items()} == {
            ours: (reference["sb.events"][ours], reference["sb.customers_by_event"][ours]) for ours in names
        }
        (spent,) = brand.ask(f"select sum((props ->> 'amount')::numeric) as amount {LOG} and name = 'Payment Made'")
        assert float(spent.amount) == pytest.approx(reference["sb.tx_amount"])
        members = brand.ask(f"select props ->> 'gender' as gender, count(*) as members {LOG} and name = 'customer.identified' group by 1")
        assert {row.gender: row.members for row in members} == {**reference["sb.gender"], None: reference["sb.missing_demographics"]}


class TestRefusals:
    def test_a_recipe_that_does_not_fit_the_file(self, brand: Brand, address: str, tmp_path: Path) -> None:
        (tmp_path / "clicks.csv").write_text("a,b\n1,2\n")
        with pytest.raises(BadRecipe):
            event_file.send([tmp_path / "clicks.csv"], "select nothing_here from clicks", url=address, key=brand.secret, out=QUIET)

    def test_a_file_of_another_kind(self, brand: Brand, address: str, tmp_path: Path) -> None:
        (tmp_path / "clicks.doc").write_text("a")
        with pytest.raises(NotReadable):
            event_file.send([tmp_path / "clicks.doc"], "select 1", url=address, key=brand.secret, out=QUIET)

    def test_a_wrong_key_is_not_tried_again(self, brand: Brand, address: str, tmp_path: Path) -> None:
        (tmp_path / "clicks.csv").write_text("a\n1\n")
        with pytest.raises(NotTaken):
            event_file.send([tmp_path / "clicks.csv"], "select 'track' as type, 'x' as event from clicks", url=address, key="sk_wrong", out=QUIET)

    def test_what_does_not_fit_is_parked_and_counted(self, brand: Brand, address: str, tmp_path: Path) -> None:
        (tmp_path / "clicks.csv").write_text("who,name\nanna,Seen\nben,\n")
        recipe = """select 'track' as "type", who as "userId", name as event from clicks"""
        sent = event_file.send([tmp_path / "clicks.csv"], recipe, url=address, key=brand.secret, out=QUIET)
        assert (sent, [event.name for event in brand.events()], [one.reason for one in brand.parked()]) == (Sent(2, 1), ["Seen"], ["no_name"])
