"""The console's own words, for commands that say the same: one text, whoever asks."""

import os
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from siyu.infra.words import words
from siyu.kernel.errors import Refusal
from siyu.observe.contacts import Finding

Language = Literal["zh-CN", "en-US"]
_PARAMETER = re.compile(r"\{\{(\w+)\}\}")


def language() -> Language:
    """What the shell asks for by LC_ALL, LC_MESSAGES or LANG."""
    wanted = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh-CN" if wanted.startswith("zh") else "en-US"


def contacts(language: Language) -> Mapping[str, Any]:
    """The words about the connection to WeCom."""
    return words(f"contacts.{language}")


def title(code: str, params: Mapping[str, Any], language: Language) -> str | None:
    """A problem's name without what to do; None for one that the console never meets."""
    found = _problem(code, language).get("title")
    return _filled(found, params) if isinstance(found, str) and "$t(" not in found else None


def refusal(one: Refusal, language: Language) -> str:
    """A "no" as the console says it, with what to do; in the words of its class where the console never meets it. The code stands behind."""
    found = _problem(one.code, language)
    plain = (type(one).__doc__ or one.code).strip().splitlines()[0]
    said = ("：" if language == "zh-CN" else ". ").join(text for name in ("title", "advice") if (text := found.get(name))) if found.get("title") else plain
    return f"{_filled(said, one.params)} [{one.code}]"


def _filled(text: str, params: Mapping[str, Any]) -> str:
    told = {name: ", ".join(map(str, value)) if isinstance(value, list | tuple) else value for name, value in params.items()}
    return _PARAMETER.sub(lambda name: str(told.get(name[1], "")), text)


def finding(one: Finding, language: Language, zone: ZoneInfo) -> tuple[str, list[str]]:
    """The name of the check, and the lines about it: what was found; if it is not well, what that means and where to mend it."""
    said = contacts(language)["doctor"]

    def text(part: str) -> str | None:
        texts = (said["found"].get(group, {}).get(one.outcome, {}).get(part) for group in (one.check, "any"))
        found = next(filter(None, texts), None)
        return found and _PARAMETER.sub(lambda name: _fact(name[1], one.facts.get(name[1]), said, zone), found)

    lines = [text("say") or one.outcome]
    if one.state in ("warning", "error"):
        notes = {"means": text("means") or said["features"].get(one.check), "mend": text("mend")}
        lines += [said[part].replace("{{text}}", note) for part, note in notes.items() if note]
    return said["checks"].get(one.check, one.check), lines


def state(code: str, language: Language) -> str:
    """A finding's state."""
    return str(contacts(language)["doctor"]["states"][code])


def _fact(name: str, value: Any, said: Mapping[str, Any], zone: ZoneInfo) -> str:
    if name == "because":
        return str(said["checks"].get(value, value))
    if name == "at" and value:
        return datetime.fromisoformat(value).astimezone(zone).strftime("%Y-%m-%d %H:%M")
    return "—" if value is None else str(value)


def _problem(code: str, language: Language) -> Mapping[str, Any]:
    found: Any = words(language)["problems"]
    for part in code.split("."):
        found = found.get(part, {}) if isinstance(found, Mapping) else {}
    return found if isinstance(found, Mapping) else {}
