"""Texts that people and machines hand in."""


def storable(text: str) -> bool:
    """Whether a text can be kept and sent: PostgreSQL holds no NUL, and half a surrogate pair is no character."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
