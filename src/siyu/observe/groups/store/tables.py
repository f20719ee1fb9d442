"""The tables of groups and of the stays of people in them."""

from sqlalchemy import BigInteger, Column, DateTime, Table, Text, Uuid

from siyu.infra.schema import metadata

group_chats = Table(
    "group_chats",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("corp_id", Uuid, nullable=False),
    Column("chat_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("owner_id", Uuid),
    Column("notice", Text, nullable=False),
    Column("member_version", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", DateTime(timezone=True)),
    Column("dismissed_at", DateTime(timezone=True)),
    Column("read_at", DateTime(timezone=True)),
    Column("due_at", DateTime(timezone=True)),
    Column("wanted_at", DateTime(timezone=True)),
)
group_members = Table(
    "group_members",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("group_id", Uuid, primary_key=True),
    Column("member", Text, primary_key=True),
    Column("joined_at", DateTime(timezone=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("identity_id", Uuid),
    Column("name", Text, nullable=False),
    Column("nickname", Text, nullable=False),
    Column("unionid", Text),
    Column("way", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("invited_by", Text, nullable=False),
    Column("left_at", DateTime(timezone=True)),
    Column("ended", Text),
)
