"""Other people's protocols. Knows nothing of our customers."""
