"""The tables of customers, merges, conflicts and separations."""

from sqlalchemy import ARRAY, Column, DateTime, Table, Text, Uuid

from siyu.infra.schema import metadata

customers = Table(
    "customers",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("name", Text),
    Column("name_source", Text),
    Column("gender", Text),
    Column("city", Text),
    Column("province", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("merged_into", Uuid),
)
customer_merges = Table(
    "customer_merges",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("survivor_id", Uuid, nullable=False),
    Column("loser_id", Uuid, nullable=False),
    Column("identities", ARRAY(Uuid), nullable=False),
    Column("merged_at", DateTime(timezone=True), nullable=False),
    Column("undone_at", DateTime(timezone=True)),
    Column("undone_by", Text),
)
identity_conflicts = Table(
    "identity_conflicts",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("namespace", Text, nullable=False),
    Column("contradicting", ARRAY(Uuid), nullable=False),
    Column("contested", ARRAY(Uuid), nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
)
identity_separations = Table(
    "identity_separations",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("a", Uuid, primary_key=True),
    Column("b", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("by", Text, nullable=False),
)
