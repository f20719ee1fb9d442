"""Texts that people and machines hand in."""


def storable(text: str) -> bool:
    """Whether a text can be kept and sent: PostgreSQL holds no NUL, and half a surrogate pair is no character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def without_nul(text: str) -> str:
    """A text as PostgreSQL keeps it."""
    return text.replace("\0", "")
