"""The command line of the sandbox: its options, each in a line, and a clear word for what cannot be meant."""

import argparse
import dataclasses
import sys
from pathlib import Path

import structlog

from siyu.connectors.wecom.sandbox.clock import FASTEST, is_pace
from siyu.connectors.wecom.sandbox.identity import OtherTown
from siyu.connectors.wecom.sandbox.inputs import instant
from siyu.connectors.wecom.sandbox.rules import RULE_PACKS
from siyu.connectors.wecom.sandbox.running import Address, CannotListen, announce, serve
from siyu.connectors.wecom.sandbox.settings import FIRST_AGENT_ID, Settings
from siyu.connectors.wecom.sandbox.town import scenario
from siyu.connectors.wecom.sandbox.town.catalogue import FILES, find_data
from siyu.connectors.wecom.sandbox.town.parameters import BadScenario
from siyu.connectors.wecom.sandbox.town.population import BadPopulation
from siyu.infra.claim import NoHome


def main(arguments: list[str] | None = None) -> None:
    """Run a sandbox until it is stopped. Status 2 and one line when an option cannot be meant."""
    parser = _parser()
    given = parser.parse_args(arguments)
    settings = _settings(given)
    try:
        scenario.load(settings.scenario, find_data(settings.data) / "scenarios")
    except (BadScenario, FileNotFoundError) as error:
        parser.error(str(error))
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        serve(settings, on_ready=_greet)
    except (BadPopulation, BadScenario, CannotListen, NoHome, OtherTown) as error:
        parser.error(str(error))


def _parser() -> argparse.ArgumentParser:
    packs = "; ".join(f"{pack.name}: {pack.meaning}" for pack in RULE_PACKS.values())
    parser = argparse.ArgumentParser(
        prog="siyu sandbox",
        description="A server that keeps the WeCom contract and carries a town of staff and customers, with a page on which you can be one of them.",
    )
    place = parser.add_argument_group("where it is")
    place.add_argument("--home", type=Path, default=Path("var/sandbox"), help="folder of its books, clock and address (%(default)s)")
    place.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    place.add_argument("--port", type=_port, default=0, help="port to listen on; 0 takes a free one, written to HOME/sandbox.json (%(default)s)")
    place.add_argument("--control-key", default="", help="bearer key of /sandbox/; default: a fresh one, kept in HOME")
    town = parser.add_argument_group("its town")
    town.add_argument("--seed", type=int, help="everything in the town follows from it; default: that of HOME, 1 in a fresh one")
    pace = f"business seconds per machine second at the first start, 1 to {FASTEST}; 0 moves by steps only (%(default)s)"
    town.add_argument("--speed", type=_speed, default=1.0, help=pace)
    town.add_argument("--start", type=_instant, help="business instant of the first start, ISO 8601; default: now")
    town.add_argument("--population", type=_file, help="CSV or Parquet with one row per customer; default: made from the seed")
    habits = "JSON with rates, delays and sizes: how staff confirm, what customers do; or quiet, demo, over-messaged; default: that of the last start"
    town.add_argument("--scenario", type=Path, help=habits)
    town.add_argument("--data", type=_data, help="folder with names, cities and products; default: data/town of the repository")
    corp = parser.add_argument_group("its corp")
    corp.add_argument("--corp", "--corp-id", dest="corp", default="", help="corp id; default: that of HOME, one made from the seed in a fresh one")
    corp.add_argument("--agent-id", type=int, help=f"app that may call; default: that of HOME, {FIRST_AGENT_ID} in a fresh one")
    corp.add_argument("--secret", default="", help="secret of the app; default: that of HOME, one made from the seed in a fresh one")
    corp.add_argument("--rules", choices=list(RULE_PACKS), default="now", help=f"limits of a time. {packs}".replace("%", "%%"))
    corp.add_argument(
        "--send-rule",
        choices=["month", "week7", "daily", "month4", "off"],
        help="group sends one customer can get, in place of the pack's: as many as the month has days, 7 a week, 1 a day, 4 a month, any number",
    )
    corp.add_argument("--faults", type=int, metavar="SEED", help="faults drawn from a number: half of the kinds, each now and then; default: none")
    corp.add_argument("--keep-alive", action="store_true", help="keep connections open, unlike the platform; for load tests")
    return parser


def _settings(given: argparse.Namespace) -> Settings:
    pack = RULE_PACKS[given.rules]
    return Settings(
        home=given.home,
        host=given.host,
        port=given.port,
        seed=given.seed,
        speed=given.speed,
        start=given.start or "",
        population=given.population,
        scenario=given.scenario,
        data=given.data,
        control_key=given.control_key,
        corp_id=given.corp,
        agent_id=given.agent_id,
        secret=given.secret,
        keep_alive=given.keep_alive,
        fault_seed=given.faults,
        limits=dataclasses.replace(pack.limits, group_send_rule=given.send_rule or pack.limits.group_send_rule),
        push=pack.push,
    )


def _greet(address: Address) -> None:
    """The line for programs and, at a terminal, the page for people, with its key."""
    announce(address)
    if sys.stderr.isatty():
        sys.stderr.write(f"扮演客户与员工 · be a customer or a member of staff: {address.page}\n")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"a port from 0 to 65535 is wanted, not {text}")
    return int(text)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if not is_pace(speed):
        raise argparse.ArgumentTypeError(f"0, or a number from 1 to {FASTEST}, is wanted, not {text}")
    return speed


def _instant(text: str) -> str:
    try:
        instant(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}, not {text}") from None
    return text


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return path


def _data(text: str) -> Path:
    folder = Path(text)
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise argparse.ArgumentTypeError(f"there is no folder {text}" if not folder.is_dir() else f"the folder {text} lacks {', '.join(missing)}")
    return folder
