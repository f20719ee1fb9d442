"""The sandbox as a process of its own: started by its command, killed, started again."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from siyu.connectors.wecom import ClientSettings, Credentials, MsgTemplate, WeCom
from siyu.connectors.wecom.sandbox import Address, read_address


@contextmanager
def started(home: Path, *more: str) -> Iterator[tuple[subprocess.Popen[bytes], Address]]:
    command = [sys.executable, "-m", "siyu.connectors.wecom.sandbox", "--home", str(home), "--speed", "0", "--seed", "5", *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            line = json.loads(process.stdout.readline())
            address = read_address(home)
            assert (line["url"], line["pid"]) == (address.url, process.pid)
            yield process, address
        finally:
            process.kill()


@pytest.mark.slow
def test_what_was_answered_survives_a_kill_and_a_term_ends_it_cleanly(tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.json"
    scenario.write_text('{"customers": 30}')
    home = tmp_path / "home"
    with started(home, "--scenario", str(scenario)) as (process, address):
        assert (home / "sandbox.json").stat().st_mode & 0o777 == 0o600
        credentials = Credentials(address.corp_id, address.secret, address.agent_id)
        with WeCom(credentials, ClientSettings(base_url=address.url)) as client:
            row = next(client.contacts(client.follow_users()))
            created = client.add_msg_template(MsgTemplate(row.follow.userid, (row.contact.external_userid,), "你好"))
        clock = (home / "clock.json").read_text()
        process.send_signal(signal.SIGKILL)
        process.wait()
    with started(home, "--scenario", str(scenario)) as (process, again):
        assert (again.corp_id, again.secret, again.control_key) == (address.corp_id, address.secret, address.control_key)
        assert (home / "clock.json").read_text() == clock
        with WeCom(credentials, ClientSettings(base_url=again.url)) as client:
            assert [task.userid for task in client.group_send_tasks(created.msgid)] == [row.follow.userid]
        assert httpx.get(f"{again.url}/sandbox/health", trust_env=False).json()["corp_id"] == address.corp_id
        os.kill(process.pid, signal.SIGTERM)
        process.wait(20)


@pytest.mark.slow
def test_a_term_ends_a_step_that_would_take_long(tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.json"
    scenario.write_text('{"customers": 40, "customer": {"orders_per_month": 900}}')
    with started(tmp_path / "home", "--scenario", str(scenario)) as (process, address), ThreadPoolExecutor(1) as pool:
        headers = {"authorization": f"Bearer {address.control_key}"}
        clock = (tmp_path / "home" / "clock.json").read_text()
        step = partial(httpx.post, f"{address.url}/sandbox/step", json={"seconds": 34_560_000}, headers=headers, trust_env=False, timeout=60)
        asked = pool.submit(step)
        while (tmp_path / "home" / "clock.json").read_text() == clock:
            time.sleep(0.01)
            assert not asked.done()
        process.send_signal(signal.SIGTERM)
        assert asked.result().status_code == 200
        process.wait(20)
