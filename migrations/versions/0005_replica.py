"""What the columnar replica needs of PostgreSQL: tombstones may be forgotten once it has read them."""

from alembic import op

from siyu.infra.migrate import lookup_function

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    # A replica that has not read below `forgotten_before` must be rebuilt.
    op.execute("create table replica_memory (forgotten_before xid8 not null, one boolean primary key default true check (one))")
    op.execute("insert into replica_memory values ('0')")
    op.execute("grant select on replica_memory to siyu_reader")
    op.execute("grant select, update on replica_memory to siyu_definer")
    op.execute("grant select, delete on replica_tombstones to siyu_definer")
    lookup_function(
        """
        create function siyu_forget_tombstones(p_before xid8) returns bigint
        language sql volatile security definer set search_path = public as $$
            with raised as (
                update replica_memory set forgotten_before = greatest(forgotten_before, p_before) where p_before > forgotten_before
            ), gone as (
                delete from replica_tombstones where xid < p_before returning 1
            )
            select count(*) from gone
        $$
        """,
        "siyu_forget_tombstones(xid8)",
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function siyu_forget_tombstones(xid8)")
    op.execute("drop table replica_memory")
