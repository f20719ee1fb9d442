"""Names that only siyu itself may say: what it heard of a customer must not be a page's claim."""

_names: frozenset[str] = frozenset()


def use(names: frozenset[str]) -> None:
    """The names of siyu's own catalogue; the app says them once at start."""
    global _names
    _names = names


def names() -> frozenset[str]:
    return _names
