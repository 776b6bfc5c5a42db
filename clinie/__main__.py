"""``python -m clinie``: the command line."""

import sys

from clinie.cli import main

if __name__ == "__main__":
    sys.exit(main())
