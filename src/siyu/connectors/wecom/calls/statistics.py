"""统计: what the platform counted."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from siyu.connectors.wecom.model import Behaviour, DayFigures, GroupFigures, OwnerFigures
from siyu.connectors.wecom.model.reading import instant
from siyu.connectors.wecom.transport import Transport

_OWNERS = 100


class Statistics(Transport):
    """Figures of whole days in China: 30 days at most, 180 days back at most; yesterday is ready in the early morning."""

    def group_figures(self, owners: Sequence[str], first: datetime, last: datetime | None = None) -> Iterator[OwnerFigures]:
        """Each owner over the days from `first` to `last`, both included; without `last` one day. Owners without groups may be left out."""
        for start in range(0, len(owners), _OWNERS):
            body, offset = self._asked(owners[start : start + _OWNERS], first, last) | {"limit": 1000}, 0
            while True:
                answer = self._call("POST", "externalcontact/groupchat/statistic", {**body, "offset": offset})
                items = answer.get("items") or ()
                for row in items:
                    yield OwnerFigures(str(row["owner"]), GroupFigures.read(row.get("data") or {}))
                offset = int(answer.get("next_offset") or 0)
                if not items or offset >= int(answer.get("total") or 0):
                    break

    def group_figures_by_day(self, owners: Sequence[str], first: datetime, last: datetime | None = None) -> list[DayFigures]:
        """Owners (≤ 100) together, day by day."""
        answer = self._call("POST", "externalcontact/groupchat/statistic_group_by_day", self._asked(owners, first, last))
        return [DayFigures(instant(row.get("stat_time")), GroupFigures.read(row.get("data") or {})) for row in answer.get("items") or ()]

    def behaviour(self, userids: Sequence[str], first: datetime, last: datetime, *, departments: Sequence[int] = ()) -> list[Behaviour]:
        """How members (≤ 100, or departments ≤ 100) talked with customers, summed over them, day by day: ask one by one for figures of each."""
        body: dict[str, Any] = {"start_time": int(first.timestamp()), "end_time": int(last.timestamp())}
        body |= {name: list(ids) for name, ids in (("userid", userids), ("partyid", departments)) if ids}
        return [Behaviour.read(row) for row in self._call("POST", "externalcontact/get_user_behavior_data", body).get("behavior_data") or ()]

    def _asked(self, owners: Sequence[str], first: datetime, last: datetime | None) -> dict[str, Any]:
        body: dict[str, Any] = {"day_begin_time": int(first.timestamp()), "owner_filter": {"userid_list": list(owners)}}
        return body | ({"day_end_time": int(last.timestamp())} if last else {})
