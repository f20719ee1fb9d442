"""Tenants, accounts, sessions, roles, staff, audit."""
