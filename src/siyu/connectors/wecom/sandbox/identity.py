"""What a home keeps of its first start, so that later ones go on with the same town: seed, corp, app and scenario."""

import json
from dataclasses import replace
from pathlib import Path

from siyu.connectors.wecom.sandbox.books import Books
from siyu.connectors.wecom.sandbox.settings import Settings
from siyu.connectors.wecom.sandbox.town import scenario as scenarios
from siyu.connectors.wecom.sandbox.town.scenario import Scenario

_NOTE = "identity"


class OtherTown(ValueError):
    """The home holds the town of another seed, or the books of another corp: the text says which."""


def settle(books: Books, settings: Settings, shipped: Path) -> tuple[Settings, Scenario]:
    """The settings with what they leave out taken from the home, and the scenario; the home keeps both. Raises OtherTown or BadScenario.

    App and scenario may change from one start to the next, seed and corp may not. `shipped` is the folder of scenarios that go by their names.
    """
    noted = books.note(_NOTE) if books.note("founded") else None
    kept = json.loads(noted) if noted else {}
    for name, given in (("seed", settings.seed), ("corp", settings.corp_id or None)):
        if kept and given is not None and given != kept[name]:
            raise OtherTown(f"{settings.home} is the home of {name} {kept[name]}, not of {given}: leave --{name} out, or choose another --home")
    if kept:
        agent_id, secret = settings.agent_id or kept["agent_id"], settings.secret or kept["secret"]
        settings = replace(settings, seed=kept["seed"], corp_id=kept["corp"], agent_id=agent_id, secret=secret)
    told = kept["scenario"] if kept and settings.scenario is None else scenarios.told(settings.scenario, shipped)
    scenario, app = scenarios.made(told), settings.all_apps[0]
    known = {"seed": settings.origin, "corp": settings.corp, "agent_id": app.agent_id, "secret": app.secret, "scenario": told}
    books.set_note(_NOTE, json.dumps(known, ensure_ascii=False))
    return settings, scenario
