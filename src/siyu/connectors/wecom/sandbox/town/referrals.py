"""转介绍: a content customer sends a friend to the member's code."""

import json
import sqlite3
from collections.abc import Callable
from typing import Protocol

from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.town import founding, population
from siyu.connectors.wecom.sandbox.town.catalogue import Catalogue
from siyu.connectors.wecom.sandbox.town.moods import Moods, friends_of
from siyu.connectors.wecom.sandbox.town.organisation import stores_of
from siyu.connectors.wecom.sandbox.town.population import Person
from siyu.connectors.wecom.sandbox.town.scenario import Scenario

_DAY = 86_400.0


class Meeting(Protocol):
    """How a new customer and the company become friends."""

    def befriend(self, db: sqlite3.Connection, userid: str, external_userid: str, at: float) -> None:
        """By the member's own code."""

    def scan(self, db: sqlite3.Connection, config_id: str, external_userid: str, at: float) -> tuple[str | None, bool]:
        """By a code that an app made; who it led to, and whether they were no friends before."""


class Referrals:
    """All are part of the running transaction."""

    def __init__(self, corp: Corp, scenario: Scenario, catalogue: Catalogue, moods: Moods, meeting: Meeting, later: Callable[..., None]) -> None:
        self._corp = corp
        self._draws = corp.draws
        self._scenario = scenario
        self._stores = stores_of(scenario)
        self._catalogue = catalogue
        self._moods = moods
        self._meeting = meeting
        self._later = later

    def ordered(self, db: sqlite3.Connection, customer: sqlite3.Row, occasion: str, at: float) -> None:
        """After an order a content customer may tell a friend of the member."""
        referrals, external_userid = self._scenario.referrals, customer["external_userid"]
        if not self._draws.happens(referrals.friend_rate, "referral", external_userid, occasion):
            return
        mood, members = self._moods.now(db, external_userid, at), friends_of(db, external_userid)
        if mood.muted or mood.load > referrals.content_load or not members:
            return
        userid = self._draws.pick(members, "referral to", external_userid, occasion)
        comes = at + self._draws.lognormal(referrals.friend_median_days, 0.8, "referral delay", external_userid, occasion) * _DAY
        self._later(db, "friend", comes, f"{external_userid}/{occasion}", referrer=external_userid, userid=userid, occasion=occasion)

    def arrive(self, db: sqlite3.Connection, referrer: str, userid: str, occasion: str, at: float) -> str | None:
        """Somebody new scans the member's code, the oldest that leads to this member alone, else the member's own; who that is.

        None: nobody comes to a member who has left or is full.
        """
        here = db.execute("select 1 from staff where userid = ? and status <> 5", (userid,)).fetchone()
        if here is None or self._corp.is_full(db, userid):
            return None
        known = db.execute("select * from customer where external_userid = ?", (referrer,)).fetchone()
        person = Person(f"{known['shop_customer_id']}-{occasion}", city=known["city"], province=known["province"], guide=userid)
        [person] = population.complete([person], self._stores, self._scenario, self._catalogue, self._draws, start=at)
        external_userid = founding.settle(db, self._draws, person, at)
        code = "select config_id from contact_way where users = ? and parties = '[]' and temporary = 0 order by created_at, config_id limit 1"
        way = db.execute(code, (json.dumps([userid]),)).fetchone()
        if way is None:
            self._meeting.befriend(db, userid, external_userid, at)
        else:
            self._meeting.scan(db, way["config_id"], external_userid, at)
        values = (external_userid, referrer, userid, way["config_id"] if way else "", at)
        db.execute("insert into referral (external_userid, referrer, userid, config_id, at) values (?, ?, ?, ?, ?)", values)
        return external_userid
