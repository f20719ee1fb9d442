"""Scenario files: what they may say, and how they are refused."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from siyu.connectors.wecom.sandbox.command import main
from siyu.connectors.wecom.sandbox.town.catalogue import find_data
from siyu.connectors.wecom.sandbox.town.parameters import BadScenario
from siyu.connectors.wecom.sandbox.town.scenario import Buying, CustomerHabits, Fatigue, Referrals, Scenario, ShopHabits, StaffHabits, load
from tests.connectors.wecom.conftest import Build

SHIPPED = find_data(None) / "scenarios"


def read(folder: Path, scenario: Any) -> Scenario:
    file = folder / "s.json"
    file.write_text(scenario if isinstance(scenario, str) else json.dumps(scenario), encoding="utf-8")
    return load(file)


class TestFiles:
    def test_what_is_left_out_keeps_its_default(self, tmp_path: Path) -> None:
        regions = [{"name": "全国", "provinces": ["上海市"], "store_cities": ["上海市"]}]
        scenario = read(tmp_path, {"customer": {"open_rate": 1}, "fatigue": {"tolerance": 5}, "regions": regions})
        assert (scenario.customer.open_rate, scenario.customer.order_rate, scenario.regions[0].name) == (1.0, 0.25, "全国")
        assert (scenario.fatigue.tolerance, scenario.fatigue.half_life_days) == (5.0, 3.0)

    @pytest.mark.parametrize(
        ("scenario", "message"),
        [
            ("[]", "scenario: an object is wanted"),
            ("{", "Expecting property name"),
            ({"custom": {}}, "scenario: unknown custom; known: brand, timezone, customers"),
            ({"customer": {"open": 1}}, "customer: unknown open; known: open_rate"),
            ({"customer": {"open_rate": 2}}, "customer.open_rate: 2.0 is out of range; 0…1 share is wanted"),
            ({"fatigue": {"half_life_days": 0}}, "fatigue.half_life_days: 0.0 is out of range; 0.01…365 days is wanted"),
            ({"buying": {"dropout_a": -1}}, "buying.dropout_a: -1.0 is out of range; 0…1000 a of the beta distribution is wanted"),
            ({"referrals": {"friend_rate": True}}, "referrals.friend_rate: float is wanted"),
            ({"customers": "many"}, "customers: int is wanted"),
            ({"customers": -1}, "customers: -1 is out of range; 0 or more people is wanted"),
            ('{"shop": {"price_max": Infinity}}', "shop.price_max: Infinity is out of range"),
            ('{"fatigue": {"tolerance": NaN}}', "fatigue.tolerance: NaN is out of range"),
            ({"customer": {"hour_factors": [1, 2]}}, "customer: hour_factors: 24 numbers are wanted, not 2"),
            ({"customer": {"hour_factors": [1] * 23 + [-1]}}, "customer.hour_factors: -1.0 is out of range"),
            ({"staff": {"day_starts": 18, "day_ends": 9}}, "staff: day_starts must lie before day_ends"),
            ({"shop": {"price_min": 300}}, "shop: price_min must not be above price_max"),
            ({"timezone": "Asia/Nowhere"}, "timezone: no such zone: Asia/Nowhere"),
            ({"regions": {}}, "regions: a list is wanted"),
            ({"regions": [{"name": "全国"}]}, "regions: .*missing 2 required"),
        ],
    )
    def test_what_cannot_be_meant_is_refused_by_name(self, tmp_path: Path, scenario: Any, message: str) -> None:
        with pytest.raises(BadScenario, match=message.replace("|", "\\|")):
            read(tmp_path, scenario)


class TestParameters:
    @pytest.mark.parametrize("kind", [Scenario, StaffHabits, CustomerHabits, Fatigue, Buying, Referrals, ShopHabits])
    def test_every_number_has_a_unit_and_a_range_that_holds_its_default(self, kind: type[Any]) -> None:
        for field in dataclasses.fields(kind):
            values = field.default if isinstance(field.default, tuple) else (field.default,)
            if isinstance(values[0], int | float):
                bounds = field.metadata["bounds"]
                assert bounds.unit and all(bounds.low <= value <= bounds.high for value in values), field.name


class TestShipped:
    @pytest.mark.parametrize("name", sorted(file.stem for file in SHIPPED.glob("*.json")))
    def test_each_can_be_read_by_its_name(self, name: str) -> None:
        assert load(Path(name), SHIPPED) == load(SHIPPED / f"{name}.json")

    def test_the_demos_town_is_the_one_that_lives_without_a_scenario(self) -> None:
        assert load(Path("demo"), SHIPPED) == Scenario()

    def test_the_over_messaged_tire_sooner_than_the_quiet(self) -> None:
        quiet, over = load(Path("quiet"), SHIPPED), load(Path("over-messaged"), SHIPPED)
        assert over.fatigue.tolerance < quiet.fatigue.tolerance
        assert over.fatigue.others_per_week > quiet.fatigue.others_per_week
        assert over.customer.open_rate < quiet.customer.open_rate

    def test_an_unknown_name_is_refused_with_the_known_ones(self) -> None:
        with pytest.raises(BadScenario, match="loud: no such file, and none of demo, over-messaged, quiet"):
            load(Path("loud"), SHIPPED)

    def test_a_sandbox_does_not_start_with_a_bad_one_and_says_why(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "s.json").write_text('{"fatigue": {"tolerence": 3}}')
        with pytest.raises(SystemExit, match="2"):
            main(["--home", str(tmp_path / "home"), "--scenario", str(tmp_path / "s.json")])
        assert "fatigue: unknown tolerence; known: tolerance, tolerance_sigma" in capsys.readouterr().err

    def test_a_sandbox_takes_one_by_its_name(self, build: Build) -> None:
        place = build(named="quiet")
        assert place.sandbox.scenario.fatigue.tolerance == 6
        assert place.get("books/summary")["customers"] == 1000
