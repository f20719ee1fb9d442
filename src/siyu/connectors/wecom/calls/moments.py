"""客户朋友圈: made here, published by members."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from siyu.connectors.wecom.errors import OutcomeUnknown
from siyu.connectors.wecom.model import Moment, MomentJob, MomentReaction, MomentReactions, MomentTask, NewMoment
from siyu.connectors.wecom.transport import Transport


class Moments(Transport):
    """Moments for customers. Nothing is seen until a member publishes."""

    def add_moment(self, moment: NewMoment) -> str:
        """Order a moment; the id of the job that makes it, good for 24 h. A creating call: on `OutcomeUnknown` look into `moments` first.

        `Refused` 41078: more than 10 in a minute.
        """
        path = "externalcontact/add_moment_task"
        answer = self._call("POST", path, moment.body(), kind="create")
        if not answer.get("jobid"):
            raise OutcomeUnknown(path, "success without jobid")
        return str(answer["jobid"])

    def moment_job(self, jobid: str) -> MomentJob:
        """How far the job is. `Refused` 40088: unknown, or older than a day."""
        return MomentJob.read(self._call("GET", "externalcontact/get_moment_task_result", {"jobid": jobid}))

    def cancel_moment(self, moment_id: str) -> None:
        """Stop what members have not published yet."""
        self._settle("externalcontact/cancel_moment_task", {"moment_id": moment_id})

    def moments(self, start: datetime, end: datetime, *, creator: str | None = None, create_type: int = 2) -> Iterator[Moment]:
        """Moments made between two instants (≤ 30 days apart) of the corp (`create_type` 0), of members (1), or both (2)."""
        body: dict[str, Any] = {"start_time": int(start.timestamp()), "end_time": int(end.timestamp()), "filter_type": create_type, "limit": 20}
        for row in self._pages("externalcontact/get_moment_list", body | ({"creator": creator} if creator else {}), "moment_list"):
            yield Moment.read(row)

    def moment_tasks(self, moment_id: str) -> Iterator[MomentTask]:
        """Who is to publish a moment of the corp, and who has."""
        for row in self._pages("externalcontact/get_moment_task", {"moment_id": moment_id, "limit": 1000}, "task_list"):
            yield MomentTask.read(row)

    def moment_range(self, moment_id: str, userid: str) -> Iterator[str]:
        """Whom a member chose when publishing. `Refused` 41062 with LATER: has not published yet."""
        return self._external_userids("externalcontact/get_moment_customer_list", moment_id, userid, 1000)

    def moment_receivers(self, moment_id: str, userid: str) -> Iterator[str]:
        """Those of them who can see it."""
        return self._external_userids("externalcontact/get_moment_send_result", moment_id, userid, 5000)

    def moment_reactions(self, moment_id: str, userid: str) -> MomentReactions:
        """Likes and comments under one member's publication."""
        answer = self._call("POST", "externalcontact/get_moment_comments", {"moment_id": moment_id, "userid": userid})
        likes, comments = (tuple(MomentReaction.read(row) for row in answer.get(name) or ()) for name in ("like_list", "comment_list"))
        return MomentReactions(likes, comments)

    def _external_userids(self, path: str, moment_id: str, userid: str, limit: int) -> Iterator[str]:
        for row in self._pages(path, {"moment_id": moment_id, "userid": userid, "limit": limit}, "customer_list"):
            yield str(row["external_userid"])
