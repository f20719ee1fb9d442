"""Days as the platform counts them: those of China, wherever the town lies."""

DAY = 86_400
_AHEAD = 8 * 3600


def start_of_day(at: float) -> int:
    """Midnight at the beginning of the day, in epoch seconds."""
    return int((at + _AHEAD) // DAY) * DAY - _AHEAD
