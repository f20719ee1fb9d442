"""Run a command against throw-away servers made of the PostgreSQL programs that the system has, two for two workers: `external_server.py COMMAND…`."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from siyu.infra import postgres

found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
if not found:
    sys.exit("not run: this system has no PostgreSQL server (Debian: apt-get install postgresql)")
homes = [Path(tempfile.mkdtemp(prefix="siyu-external-")) for _ in range(2)]
try:
    urls = []
    for home in homes:
        home.chmod(0o755)
        urls.append(postgres.start(home, settings=postgres.THROWAWAY, binaries=found[0]).url("postgres"))
    environment = {**os.environ, "SIYU_TEST_DATABASE_URL": " ".join(urls)}
    sys.exit(subprocess.run(sys.argv[1:], env=environment, check=False).returncode)
finally:
    for home in homes:
        postgres.erase(home)
