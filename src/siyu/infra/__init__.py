"""What the house stands on: transactions, jobs, settings, logging, files, HTTP helpers, wiring."""
