"""Customers go from one member of staff to another, and what became of it."""
