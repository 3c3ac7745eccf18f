"""`python -m excamera_rendezvous`: the command `excamera-rendezvous`."""

import sys

from excamera_rendezvous.cli import main

sys.exit(main())
