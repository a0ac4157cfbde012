"""By which names posed pictures are known. Light to import."""

from __future__ import annotations

from pathlib import Path

FILES = (
    "transforms.json",
    "transforms_train.json",
    "transforms_val.json",
    "transforms_test.json",
    "poses_bounds.npy",
    "cameras.bin",
    "cameras.txt",
)
"""Files that tell where cameras stood."""


def may_be_posed(path: str) -> bool:
    """Whether a path that was dropped or typed may lead to posed pictures: a folder, or a file of such a name."""
    return Path(path).is_dir() or Path(path).name in FILES
