"""What commands say to options that cannot be meant, before they start anything."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from siyu.app.cli import app


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["demo", "--speed", "0.5"], "from 1 to 10000"),
        (["demo", "--speed", "-1"], "from 1 to 10000"),
        (["demo", "--speed", "10001"], "from 1 to 10000"),
        (["demo", "--speed", "nan"], "from 1 to 10000"),
        (["demo", "--port", "99999"], "65535"),
        (["user", "add", "a", "--role", "king"], "community_owner"),
        (["openapi", "/nowhere/api.json"], "no folder"),
        (["openapi", "/"], "directory"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: list[str], said: str) -> None:
    done = CliRunner().invoke(app, given, env={"COLUMNS": "200"})
    assert done.exit_code == 2 and said in done.output


def test_the_document_of_the_api_is_written(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["openapi", str(tmp_path / "api.json")]).exit_code == 0
    assert json.loads((tmp_path / "api.json").read_text(encoding="utf-8"))["openapi"].startswith("3.")
