"""What a fit is given: the photo, the person's joints in it, and the focal length."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from lab.body.smplify.observed import Lens
from lab.chapter import ASSETS
from lab.chapters.body.smplify import GIVEN, PUBLISHED, PUBLISHED_FOCAL, SmplifyParams
from lab.experiment import ExperimentError
from lab.formats.base import FormatError
from lab.keypoints.people import Person2D, read_keypoints
from lab.photo.exif import focal_length
from lab.photo.photo import Photo, load_photo
from lab.scene import Array

EXAMPLE_PHOTO: Final = ASSETS / "body" / "example_person.png"
EXAMPLE_JOINTS: Final = ASSETS / "body" / "example_person.json"


@dataclass(frozen=True, eq=False)
class Given:
    """photo; person; lens. focal_from: where the focal length is from, in words. name: of the photo's file."""

    photo: Photo
    person: Person2D
    lens: Lens
    focal_from: str
    name: str


def make_given(params: SmplifyParams) -> Given:
    """Read, or find, what the parameters name. Raises ExperimentError with a sentence."""
    if params.keypoints and not params.image:
        raise ExperimentError("There are joints but no photo. Choose under 'Photo' the picture that they belong to.")
    path = Path(params.image) if params.image else EXAMPLE_PHOTO
    joints = params.keypoints or ("" if params.image else str(EXAMPLE_JOINTS))
    try:
        photo = load_photo(path)
        people = read_keypoints(joints) if joints else look_for_people(photo.pixels)
    except FormatError as error:
        raise ExperimentError(str(error)) from None
    where = Path(joints).name if joints else path.name
    lens, focal_from = lens_for(params, photo, path)
    return Given(photo, choose(people, params.person, where), lens, focal_from, path.name)


def look_for_people(pixels: Array) -> list[Person2D]:
    """By the networks. pixels: (H, W, 3) float32 in [0, 1]. Raises ExperimentError where they cannot be used."""
    from lab.keypoints.networks import NetworkError, find_people

    try:
        return list(find_people(np.rint(255.0 * pixels).astype(np.uint8)))
    except NetworkError as error:
        raise ExperimentError(str(error)) from None


def choose(people: list[Person2D], number: int, where: str) -> Person2D:
    """The ``number``-th largest, from 1. Raises ExperimentError where there are not so many."""
    if not people:
        text = f"No person was found in {where}."
        raise ExperimentError(f"{text} Choose a photo with a person from head to foot, or set the joints by hand.")
    if number > len(people):
        found = "one person" if len(people) == 1 else f"{len(people)} people"
        raise ExperimentError(f"There is no person {number}: {where} shows {found}. Set 'Person' to a smaller number.")
    return sorted(people, key=_area, reverse=True)[number - 1]


def _area(person: Person2D) -> float:
    seen = person.xy[person.confidence > 0.0]
    return float(np.prod(np.ptp(seen, axis=0))) if len(seen) else 0.0


def lens_for(params: SmplifyParams, photo: Photo, path: Path) -> tuple[Lens, str]:
    """The lens, and where its focal length is from."""
    if params.focal_by == GIVEN:
        return Lens.of(photo.size, params.focal), "given"
    if params.focal_by == PUBLISHED:
        return Lens.of(photo.size, PUBLISHED_FOCAL), "as published"
    written = focal_length(path, photo.size)
    if written is not None:
        return Lens.of(photo.size, written), "written in the file"
    return Lens.of(photo.size), "of a normal lens"
