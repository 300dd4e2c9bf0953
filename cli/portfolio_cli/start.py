"""Where the command begins: Ctrl-C while its parts are being read from the disk is no fault of the program."""

from __future__ import annotations

import sys


def run() -> None:
    """Run the command; see `portfolio_cli.main.run`."""
    try:
        from portfolio_cli import main
    except KeyboardInterrupt:
        sys.exit(130)
    main.run()
