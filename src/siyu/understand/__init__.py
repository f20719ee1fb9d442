"""Understand: who each customer is."""
