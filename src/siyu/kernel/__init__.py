"""Pure ideas that everything shares: ids, money, time, errors, statistics. No input or output."""
