"""The calls, by chapter of the contract."""
