"""Files of orders on their way in: columns mapped, tried, imported, with a file of what could not be taken."""

from siyu.observe.imports.model.imports import Import, State
from siyu.observe.imports.model.options import Options
from siyu.observe.imports.model.problems import sentence
from siyu.observe.imports.service import ImportNotFound, cancel, check, create, delete, get, page, run, set_mapping

__all__ = ["Import", "ImportNotFound", "Options", "State", "cancel", "check", "create", "delete", "get", "page", "run", "sentence", "set_mapping"]
