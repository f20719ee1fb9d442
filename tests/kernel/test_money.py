"""Money in one writing."""

from decimal import Decimal

import pytest
from pydantic import BaseModel

from siyu.infra.http import Exact
from siyu.kernel.money import plain

WRITINGS = {"39.9000000000": "39.9", "100": "100", "1E+2": "100", "1E-7": "0.0000001", "-0.00": "0", "10.0": "10", "-5.50": "-5.5", "0": "0"}


class TestPlain:
    @pytest.mark.parametrize(("given", "written"), WRITINGS.items())
    def test_has_all_digits_and_no_more(self, given: str, written: str) -> None:
        assert plain(Decimal(given)) == written
        assert Decimal(written) == Decimal(given)

    def test_is_how_answers_write_it(self) -> None:
        class Answer(BaseModel):
            revenue: Exact

        assert Answer(revenue=Decimal("39.9000000000")).model_dump_json() == '{"revenue":"39.9"}'
