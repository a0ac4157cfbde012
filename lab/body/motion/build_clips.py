"""Makes the bundled clips: ``python -m lab.body.motion.build_clips FOLDER_OF_DEEPMIMIC``."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from lab.body.motion.amass import to_amass
from lab.body.motion.deepmimic import read_deepmimic
from lab.body.motion.library import FOLDER, neutral_rest
from lab.files import atomic_write


def build(source: Path, target: Path) -> None:
    """Write the clip in ``source`` (humanoid3d_*.txt) to ``target`` (.npz), as AMASS has it. Raises FormatError."""
    rest = neutral_rest()
    clip = read_deepmimic(source, rest)
    way = clip.root - rest[0]
    loops = float(clip.loops)
    content = to_amass(clip.poses, way, clip.fps, clip.leg, betas=np.zeros(10), gender="neutral", loops=loops)
    with atomic_write(target) as temporary:
        np.savez_compressed(temporary, **content)  # type: ignore[arg-type]


def main() -> None:
    """Write all clips to assets/body/motion."""
    parser = argparse.ArgumentParser(description="Make the bundled clips from those of DeepMimic.")
    parser.add_argument("folder", type=Path, help="where the humanoid3d_*.txt of DeepMimic are")
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for source in sorted(options.folder.glob("humanoid3d_*.txt")):
        build(source, options.out / f"{source.stem.removeprefix('humanoid3d_')}.npz")


if __name__ == "__main__":
    main()
