"""Customer groups and who is in them."""
