import sys

from excamera_rendezvous.cli import main

sys.exit(main())
