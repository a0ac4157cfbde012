"""A worker that ends before it is ready, as one does whose libraries are missing."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    sys.stderr.write("a warning\nlibmissing.so cannot be found\n")
    sys.exit(3)
