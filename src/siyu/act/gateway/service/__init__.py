"""The gateway's use cases: asking, planning, stopping, and the books behind every call."""
