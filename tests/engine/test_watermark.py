"""What a snapshot sees."""

from hypothesis import given
from hypothesis import strategies as st

from siyu.engine.watermark import Snapshot


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    xmin = draw(st.integers(1, 12))
    xmax = draw(st.integers(xmin, 14))
    running = draw(st.frozensets(st.integers(xmin, xmax - 1))) if xmax > xmin else frozenset()
    return Snapshot(min(running, default=xmax), xmax, running)


class TestSnapshot:
    @given(snapshots())
    def test_reads_what_it_writes(self, snapshot: Snapshot) -> None:
        assert Snapshot.parse(str(snapshot)) == snapshot

    @given(snapshots(), snapshots())
    def test_covers_another_when_it_sees_all_that_the_other_sees(self, one: Snapshot, other: Snapshot) -> None:
        assert one.covers(other) == all(one.sees(xid) for xid in range(20) if other.sees(xid))
