"""The console's files of words, for what speaks outside it: one text, whoever says it."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import siyu


@cache
def words(name: str) -> Mapping[str, Any]:
    """A file of words, `contacts.zh-CN` say: beside the package in a wheel, in the console's sources in a checkout."""
    package = Path(siyu.__file__).parent
    folder = package / "_words"
    if not folder.is_dir():
        folder = package.parents[1] / "web" / "src" / "shared"
    found: Mapping[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return found
