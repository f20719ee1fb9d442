"""An engine as a process of its own: `python -m tests.engine.process HOME URL`."""

import sys
from pathlib import Path

from siyu import engine
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from tests.engine.tables import TABLES

if __name__ == "__main__":
    engine.serve(Settings(home=Path(sys.argv[1]), engine_memory_mb=512), Database(sys.argv[2]), TABLES)
