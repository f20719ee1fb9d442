"""What a command says is what the console says."""

import pytest

from siyu.access.tenants import NoTenant
from siyu.app import words
from siyu.app.words import Language
from siyu.kernel.errors import Refusal
from siyu.observe.imports.readers.refusals import DuplicateHeaders


class Unheard(Refusal):
    """Nobody has words for this."""

    code = "words.unheard"


@pytest.mark.parametrize(
    ("refusal", "language", "said"),
    [
        (DuplicateHeaders(names=["单价", "数量"]), "zh-CN", "表头有重复的列名：单价, 数量：请改成不同的列名 [import.duplicate_headers]"),
        (DuplicateHeaders(names=["a"]), "en-US", "Several columns bear the same heading: a. Give them different names [import.duplicate_headers]"),
        (NoTenant(), "zh-CN", "这里还没有设置过：请运行 siyu up 并在浏览器里完成首次设置，或运行 siyu demo [tenant.none]"),
        (Unheard(), "zh-CN", "Nobody has words for this. [words.unheard]"),
    ],
)
def test_a_refusal(refusal: Refusal, language: Language, said: str) -> None:
    assert words.refusal(refusal, language) == said
