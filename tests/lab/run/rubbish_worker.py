"""A worker whose message its parent cannot read."""

from __future__ import annotations

import time
from typing import Any

from lab.channel import child_channel


class Foreign:
    def __reduce__(self) -> Any:
        return exec, ("import no_such_module",)


if __name__ == "__main__":
    child_channel().send(Foreign())
    time.sleep(60)
