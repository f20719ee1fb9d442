"""Codes with which an app may send a new customer the first words."""

import sqlite3

from siyu.connectors.wecom.sandbox.corp import Corp


def code_for(corp: Corp, db: sqlite3.Connection, userid: str, external_userid: str, at: float) -> str:
    """A fresh one, good for the seconds of the limit on the machine's clock; part of the running transaction."""
    code = corp.draws.letters(43, "welcome", corp.books.serial("welcome"))
    row = (code, userid, external_userid, at, corp.clock.machine())
    db.execute("insert into welcome (code, userid, external_userid, given_at, given_machine) values (?, ?, ?, ?, ?)", row)
    return code
