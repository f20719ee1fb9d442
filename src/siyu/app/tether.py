"""`python -m siyu.app.tether FD MODULE ARGUMENT…`: run a module for as long as the process lives that started it.

FD is the reading end of a pipe into which nobody writes. It ends when the supervisor ends, by whatever death; then this process is asked to stop as by anybody
else, so that a supervisor that was killed leaves nobody behind on its port.
"""

import os
import runpy
import signal
import sys
import threading
import time

PATIENCE_SECONDS = 10


def hold(end: int) -> None:
    """Wait for the end of the pipe, then for this process to stop by itself; at last stop it."""
    os.read(end, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    end, module, *arguments = sys.argv[1:]
    threading.Thread(target=hold, args=(int(end),), daemon=True).start()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
