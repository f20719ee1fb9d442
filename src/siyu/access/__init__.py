"""Who may come in, what each may do, how far each sees, and the record of what was done."""
