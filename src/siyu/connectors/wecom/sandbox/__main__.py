"""`python -m siyu.connectors.wecom.sandbox --home DIR`: run a sandbox until it is stopped."""

import argparse
import sys
from pathlib import Path

import structlog

from siyu.connectors.wecom.sandbox.running import serve
from siyu.connectors.wecom.sandbox.settings import AppSettings, Limits, Settings


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="siyu sandbox", description="A server that keeps the WeCom contract and carries a town of staff and customers.")
    parser.add_argument("--home", type=Path, required=True, help="folder for books, clock file and address")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one, written to HOME/sandbox.json")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=1.0, help="business seconds per machine second at the first start; 0 moves by steps only")
    parser.add_argument("--start", default="", help="business instant of the first start, ISO 8601; default: now")
    parser.add_argument("--population", type=Path, help="CSV or Parquet with one row per customer")
    parser.add_argument("--scenario", type=Path, help="JSON with rates, delays and sizes, or quiet, demo, over-messaged")
    parser.add_argument("--data", type=Path, help="folder with names, cities and products; default: data/town of the repository")
    parser.add_argument("--control-key", default="", help="bearer key of /sandbox/; default: a fresh one, kept in HOME")
    parser.add_argument("--corp-id", default="")
    parser.add_argument("--agent-id", type=int, help="with --secret: the app that may call")
    parser.add_argument("--secret")
    parser.add_argument("--send-rule", choices=["month", "week7", "daily", "month4", "off"], default="month", help="group sends one customer can get")
    parser.add_argument("--keep-alive", action="store_true", help="keep connections open, unlike the platform")
    given = parser.parse_args(arguments)
    apps = (AppSettings(given.agent_id or 1000002, given.secret),) if given.secret else ()
    settings = Settings(
        home=given.home,
        host=given.host,
        port=given.port,
        seed=given.seed,
        speed=given.speed,
        start=given.start,
        population=given.population,
        scenario=given.scenario,
        data=given.data,
        control_key=given.control_key,
        corp_id=given.corp_id,
        apps=apps,
        keep_alive=given.keep_alive,
        limits=Limits(group_send_rule=given.send_rule),
    )
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    serve(settings)


if __name__ == "__main__":
    main()
