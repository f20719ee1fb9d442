"""The shape of the house, checked by machine: layers by import-linter, the rest here."""

import ast
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "siyu"
LOOP = ("observe", "understand", "act", "measure")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("siyu", cache_dir=None)


def capability_of(module: str) -> str | None:
    """`siyu.act.broadcasts` for any module in it."""
    parts = module.split(".")
    return ".".join(parts[:3]) if len(parts) >= 3 and parts[1] in LOOP else None


def offered(home: str) -> set[str]:
    """The package itself, and submodules that its door names in `__all__`."""
    tree = ast.parse((SOURCE.parent / home.replace(".", "/") / "__init__.py").read_text(encoding="utf-8"))
    lists = [node.value for node in tree.body if isinstance(node, ast.Assign) and any(isinstance(it, ast.Name) and it.id == "__all__" for it in node.targets)]
    names = [str(item.value) for found in lists if isinstance(found, ast.List) for item in found.elts if isinstance(item, ast.Constant)]
    return {home} | {f"{home}.{name}" for name in names}


def test_a_capability_is_entered_by_its_package(graph: grimp.ImportGraph) -> None:
    wrong = []
    for importer in graph.modules:
        if importer.startswith("siyu.app."):
            continue
        for imported in graph.find_modules_directly_imported_by(importer):
            home = capability_of(imported)
            if home and capability_of(importer) != home and imported not in offered(home):
                wrong.append(f"{importer} reaches past the door of {home}: {imported}")
    assert not wrong, "\n".join(sorted(wrong))


def test_the_app_enters_a_capability_by_its_door_or_its_wiring(graph: grimp.ImportGraph) -> None:
    wrong = []
    for importer in graph.modules:
        if not importer.startswith("siyu.app."):
            continue
        for imported in graph.find_modules_directly_imported_by(importer):
            home = capability_of(imported)
            if home and imported not in {home, f"{home}.wiring"}:
                wrong.append(f"{importer} reaches past the door of {home}: {imported}")
    assert not wrong, "\n".join(sorted(wrong))


BUSINESS = [path for layer in LOOP for path in (SOURCE / layer).rglob("*.py")]
CLOCKS = {("time", "time"), ("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("uuid", "uuid4"), ("uuid", "uuid1")}


def test_business_code_asks_no_clock_and_rolls_no_dice() -> None:
    wrong = []
    for path in BUSINESS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and (called.value.id, called.attr) in CLOCKS:
                wrong.append(f"{path.relative_to(ROOT)}:{called.lineno} {called.value.id}.{called.attr}()")
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
                if "random" in names:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} imports random")
    assert not wrong, "\n".join(wrong)


def test_every_capability_says_what_it_is() -> None:
    silent = [
        str(folder.relative_to(ROOT))
        for layer in LOOP
        for folder in (SOURCE / layer).iterdir()
        if folder.is_dir() and (folder / "__init__.py").exists() and not (folder / "README.md").exists()
    ]
    assert not silent, f"without README.md: {silent}"


def test_files_stay_small() -> None:
    long = [f"{path.relative_to(ROOT)}: {count}" for path in SOURCE.rglob("*.py") if (count := len(path.read_text(encoding="utf-8").splitlines())) > 500]
    assert not long, f"a file holds one noun: {long}"
