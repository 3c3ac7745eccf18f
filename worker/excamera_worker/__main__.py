"""`python -m excamera_worker`, the same as `excamera-worker`."""

import sys

from excamera_worker.cli import main

if __name__ == "__main__":
    sys.exit(main())
