"""Which tables the replica takes."""

import pytest

from siyu.engine.schema import BadTable, Schema
from siyu.infra.wiring import ReplicaTable
from tests.engine.tables import IDENTITIES, ITEMS, LINES

ID = {"tenant_id": "uuid", "id": "uuid"}


class TestSchema:
    def test_holds_the_event_log_and_starts_with_identities(self) -> None:
        assert [table.name for table in Schema.of([ITEMS, IDENTITIES]).tables] == ["identities", "events", "items"]

    def test_tables_that_name_an_identity_get_the_person(self) -> None:
        schema = Schema.of([ITEMS, LINES, IDENTITIES])
        with_person = {table.name for table in schema.tables if schema.columns(table).get("customer_id") == "UUID"}
        assert with_person == {"events", "items", "identities"}
        alone = Schema.of([ITEMS])
        assert all("customer_id" not in alone.columns(table) for table in alone.tables)

    def test_its_signature_tells_tables_apart_but_not_spellings(self) -> None:
        assert Schema.of([ITEMS]).signature != Schema.of([ITEMS, LINES]).signature
        lower, upper = (ReplicaTable("a", dict.fromkeys(ID, spelt), ["tenant_id"]) for spelt in ("uuid", "UUID"))
        assert Schema.of([lower]).signature == Schema.of([upper]).signature

    @pytest.mark.parametrize(
        "table",
        [
            ReplicaTable("Items", ID, ("tenant_id", "id")),
            ReplicaTable("items; drop", ID, ("tenant_id", "id")),
            ReplicaTable("items", {**ID, "a b": "uuid"}, ("tenant_id", "id")),
            ReplicaTable("items", {**ID, "props": "nonsense"}, ("tenant_id", "id")),
            ReplicaTable("items", ID, ("id",)),
            ReplicaTable("items", ID, ("tenant_id", "number")),
        ],
    )
    def test_refuses_what_it_cannot_hold(self, table: ReplicaTable) -> None:
        with pytest.raises(BadTable):
            Schema.of([table])

    def test_refuses_a_table_lent_twice(self) -> None:
        with pytest.raises(BadTable, match="items"):
            Schema.of([ITEMS, ITEMS])
