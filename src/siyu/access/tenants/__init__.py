"""Tenants: the brands of an installation, each invisible to the others."""

from siyu.access.tenants.model import NoTenant, Tenant, WhichTenant
from siyu.access.tenants.service import any_tenant, change, create, get, the_only

__all__ = ["NoTenant", "Tenant", "WhichTenant", "any_tenant", "change", "create", "get", "the_only"]
