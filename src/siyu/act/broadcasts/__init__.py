"""Broadcasts 群发: one message for everyone a segment holds, through staff who confirm."""
