"""Materials 素材: what staff send."""

from siyu.act.materials.model import TEXT_BYTES, BadMaterial, Material, MaterialNotFound, placeholders
from siyu.act.materials.service import check_card, get

__all__ = ["TEXT_BYTES", "BadMaterial", "Material", "MaterialNotFound", "check_card", "get", "placeholders"]
