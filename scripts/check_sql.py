"""Check every migration's SQL with squawk (locks, safety), as PostgreSQL will see it."""

import io
import subprocess
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

from alembic import command
from alembic.config import Config

from siyu.infra.migrate import folder

# What a first release may do, since its tables are new and empty; every later migration is checked in full.
FIRST_RELEASE = "0009"


def sql_of(revisions: str) -> str:
    """The SQL of a range of migrations."""
    config = Config()
    config.set_main_option("script_location", str(folder()))
    text = io.StringIO()
    config.output_buffer = text
    with redirect_stdout(text):
        command.upgrade(config, revisions, sql=True)
    return text.getvalue()


text = sql_of(f"{FIRST_RELEASE}:head")
with tempfile.NamedTemporaryFile("w", suffix=".sql", delete=False) as file:
    file.write(text)
if not text.strip():
    print(f"no migration after the first release ({FIRST_RELEASE})")  # noqa: T201
    sys.exit(0)
sys.exit(subprocess.run([str(Path(sys.executable).parent / "squawk"), file.name], check=False).returncode)
