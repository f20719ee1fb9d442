"""Route to look a text up before it is kept."""

from pydantic import BaseModel

from siyu.act.words import service
from siyu.infra.http import Db, needs, router

routes = router("/words", tag="words")


class TextIn(BaseModel):
    """The text to look at."""

    text: str


class HitOut(BaseModel):
    """A term found; positions count characters."""

    word: str
    level: str
    category: str
    start: int
    end: int


class HitsOut(BaseModel):
    """All terms found, by position."""

    hits: list[HitOut]


@routes.post("/check", operation_id="check_words", dependencies=[needs("materials.read")])
def check_words(tx: Db, body: TextIn) -> HitsOut:
    """Terms of the word lists in a text."""
    return HitsOut(hits=[HitOut.model_validate(hit, from_attributes=True) for hit in service.check(body.text[:10_000])])
