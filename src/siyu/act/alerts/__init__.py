"""Notices to staff about what went wrong with their customers."""
