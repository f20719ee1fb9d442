"""The tables as the migrations leave them; what may never be lies in their constraints."""

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Date, DateTime, Double, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from siyu.infra.schema import metadata

INSTANT = DateTime(timezone=True)

send_actions = Table(
    "send_actions",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("campaign", Uuid, nullable=False),
    Column("step", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("not_before", INSTANT, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    Column("salt", Text, nullable=False),
    Column("holdout_bp", Integer, nullable=False),
    Column("approved", Boolean, nullable=False),
    Column("lifts_cap", Boolean, nullable=False),
    Column("cost_fen", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("ready_at", INSTANT),
    Column("stopped_at", INSTANT),
    Column("settled_at", INSTANT),
)

send_intents = Table(
    "send_intents",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("action_id", Uuid, primary_key=True),
    Column("customer_id", Uuid, primary_key=True),
    Column("arm", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("hold_until", INSTANT),
    Column("identity_id", Uuid),
    Column("corp_id", Text),
    Column("staff_id", Uuid),
    Column("sender", Text),
    Column("external_userid", Text),
    Column("call_id", Uuid),
    Column("quota_on", Date),
    Column("sent_at", INSTANT),
    Column("sent_by", Text),
    Column("updated_at", INSTANT, nullable=False),
)

send_calls = Table(
    "send_calls",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("action_id", Uuid, nullable=False),
    Column("corp_id", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("marker", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("customers", ARRAY(Uuid), nullable=False),
    Column("recipients", ARRAY(Text), nullable=False),
    Column("reserved_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("retry_at", INSTANT),
    Column("lease_until", INSTANT),
    Column("first_try_at", INSTANT),
    Column("tried_at", INSTANT),
    Column("doubt_at", INSTANT),
    Column("look_at", INSTANT),
    Column("looked_at", INSTANT),
    Column("doubted", Boolean, nullable=False),
    Column("absences", Integer, nullable=False),
    Column("msgid", Text),
    Column("code", Text),
    Column("created_at", INSTANT, nullable=False),
)

send_tasks = Table(
    "send_tasks",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("corp_id", Text, primary_key=True),
    Column("msgid", Text, primary_key=True),
    Column("call_id", Uuid, nullable=False),
    Column("action_id", Uuid, nullable=False),
    Column("sender", Text, nullable=False),
    Column("made_at", INSTANT, nullable=False),
    Column("standing", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("close_at", INSTANT),
    Column("whole_at", INSTANT),
    Column("polled_at", INSTANT),
)

send_quotas = Table(
    "send_quotas",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("customer_id", Uuid, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("window_start", Date, primary_key=True),
    Column("used", Integer, nullable=False),
    Column("cap", Integer, nullable=False),
)

send_corps = Table(
    "send_corps",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("corp_id", Text, primary_key=True),
    Column("settle_seconds", Double, nullable=False),
    Column("paused_until", INSTANT),
    Column("pause_code", Text),
    Column("strikes", Integer, nullable=False),
)

send_policies = Table(
    "send_policies",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("policy", JSONB, nullable=False),
    Column("updated_by", Text, nullable=False),
    Column("updated_at", INSTANT, nullable=False),
)

send_incidents = Table(
    "send_incidents",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("call_id", Uuid, nullable=False),
    Column("customers", ARRAY(Uuid), nullable=False),
    Column("at", INSTANT, nullable=False),
)
