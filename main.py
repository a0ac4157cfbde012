"""DL3D Lab: ``python main.py [FILE ...]`` opens the lab, ``python main.py --help`` tells the rest."""

from __future__ import annotations

import sys
from argparse import Namespace

from lab import cli


def carry_out(options: Namespace) -> int:
    """The exit status of what is asked for. Only here do the engine's command line and the window meet."""
    if options.command == "open":
        from lab.inputs import find_files

        if not find_files(options):
            return cli.WRONG_REQUEST
        from ui.app import main as open_lab

        return open_lab(options)
    if options.command == "probe":
        from ui.probe import main as probe

        return probe(options)
    return cli.execute(options)


if __name__ == "__main__":
    sys.exit(cli.guard(cli.parse(sys.argv[1:]), carry_out))
