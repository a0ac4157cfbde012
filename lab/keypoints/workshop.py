"""The compute of the editor of joints: it holds one photo and finds people in it. It runs in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from lab.files import explain
from lab.formats.base import FormatError
from lab.keypoints.messages import (
    Event,
    FindPeople,
    FoundPeople,
    OpenedJoints,
    OpenJoints,
    OtherJoints,
    ReadJoints,
    Refused,
    Request,
    Saved,
    SaveJoints,
)
from lab.keypoints.people import Person2D, read_keypoints, write_keypoints
from lab.photo.photo import read_pixels
from lab.photo.workshop import levels_of, places_for, target_of
from lab.scene import Array

ENDING: Final = "_joints.json"
"""How the names of the editor's files end; OpenPose writes _keypoints.json, which is never written over."""


class Workshop:
    """Answers one request after the other."""

    def __init__(self) -> None:
        self._pixels: Array | None = None

    def answer(self, request: Request) -> Event:
        """What became of a request; every failure is a sentence."""
        from lab.keypoints.networks import NetworkError, find_people

        try:
            match request:
                case OpenJoints():
                    return self._open(request)
                case FindPeople():
                    return FoundPeople(tuple(find_people(self._photo())))
                case ReadJoints():
                    return OtherJoints(tuple(read_keypoints(request.path)), Path(request.path).name)
                case SaveJoints():
                    return self._save(request)
        except (FormatError, NetworkError) as error:
            return Refused(str(error))
        except MemoryError:
            return Refused("There is not enough memory for a photo of this size. Make it smaller and try again.")

    def _open(self, request: OpenJoints) -> OpenedJoints:
        photo = Path(request.path)
        pixels = read_pixels(photo)
        self._pixels = pixels[..., :3]
        people, note, source = starting_people(photo, request.joints, request.folder)
        target = target_of(photo, request.folder, source, ENDING)
        return OpenedJoints(levels_of(pixels), tuple(people), note, str(target))

    def _photo(self) -> Array:
        if self._pixels is None:
            raise FormatError("No photo is open.")
        return self._pixels

    def _save(self, request: SaveJoints) -> Event:
        path, pixels = Path(request.path), self._photo()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_keypoints(path, request.people, (pixels.shape[0], pixels.shape[1]))
        except OSError as error:
            return Refused(f"{path.name} cannot be saved: {explain(error)}.")
        return Saved(str(path))


def starting_people(photo: Path, joints: str, folder: str) -> tuple[list[Person2D], str, Path | None]:
    """The people to begin with, a sentence about them, and the file of the editor's own that they come from.

    Those of the file that is named; else those that were saved before; else none. A named file with another ending was
    written by another program: it is read, and not written over.
    """
    trouble = ""
    for file in (joints, *map(str, places_for(photo, folder, ENDING))):
        if not file or (file != joints and not Path(file).is_file()):
            continue
        try:
            people = read_keypoints(file)
        except FormatError as error:
            trouble = trouble or str(error)
            continue
        own = Path(file) if file.endswith(ENDING) and Path(file).name.startswith(photo.stem) else None
        return people, trouble or f"This goes on from {Path(file).name}.", own
    return [], trouble, None
