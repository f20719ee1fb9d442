"""What shops sell, as their orders tell."""

from siyu.observe.products.service import Names

__all__ = ["Names"]
