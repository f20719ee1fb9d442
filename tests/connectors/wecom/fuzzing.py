"""What a fuzz of the sandbox sends: values by their schemas, odd ones among them; and what must hold in the books afterwards."""

from typing import Any

from hypothesis import strategies as st

from tests.connectors.wecom.conftest import Place

Value = st.SearchStrategy[Any]
Known = dict[str, list[Any]]
"""Values that exist, by the ending of a field's name, so that requests get as far as they can."""

NUMBERS = st.one_of(st.integers(-2, 40), st.sampled_from([0, 1, 2, 1_000_001, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 1_772_416_800, 253_402_300_800]))
WORDS = st.one_of(st.sampled_from(["", "0", "1", "x" * 5_000, "a\x00b", "half \ud83d", "../x", "' or 1=1 --", "%s", "💥", "²", "9" * 30]), st.text(max_size=12))
ODD: Value = st.one_of(
    *(WORDS, NUMBERS, st.none(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), st.just([]), st.just({})),
    *(st.lists(WORDS, max_size=3), st.just([[{}]]), st.just([None]), st.just([1.5]), st.just({"a": {"b": [1]}}), st.just(list(range(2_000)))),
)
"""What nobody should send."""
BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"\xff\xfe",
    b'{"a": NaN}',
    b'{"limit": Infinity}',
    b'{"limit": ' + b"9" * 5_000 + b"}",
    b'{"a":' * 100_000,
    b"[" * 100_000,
    b'{"userid":' + b"[" * 500 + b"]" * 500 + b"}",
    '{"userid":"好"}'.encode("utf-16"),
    b'{"userid":"\\ud83d"}',
    b'{"userid":"a","userid":1}',
]


def _mostly(usual: Value, odd: Value) -> Value:
    """Nineteen of twenty times the usual, however many kinds of odd ones there are."""
    return st.integers(0, 19).flatmap(lambda number: usual if number else odd)


def valued(schema: dict[str, Any], name: str, known: Known, shapes: dict[str, Any]) -> Value:
    """Values of a schema: mostly what there is, now and then something odd. `shapes`: what the schema refers to."""
    if "$ref" in schema:
        return valued(shapes[schema["$ref"].rpartition("/")[2]], name, known, shapes)
    if "anyOf" in schema:
        return st.one_of(*(valued(one, name, known, shapes) for one in schema["anyOf"]))
    fitting = next((known[name[start:]] for start in range(len(name)) if name[start:] in known), None)
    whole: Value
    match schema["type"]:
        case "object":
            inner = {key: valued(part, key, known, shapes) for key, part in schema.get("properties", {}).items()}
            required = set(schema.get("required", ()))
            whole = st.fixed_dictionaries(
                {key: it for key, it in inner.items() if key in required}, optional={k: it for k, it in inner.items() if k not in required}
            )
        case "array":
            whole = st.lists(valued(schema["items"], name, known, shapes), max_size=3)
        case "integer":
            whole = NUMBERS
        case "number":
            whole = st.one_of(NUMBERS, st.floats())
        case "boolean":
            whole = st.booleans()
        case "null":
            whole = st.none()
        case _:
            whole = st.sampled_from(schema["enum"]) if "enum" in schema else WORDS
    if fitting and (schema["type"] in ("string", "integer", "number") or (schema["type"] == "object" and "properties" not in schema)):
        return _mostly(st.sampled_from(fitting), st.one_of(whole, ODD))
    return _mostly(whole, ODD)


def spoilt(fields: Any, chance: Any) -> Any:
    """The same with one of its fields left out now and then."""
    if isinstance(fields, dict) and fields and chance.random() < 0.2:
        return {key: value for key, value in fields.items() if key != chance.choice(sorted(fields))}
    return fields


def sane(place: Place) -> None:
    """What must hold in the platform's books whatever was asked of it."""
    with place.sandbox.books.read() as db:

        def none(question: str) -> None:
            assert db.execute(question).fetchall() == [], question

        none("select * from pragma_integrity_check where integrity_check <> 'ok'")
        none("select * from pragma_foreign_key_check")
        none("select * from follow_tag where tag_id not in (select id from tag)")
        none("select * from follow_tag t where not exists (select 1 from follow f where f.userid = t.userid and f.external_userid = t.external_userid)")
        none("select * from tag where group_id not in (select id from tag_group)")
        none("select group_id, name from tag group by group_id, name having count(*) > 1")
        none("select * from tag_group where id not in (select group_id from tag)")
        none("select * from follow where userid not in (select userid from staff) or external_userid not in (select external_userid from customer)")
        none("select * from send_recipient where msgid not in (select msgid from send)")
        none("select * from send_task where msgid not in (select msgid from send)")
        none("select * from send_recipient where userid not in (select userid from send_task where send_task.msgid = send_recipient.msgid)")
        none("select * from send_chat where not exists (select 1 from send_task t where t.msgid = send_chat.msgid and t.userid = send_chat.userid)")
        none("select * from send_chat where chat_id not in (select chat_id from chat)")
        none("select * from acquisition_quota where used < 0 or used > total")
        none("select * from contact_way where length(remark) > 30 or length(state) > 30")
        none("select * from product where price < 0 or price > 5000000")
        none("select * from chat where owner not in (select userid from staff)")
        none("select * from chat_member where userid not in (select userid from staff) and userid not in (select external_userid from customer)")
        none("select chat_id from chat_member where left_at is null group by chat_id having count(*) > 500")
