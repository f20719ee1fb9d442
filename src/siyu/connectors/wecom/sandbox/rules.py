"""Rule packs: what the platform allowed at a time, under one name."""

from dataclasses import dataclass

from siyu.connectors.wecom.sandbox.settings import Limits, PushSettings


@dataclass(frozen=True)
class RulePack:
    """`since` and `until`: years in which it held, None for still. What is not known of a time is as it is now."""

    name: str
    since: int | None
    until: int | None
    meaning: str
    limits: Limits
    push: PushSettings


RULE_PACKS = {
    pack.name: pack
    for pack in (
        RulePack("now", 2023, None, "as many group sends a month to one customer as the month has days", Limits(group_send_rule="month"), PushSettings()),
        RulePack(
            "2021",
            2021,
            2023,
            "one group send a day to one customer; 3000 tags, 100 people in an acquisition link",
            Limits(group_send_rule="daily", corp_tags=3000, acquisition_members=100),
            PushSettings(),
        ),
        RulePack(
            "2018",
            None,
            2021,
            "four group sends a month to one customer; 2000 calls a minute, 30000 an hour, pictures of 2 MB, callbacks repeated after any status but 200",
            Limits(group_send_rule="month4", corp_tags=3000, calls_per_minute=2000, calls_per_hour=30_000, media_image_bytes=2 << 20),
            PushSettings(repeat_on_status=True),
        ),
    )
}
