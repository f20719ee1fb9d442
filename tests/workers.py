"""How tests are shared out among workers: what shares something costly to raise goes to one of them, all else goes to whoever is free."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "tests/e2e/": "demo",
    "tests/act/broadcasts/": "town",
    "tests/app/test_fuzz.py": "fuzz",
    "tests/understand/": "crowd",
    "tests/measure/": "crowd",
    "tests/observe/imports/test_online_retail.py": "books",
    "tests/observe/contacts/test_losses.py": "crowd",
    "tests/act/markings/test_segment.py": "crowd",
}
"""Places of tests, and what they share."""


class TogetherScheduling(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """Scopes are what tests share; a test that shares nothing is a scope of its own."""

    def _split_scope(self, nodeid: str) -> str:
        return next((shared for place, shared in TOGETHER.items() if nodeid.startswith(place)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> TogetherScheduling:
    return TogetherScheduling(config, log)
