"""What buyers dealt in is asked a share of them at a time, and nobody can tell."""

from collections import defaultdict
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.observe.imports import dealt, staging
from siyu.observe.imports.model.returns import Dealing
from siyu.observe.imports.staging import Staging

Found = dict[tuple[str, str], set[Dealing]]


class Document(NamedTuple):
    """An order, or a return without one. `lines`: who is named, thing and pieces of each row."""

    refund: bool
    at: int
    lines: list[tuple[str, str, int]]
    status: str


BUYER = {"n1": ("1", "", ""), "u1": ("", "1", ""), "p1": ("", "", "1"), "n2": ("2", "", ""), "n3": ("3", "u3", "13800000003")}
DOCUMENTS = st.builds(
    lambda refund, at, buyer, things, named, status: Document(
        refund, at, [(buyer if named or not nth else "", *one) for nth, one in enumerate(things)], status
    ),
    st.booleans(),
    st.integers(0, 9),
    st.sampled_from(sorted(BUYER)),
    st.lists(st.tuples(st.sampled_from(["TEA", "CUP", ""]), st.integers(1, 5)), min_size=1, max_size=3),
    st.booleans(),
    st.sampled_from(["paid", "paid", "refunded", "cancelled"]),
)


def columns(documents: list[Document]) -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = {name: [] for name in staging._STAGED.names}
    for number, document in enumerate(documents):
        for buyer, thing, pieces in document.lines:
            texts = dict.fromkeys(rows, "")
            texts |= dict(zip(("customer_no", "unionid", "phone"), BUYER.get(buyer, ("", "", "")), strict=True))
            texts |= {"order_no": str(number), "sku": thing, "name": "杯", "quantity": str(pieces), "amount": "1", "raw": str(number)}
            texts["status"] = "paid" if document.refund else document.status
            for name, value in {**texts, "row": len(rows["row"]) + 2, "refund": document.refund, "at": document.at}.items():
                rows[name].append(value)
    return rows


def oracle(documents: list[Document]) -> Found:
    found: Found = defaultdict(set)
    row = 2
    for number, document in enumerate(documents):
        pieces: dict[str, tuple[int, Decimal]] = {}
        for _, thing, quantity in document.lines:
            first, so_far = pieces.get(thing or "杯", (row, Decimal(0)))
            pieces[thing or "杯"] = (first, so_far + (0 if document.status == "refunded" and not document.refund else quantity))
            row += 1
        if document.refund or document.status != "cancelled":
            for thing, (first, sum_of) in pieces.items():
                found[document.lines[0][0], thing].add(Dealing(document.refund, document.at, str(number), sum_of, first))
    return {key: those for key, those in found.items() if any(one.back for one in those)}


@settings(max_examples=60)
@given(documents=st.lists(DOCUMENTS, min_size=1, max_size=20), share_rows=st.sampled_from([1, 4, 1000]))
def test_every_share_gives_all_of_its_buyers(documents: list[Document], share_rows: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.MonkeyPatch.context() as patch, Staging(tmp_path_factory.mktemp("staging")) as held:
        patch.setattr(dealt, "SHARE_ROWS", share_rows)
        held.add(columns(documents))
        held.sort()
        held.judged()
        found: Found = defaultdict(set)
        batches = list(held.dealings())
        for buyer, thing, dealing in (one for batch in batches for one in batch):
            found[buyer, thing].add(dealing)
    assert found == oracle(documents)
    buyers = [{buyer for buyer, _, _ in batch} for batch in batches]
    assert sum(map(len, buyers)) == len(set().union(*buyers))
