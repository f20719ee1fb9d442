"""How identifiers are shown: enough to recognise, too little to use."""


def mask(value: str) -> str:
    """The first two and last two characters; the first alone of something short."""
    return f"{value[:1]}***" if len(value) < 8 else f"{value[:2]}***{value[-2:]}"


def mask_phone(value: str) -> str:
    """`138****1234`."""
    return f"{value[:3]}****{value[-4:]}" if len(value) >= 11 else mask(value)
