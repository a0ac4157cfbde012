"""The mask painter's compute, and its process."""

from __future__ import annotations

import os
import queue
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lab.photo.client import WorkshopProcess
from lab.photo.messages import Died, Event, FindBackground, Flood, Found, Opened, OpenPhoto, Refused, Saved, SaveMask
from lab.photo.workshop import Workshop, target_of
from tests.lab.photo.photo_help import disc, orange_on_grey, save

DISC = disc()
PIXELS = orange_on_grey(DISC)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return save(tmp_path / "cup.png", PIXELS)


def spread(found: Event) -> np.ndarray:
    """The mask of a Found, as large as the photo."""
    assert isinstance(found, Found)
    mask = np.zeros(DISC.shape, bool)
    mask[found.box.slices] = found.region
    return mask


def test_a_photo_is_opened_found_in_and_its_mask_saved(photo: Path) -> None:
    workshop = Workshop()
    opened = workshop.answer(OpenPhoto(str(photo)))
    assert isinstance(opened, Opened)
    np.testing.assert_array_equal(opened.levels[0][..., 2::-1], PIXELS)
    assert (opened.levels[0][..., 3] == 255).all()
    assert not opened.mask.any()
    assert (opened.note, opened.target) == ("", str(photo.with_name("cup_mask.png")))
    np.testing.assert_array_equal(spread(workshop.answer(FindBackground(1, 12.0))), DISC)
    np.testing.assert_array_equal(spread(workshop.answer(Flood(2, 30, 40, 12.0))), DISC)
    np.testing.assert_array_equal(spread(workshop.answer(Flood(3, 0, 0, 12.0))), ~DISC)
    assert not spread(workshop.answer(FindBackground(4, 200.0))).any()
    assert workshop.answer(SaveMask(opened.target, DISC)) == Saved(opened.target)
    with Image.open(opened.target) as picture:
        assert picture.mode == "L"
        np.testing.assert_array_equal(np.asarray(picture), DISC * 255)


def test_large_photos_come_with_their_halves(tmp_path: Path) -> None:
    pixels = np.zeros((40, 4200, 3), np.uint8)
    pixels[:, ::2] = 200
    opened = Workshop().answer(OpenPhoto(str(save(tmp_path / "wide.png", pixels))))
    assert isinstance(opened, Opened)
    assert [level.shape[:2] for level in opened.levels] == [(40, 4200), (20, 2100), (10, 1050)]
    assert (opened.levels[1][..., 0] == 100).all()


def test_one_goes_on_from_the_mask_that_was_chosen_or_painted_before(photo: Path, tmp_path: Path) -> None:
    before = save(tmp_path / "cup_mask.png", (~DISC * 255).astype(np.uint8))
    opened = Workshop().answer(OpenPhoto(str(photo)))
    assert isinstance(opened, Opened)
    np.testing.assert_array_equal(opened.mask, ~DISC)
    assert opened.target == str(before)
    chosen = save(tmp_path / "mine.png", (DISC * 255).astype(np.uint8))
    opened = Workshop().answer(OpenPhoto(str(photo), str(chosen)))
    assert isinstance(opened, Opened)
    np.testing.assert_array_equal(opened.mask, DISC)
    assert opened.note == "This goes on from mine.png."
    assert opened.target == str(tmp_path / "cup_mask_2.png"), "neither the person's file nor another mask is replaced"


def test_a_mask_of_another_size_is_told_and_transparency_begins(tmp_path: Path) -> None:
    photo = save(tmp_path / "cup.png", np.dstack([PIXELS, DISC * np.uint8(255)]))
    small = save(tmp_path / "small.png", np.zeros((5, 5), np.uint8))
    opened = Workshop().answer(OpenPhoto(str(photo), str(small)))
    assert isinstance(opened, Opened)
    assert "5 x 5 pixels and the photo 80 x 60" in opened.note
    np.testing.assert_array_equal(opened.mask, DISC)


def test_masks_go_elsewhere_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    folder = tmp_path / "data" / "masks"
    targets = {target_of(tmp_path / name / "cup.jpg", str(folder)) for name in ("a", "b")}
    assert len(targets) == 2, "photos of the same name do not meet"
    assert {target.parent for target in targets} == {folder}
    assert isinstance(Workshop().answer(SaveMask(str(targets.pop()), DISC)), Saved), "the folder is made"


def test_failures_are_sentences(tmp_path: Path) -> None:
    workshop = Workshop()
    assert workshop.answer(Flood(7, 0, 0, 1.0)) == Refused("No photo is open.", 7)
    refused = workshop.answer(OpenPhoto(str(tmp_path / "none.jpg")))
    assert isinstance(refused, Refused)
    assert "no such file" in refused.sentence
    (tmp_path / "file").touch()
    refused = workshop.answer(SaveMask(str(tmp_path / "file" / "mask.png"), DISC))
    assert isinstance(refused, Refused)
    assert refused.sentence.startswith("mask.png cannot be saved")


@pytest.fixture
def process() -> Iterator[tuple[WorkshopProcess, queue.Queue[Event]]]:
    events: queue.Queue[Event] = queue.Queue()
    process = WorkshopProcess(events.put)
    yield process, events
    process.close()


def test_the_process_answers_in_order_and_its_death_is_told(photo: Path, process) -> None:
    client, events = process
    client.post(OpenPhoto(str(photo)))
    client.post(FindBackground(1, 12.0))
    assert isinstance(events.get(timeout=30), Opened)
    np.testing.assert_array_equal(spread(events.get(timeout=30)), DISC)
    assert client.pid is not None
    os.kill(client.pid, signal.SIGKILL)
    died = events.get(timeout=30)
    assert isinstance(died, Died)
    assert "memory" in died.sentence
    client.post(FindBackground(2, 12.0))  # falls on deaf ears, and blocks nobody


def test_a_closed_process_is_gone_and_silent(photo: Path, process) -> None:
    client, events = process
    client.post(OpenPhoto(str(photo)))
    assert isinstance(events.get(timeout=30), Opened)
    client.post(FindBackground(1, 12.0))
    client.close()
    client._thread.join(30)
    assert not client._thread.is_alive()
    assert events.empty()
