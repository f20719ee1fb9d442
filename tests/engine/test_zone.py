"""The wall clock in the engine is the one of Python."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo

import duckdb
import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.engine import local_time
from siyu.engine.client import sql
from siyu.infra.tx import Tx


class TestLocalTime:
    @pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Asia/Kathmandu"])
    @given(seconds=st.lists(st.integers(0, 50 * 365 * 86400), min_size=1, max_size=50))
    @settings(max_examples=20, deadline=None)
    def test_is_that_of_python(self, zone: str, seconds: list[int]) -> None:
        aware = [datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=number) for number in seconds]
        rows = ibis.table({"at": "timestamp('UTC')"}, name="rows")
        question = rows.select(local=local_time(cast(Tx, SimpleNamespace(tz=ZoneInfo(zone))), rows.at))
        with duckdb.connect() as db:
            db.execute("set timezone = 'Pacific/Apia'")
            db.execute("create table rows as select unnest($1::timestamptz[]) as at", [aware])
            got = [local for (local,) in db.execute(sql(question)).fetchall()]
        assert got == [instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for instant in aware]
