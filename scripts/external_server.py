"""Run a command against a throw-away server made of the PostgreSQL programs that the system has: `external_server.py COMMAND…`."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from siyu.infra import postgres

found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
if not found:
    sys.exit("not run: this system has no PostgreSQL server (Debian: apt-get install postgresql)")
home = Path(tempfile.mkdtemp(prefix="siyu-external-"))
home.chmod(0o755)
server = postgres.start(home, settings=postgres.THROWAWAY, binaries=found[0])
try:
    environment = {**os.environ, "SIYU_TEST_DATABASE_URL": server.url("postgres")}
    sys.exit(subprocess.run(sys.argv[1:], env=environment, check=False).returncode)
finally:
    postgres.erase(home)
