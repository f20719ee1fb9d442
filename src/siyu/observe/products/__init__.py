"""What shops sell, as their orders tell."""

from siyu.observe.products.service import learn

__all__ = ["learn"]
