"""Customer groups go from one owner to another, and what became of it."""
