"""Materials 素材: what staff send."""

from siyu.act.materials.model import Material, MaterialNotFound
from siyu.act.materials.service import get

__all__ = ["Material", "MaterialNotFound", "get"]
