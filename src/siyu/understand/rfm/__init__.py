"""Recency, frequency, monetary value of every customer."""
