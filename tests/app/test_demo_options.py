"""What `siyu demo` says to options that cannot be meant, before it starts anything."""

import pytest
from typer.testing import CliRunner

from siyu.app.cli import app


@pytest.mark.parametrize("speed", ["0.5", "-1", "10001", "nan"])
def test_a_pace_no_clock_runs_at_is_refused(speed: str) -> None:
    done = CliRunner().invoke(app, ["demo", "--speed", speed])
    assert done.exit_code == 2 and "from 1 to 10000" in done.output
