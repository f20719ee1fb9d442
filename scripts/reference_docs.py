"""Write docs/reference from what the capabilities lend; `--check` fails when a page is not what the code says."""

import ast
import dataclasses
import importlib
import inspect
import itertools
import json
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

import siyu
from siyu.access.roles import ROLES
from siyu.app.capabilities import CAPABILITIES
from siyu.connectors.wecom.sandbox.town.scenario import Scenario
from siyu.infra.settings import Settings
from siyu.kernel.errors import Refusal
from siyu.observe.contacts.routes import FATES

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
NOTE = "<!-- Written by scripts/reference_docs.py from the code; edit the wiring, not this page. -->\n\n"


def table(heads: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows]) + "\n"


def events() -> str:
    rows = [
        [f"`{event.name}`", event.zh, event.meaning, "; ".join(f"`{name}` {meaning}" for name, meaning in event.fields.items())]
        for capability in CAPABILITIES
        for event in capability.events
    ]
    return "# Events 事件\n\n" + NOTE + table(["name", "中文", "meaning", "fields"], sorted(rows))


def callbacks() -> str:
    takers = {
        "customer": "contacts",
        "handover": "contacts, for handovers",
        "staff": "contacts, for staff",
        "listener": "groups, tags",
        "nobody": "nobody",
    }
    rows = [[f"`{event}`", f"`{change}`" if change else "", takers[fate.taken], fate.why] for (event, change), fate in FATES.items()]
    return (
        "# Callbacks of WeCom 企业微信回调\n\n"
        + NOTE
        + "Every event and message that an app of one's own may get: who takes it up, what becomes of it, or why nobody does. All are kept and acknowledged; "
        "what is not listed is named in the log.\n\n" + table(["Event or MsgType", "ChangeType", "taken up by", "what becomes of it, or why nothing"], rows)
    )


def permissions() -> str:
    names = {role.name: role.zh for role in ROLES}
    rows = [
        [f"`{permission.name}`", permission.zh, permission.en, "、".join(zh for role, zh in names.items() if role == "owner" or role in permission.roles)]
        for capability in CAPABILITIES
        for permission in capability.permissions
    ]
    return "# Permissions 权限\n\n" + NOTE + "An owner 经营者 holds all of them.\n\n" + table(["name", "中文", "English", "roles"], sorted(rows))


def metrics() -> str:
    rows = [
        [f"`{metric.name}`", metric.zh, metric.en, metric.unit, metric.definition_zh, metric.definition_en]
        for capability in CAPABILITIES
        for metric in capability.metrics
    ]
    return "# Metrics 指标\n\n" + NOTE + table(["name", "中文", "English", "unit", "口径", "definition"], sorted(rows))


def settings() -> str:
    rows = [[f"`SIYU_{name.upper()}`", str(field.default), field.description or ""] for name, field in Settings.model_fields.items()]
    return (
        "# Settings 配置\n\n"
        + NOTE
        + "Read from the environment once at start; an empty variable counts as unset. Each command refuses a wrong value and says what is allowed.\n\n"
        + table(["variable", "default", "meaning"], rows)
    )


def modules() -> Iterator[object]:
    for found in pkgutil.walk_packages(siyu.__path__, "siyu."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def refusals() -> str:
    kinds: dict[str, list[str]] = {}
    for module in modules():
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, Refusal) and kind.__module__.startswith("siyu."):
                kinds[kind.code] = [f"`{kind.code}`", str(kind.status), (inspect.getdoc(kind) or "").splitlines()[0] if kind.__doc__ else ""]
    return (
        "# Error codes 错误码\n\n"
        + NOTE
        + "The `code` of a problem+json answer; stable.\n\n"
        + table(["code", "status", "meaning"], [kinds[code] for code in sorted(kinds)])
    )


def replica() -> str:
    rows = [
        [f"`{shape.name}`", ", ".join(f"`{column}` {kind}" for column, kind in shape.columns.items()), ", ".join(shape.key)]
        for capability in CAPABILITIES
        for shape in capability.replica
    ]
    return "# Tables of the replica 分析副本\n\n" + NOTE + table(["table", "columns", "key"], sorted(rows))


def notes(kind: type) -> dict[str, str]:
    """The words under each field of a dataclass."""
    [body] = [node.body for node in ast.parse(inspect.getsource(kind)).body if isinstance(node, ast.ClassDef)]
    return {
        field.target.id: inspect.cleandoc(note.value.value)
        for field, note in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(note, ast.Expr) and isinstance(note.value, ast.Constant) and isinstance(note.value.value, str)
    }


def parameters(kind: type, where: str = "") -> str:
    """A section of the scenario and those within it."""
    words, rows, within = notes(kind), [], []
    for field in dataclasses.fields(kind):
        bounds = field.metadata.get("bounds")
        if dataclasses.is_dataclass(field.default):
            within.append(parameters(type(field.default), field.name))
        elif bounds:
            default = "24 × 1" if isinstance(field.default, tuple) else json.dumps(field.default)
            rows.append([f"`{field.name}`", default, bounds.unit, str(bounds), words[field.name]])
        else:
            default = json.dumps(field.default, ensure_ascii=False) if isinstance(field.default, str) else "4 regions, 12 stores"
            rows.append([f"`{field.name}`", default, "", "", words[field.name]])
    about = "\n\n".join(" ".join(part.split()) for part in (inspect.getdoc(kind) or "").split("\n\n"))
    head = f"## `{where}`" if where else "## The town"
    return "\n".join([f"{head}\n\n{about}\n\n{table(['parameter', 'default', 'unit', 'range', 'meaning'], rows)}", *within])


def town() -> str:
    return (
        "# Scenarios of the sandbox's town 沙箱小镇的情景\n\n"
        + NOTE
        + "A scenario is a JSON file; what it leaves out keeps its default.\n\n"
        + parameters(Scenario)
    )


PAGES = {
    "events": events,
    "callbacks": callbacks,
    "permissions": permissions,
    "metrics": metrics,
    "settings": settings,
    "errors": refusals,
    "replica": replica,
    "town": town,
}


def main() -> int:
    stale = []
    for name, page in PAGES.items():
        file, text = FOLDER / f"{name}.md", page()
        if "--check" in sys.argv:
            stale += [] if file.exists() and file.read_text(encoding="utf-8") == text else [file.name]
        else:
            FOLDER.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    if stale:
        print(f"not what the code says: {', '.join(stale)}; run: .venv/bin/python scripts/reference_docs.py")  # noqa: T201
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
