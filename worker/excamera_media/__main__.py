"""``python -m excamera_media`` is the command ``excamera-media``."""

import sys

from excamera_media.cli import main

sys.exit(main())
