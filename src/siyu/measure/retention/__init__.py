"""Who comes back, month by month, and what each month brought."""
