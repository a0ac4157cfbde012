"""Reads damaged files in a process of its own, under limits that the system enforces.

``python tests/lab/formats/fuzz_child.py FOLDER SEED COUNT [FAULT]`` damages the good files of FOLDER COUNT times and
reads and inspects each. A line "FAIL ..." tells of what must not be; the last line tells how it went. Whoever runs
over SECONDS of processor time on one file is killed by the system (SIGPROF), in whatever code it hangs; memory beyond
MEMORY more than before is refused by the system. FAULT puts a "hang", a "memory" explosion or a "crash" in place of
the 20th reading, to see that this is noticed.
"""

from __future__ import annotations

import resource
import signal
import sys
import traceback
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))  # this is a script

from lab.formats import FormatError, read_with_stats
from lab.inspector.inspect import inspect
from lab.scene import Mesh, Points

SECONDS = 5.0
MEMORY = 384 << 20
LONGEST_SENTENCE = 600
NUMBERS = (b"-1", b"0", b"99999999999999999999", b"nan", b"inf", b"1e400", b"1.5", b"x", b"", b'"', b"\xff\xfe", b"[]",
           b"{}", b"null", b"2147483648", b"4294967295", b"1000000000")  # fmt: skip
WORDS = (0, 1, 255, 2**16, 2**31 - 1, 2**31, 2**32 - 1)


def mutate(content: bytes, rng: np.random.Generator) -> bytes:
    """The content with one to three wounds."""
    for _ in range(rng.integers(1, 4)):
        at = int(rng.integers(0, max(len(content), 1)))
        if rng.random() < 0.5:  # headers are where the interesting damage is
            at = int(rng.integers(0, max(min(len(content), 400), 1)))
        content = WOUNDS[rng.integers(len(WOUNDS))](content, at, rng)
    return content


def flip(content: bytes, at: int, rng: np.random.Generator) -> bytes:
    return content[:at] + rng.bytes(1) + content[at + 1 :]


def cut(content: bytes, at: int, rng: np.random.Generator) -> bytes:
    return content[:at]


def insert(content: bytes, at: int, rng: np.random.Generator) -> bytes:
    return content[:at] + rng.bytes(int(rng.integers(1, 9))) + content[at:]


def repeat(content: bytes, at: int, rng: np.random.Generator) -> bytes:
    return content[:at] + content[at : at + 40] * 3 + content[at + 40 :]


def number(content: bytes, at: int, rng: np.random.Generator) -> bytes:
    """Another number in place of the next one of the text."""
    digits = np.isin(np.frombuffer(content, np.uint8), np.frombuffer(b"0123456789", np.uint8))
    starts = np.flatnonzero(digits & ~np.roll(digits, 1))
    if not len(starts):
        return content
    start = int(starts[np.searchsorted(starts, at) % len(starts)])
    end = start + int(np.argmin(np.append(digits[start:], False)))
    return content[:start] + NUMBERS[rng.integers(len(NUMBERS))] + content[end:]


def word(content: bytes, at: int, rng: np.random.Generator) -> bytes:
    """Four other bytes, as of a count."""
    value = WORDS[rng.integers(len(WORDS))]
    return content[:at] + value.to_bytes(4, "little" if rng.random() < 0.8 else "big") + content[at + 4 :]


def swap(content: bytes, at: int, rng: np.random.Generator) -> bytes:
    return content[:at].replace(b" ", b"\t", 3) + content[at:].replace(b"\n", b"", 1)


def drop_line(content: bytes, at: int, rng: np.random.Generator) -> bytes:
    lines = content.split(b"\n")
    at = content.count(b"\n", 0, at)
    return b"\n".join(lines[:at] + lines[at + 1 :])


WOUNDS = (flip, cut, insert, repeat, number, number, word, swap, drop_line)


# --- what must hold -------------------------------------------------------------------------------------------------


def problem_with(path: Path, name: str) -> tuple[str, bool]:
    """What is wrong with how the file was taken ("" if nothing), and whether it was refused."""
    try:
        loaded = read_with_stats(path)[0]
    except FormatError as error:
        return problem_with_sentence(str(error), name), True
    if not all(sentence.isprintable() for sentence in (*loaded.warnings, *loaded.dropped)):
        return f"a warning that cannot be read: {loaded.warnings} {loaded.dropped}", False
    return problem_with_entity(loaded.entity), False


def problem_with_sentence(sentence: str, name: str) -> str:
    if not (sentence.startswith(name) and sentence.endswith(".") and sentence.isprintable()):
        return f"not a readable sentence about the file: {sentence!r}"
    if len(sentence) > LONGEST_SENTENCE:
        return f"a sentence of {len(sentence)} characters"
    if "not enough memory" in sentence:
        return f"it asked for more memory than a file of {name} may: {sentence!r}"
    return ""


def problem_with_entity(entity: Mesh | Points) -> str:
    if not (len(entity.verts) and np.isfinite(entity.verts).all() and np.isfinite(entity.origin).all()):
        return "it gave no vertices, or such that are not finite"
    if isinstance(entity, Mesh) and not 0 <= entity.faces.min() <= entity.faces.max() < len(entity.verts):
        return "its faces use vertices that are not there"
    parts = (entity.normals, entity.colors, *entity.scalars.values())
    return (
        "" if all(part is None or np.isfinite(part).all() for part in parts) else "it gave numbers that are not finite"
    )


def look(path: Path) -> str:
    """The inspector's view of it: it may refuse, too, but not crash."""
    try:
        inspection = inspect(path, count=60, measure=False)
    except FormatError as error:
        return problem_with_sentence(str(error), path.name)
    return "" if inspection.kind and len(inspection.lines) <= 60 else "the inspection makes no sense"


def fail(kind: str) -> None:
    """The fault that was asked for."""
    match kind:
        case "hang":
            while True:
                pass
        case "memory":
            np.ones(MEMORY // 8 + (64 << 20))
        case "crash":
            raise KeyError("fault")


def main() -> None:
    folder, seed, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    fault = sys.argv[4] if len(sys.argv) > 4 else ""
    warnings.simplefilter("error")
    good = sorted(path for path in folder.iterdir() if path.suffix != ".png")
    users = {"materials.mtl": "polygons.obj", "data.bin": "a.gltf"}  # read through those that use them
    for path in good:  # everything is imported and every thread is there before memory is counted
        if path.name not in users:
            read_with_stats(path)
            inspect(path)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    rng = np.random.default_rng(seed)
    refused = 0
    for index in range(count):
        path = good[index % len(good)]
        original = path.read_bytes()
        user = path.with_name(users.get(path.name, f"mutated{path.suffix}"))
        damaged = path if path.name in users else user
        damaged.write_bytes(mutate(original, rng))
        sys.stdout.write(f"{index} {path.name}\n")
        sys.stdout.flush()
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            if index == 20 and fault:
                fail(fault)
            problem, was_refused = problem_with(user, user.name)
            problem = problem or look(damaged)
        except Exception:  # noqa: BLE001 - this is what the test looks for
            problem, was_refused = traceback.format_exc(), True
        signal.setitimer(signal.ITIMER_PROF, 0)
        if problem:
            kept = folder.parent / f"failing-{index}{path.suffix}"
            kept.write_bytes(damaged.read_bytes())
            sys.stdout.write(f"FAIL {index} {path.name} kept as {kept.name}: {problem}\n")
        refused += was_refused
        if path.name in users:
            path.write_bytes(original)
        else:
            damaged.unlink()
    sys.stdout.write(f"done {count} refused {refused}\n")


if __name__ == "__main__":
    main()
