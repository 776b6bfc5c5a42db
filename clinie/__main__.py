"""``python -m clinie``: the command line."""

from clinie.cli import main

main()
