"""Observe: what customers do."""
