"""Where the command `excamera` begins: light, so that Ctrl-C is heard from the first moment on."""

from __future__ import annotations

import os
import sys

INTERRUPTED = 130

# grpc looks at it when it is loaded, and would else write to standard error, in a form of its own,
# that a peer has ended a connection: we tell that ourselves, where it matters. Workers inherit it.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")


def main() -> int:
    """Loads the command and runs it; see `cli.main`."""
    try:
        from excamera.cli import main as run

        return run()
    except KeyboardInterrupt:
        print("excamera: interrupted", file=sys.stderr)
        # Modules that were half loaded would complain once more on the way out.
        sys.stderr.flush()
        os._exit(INTERRUPTED)
