"""One grammar of rules."""
