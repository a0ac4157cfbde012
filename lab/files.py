"""Saving files so that nothing is ever lost: the old file stays until the new one is complete and on the disk."""

from __future__ import annotations

import errno
import itertools
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PART = ".part"

_REASONS = {
    errno.ENOSPC: "the disk is full. Free some space or choose another place",
    errno.EDQUOT: "your disk quota is used up. Free some space or choose another place",
    errno.EACCES: "you have no permission. Choose another place, or change the permissions of the file or its folder",
    errno.EPERM: "the system does not allow it. Choose another place",
    errno.EROFS: "the disk is read-only. Choose another place",
    errno.ENOENT: "there is no such file or folder. Check the name",
    errno.ENOTDIR: "part of the path is not a folder. Check the name",
    errno.EISDIR: "it is a folder. Give the name of a file",
    errno.ENAMETOOLONG: "the name is too long. Choose a shorter one",
    errno.EFBIG: "the file is too large for this disk. Choose another place",
    errno.EIO: "the disk reported an error. Check the disk or its connection",
}


def explain(error: OSError) -> str:
    """Why the system refused, and what to do, in words that follow "cannot be saved: " and end without a full stop."""
    reason = _REASONS.get(error.errno or 0)
    return reason if reason is not None else f"the system says “{error.strerror or error}”"


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A temporary file beside ``path`` to write to; it replaces ``path`` when the block ends well, else it is removed.

    It keeps the suffix of ``path`` (some libraries choose the format by it) and the permissions of a file it replaces.
    A link is followed: its target is replaced. Raises OSError; ``path`` is then as it was before.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    if target.exists() and not os.access(target, os.W_OK):  # replacing needs only the folder, but the person locked it
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
    temporary = _create_beside(target)
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def remove_leftovers(folder: str | os.PathLike[str], pid: int) -> None:
    """Remove the temporary files that the process ``pid``, which was killed, left in ``folder``."""
    try:
        names = os.listdir(folder)
    except OSError:  # the folder is gone, and its leftovers with it
        return
    for name in names:
        if name.startswith(".") and f".{pid}-" in name and _PART in name:
            Path(folder, name).unlink(missing_ok=True)


def _create_beside(target: Path) -> Path:
    """An empty new file named after the target and this process, with the permissions that the person's umask gives."""
    stem = os.fsencode(target.stem)[:180].decode(errors="ignore")  # leaves room below the usual limit of 255 bytes
    for number in itertools.count():
        candidate = target.with_name(f".{stem}.{os.getpid()}-{number}{_PART}{target.suffix}")
        try:
            os.close(os.open(candidate, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        except FileExistsError:
            continue
        return candidate
    raise AssertionError("itertools.count is endless")


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the file system can."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:  # not every system opens folders; the file itself is safe already
        return
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
