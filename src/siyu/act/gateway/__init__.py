"""The action gateway: whatever reaches a customer passes here, once, and always with a reason."""
