"""应用: the settings of the app whose token asks."""

from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract


def get(call: Call) -> dict[str, Any]:
    """An app may look at itself alone."""
    if call.number("agentid", missing=41011) != call.app.agent_id:
        raise Failure(301002)
    return {
        "agentid": call.app.agent_id,
        "name": "siyu",
        "allow_userinfos": {"user": []},
        "allow_partys": {"partyid": list(call.app.visible_departments)},
        "allow_tags": {"tagid": []},
        "close": 0,
        "redirect_domain": "",
        "home_url": "",
    }


CALLS = {"agent/get": Contract("GET", get)}
