"""Lifecycle stages of customers."""
