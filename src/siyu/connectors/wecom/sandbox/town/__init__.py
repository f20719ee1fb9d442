"""The town behind the sandbox: staff and customers with habits, decided by one seed."""
