"""An SDK of another language takes the sandbox for the platform: node-easywechat as it comes from npm."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.wecom.conftest import Build

HERE = Path(__file__).parent / "npm"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the SDK at its pinned version."""
    folder = tmp_path_factory.mktemp("npm") / "sdk"
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=folder, check=True, timeout=300)
    return folder


@pytest.mark.node
@pytest.mark.slow
class TestNodeEasywechat:
    def test_it_gets_a_token_and_reads_customers(self, installed: Path, build: Build) -> None:
        place = build(scenario={"customers": 40})
        address = place.address
        given = [address.url, address.corp_id, address.secret, "SandboxToken01", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"]
        done = subprocess.run(["node", "read.cjs", *given], cwd=installed, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        said: dict[str, Any] = json.loads(done.stdout)
        assert said["token"] and sorted(said["members"]) == sorted(place.client.follow_users())
        assert {member: tuple(ids) for member, ids in said["contacts"].items()} == {member: place.customers_of(member) for member in said["members"]}
        detail = place.client.contact(said["one"]["external_userid"])
        assert said["one"]["name"] == detail.contact.name
        assert [row["userid"] for row in said["follows"]] == [follow.userid for follow in detail.follows]
        member = said["follows"][0]["userid"]
        assert [row["external_contact"]["external_userid"] for row in said["batch"]] == list(place.customers_of(member))[:100]
