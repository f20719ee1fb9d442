"""Measure: what it brought."""
