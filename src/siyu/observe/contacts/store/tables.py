"""The tables of corps, what the doctor found, contacts, callbacks (all that came, and those to be read), tried secrets and refreshes."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, LargeBinary, SmallInteger, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from siyu.infra.schema import metadata

corps = Table(
    "corps",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("corp_id", Text, nullable=False),
    Column("agent_id", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("base_url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("callback_token", Text, nullable=False),
    Column("callback_aes_key", Text, nullable=False),
    Column("callback_key", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("synced_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("token_refusals", BigInteger, nullable=False),
    Column("token_refused_code", BigInteger),
    Column("token_refused_at", DateTime(timezone=True)),
    Column("old_callback_token", Text),
    Column("old_callback_aes_key", Text),
    Column("old_keys_until", DateTime(timezone=True)),
    Column("address_verified_at", DateTime(timezone=True)),
)
corp_findings = Table(
    "corp_findings",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("corp_id", Uuid, primary_key=True),
    Column("check_id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("checked_at", DateTime(timezone=True), nullable=False),
)
contacts = Table(
    "contacts",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("corp_id", Uuid, nullable=False),
    Column("staff_id", Uuid, nullable=False),
    Column("external_userid", Text, nullable=False),
    Column("identity_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("avatar", Text, nullable=False),
    Column("gender", SmallInteger, nullable=False),
    Column("unionid", Text),
    Column("remark", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("add_way", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("tags", JSONB, nullable=False),
    Column("added_at", DateTime(timezone=True), nullable=False),
    Column("relation", Text, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("last_talked_at", DateTime(timezone=True)),
    Column("revision", Integer, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)
callback_inbox = Table(
    "callback_inbox",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("corp_id", Uuid, nullable=False),
    Column("event", Text, nullable=False),
    Column("change_type", Text, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
)
callback_letters = Table(
    "callback_letters",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("corp_id", Uuid, primary_key=True),
    Column("received_at", DateTime(timezone=True), primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
secret_trials = Table(
    "secret_trials",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("corp_id", Text, nullable=False),
    Column("code", BigInteger, nullable=False),
    Column("tried_at", DateTime(timezone=True), nullable=False),
)
contact_refreshes = Table(
    "contact_refreshes",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("corp_id", Uuid, primary_key=True),
    Column("external_userid", Text, primary_key=True),
    Column("hints", JSONB, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("parked", Text),
)
