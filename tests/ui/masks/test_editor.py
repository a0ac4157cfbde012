"""The mask while it is painted."""

from __future__ import annotations

import numpy as np
import pytest

from lab.photo.paint import Box
from ui.masks.editor import MaskEditor


@pytest.fixture
def editor(qapp):
    return MaskEditor(np.zeros((30, 40), bool))


def test_a_stroke_is_one_change(editor):
    boxes, settled = [], []
    editor.changed.connect(boxes.append)
    editor.settled.connect(lambda: settled.append(editor.share))
    editor.paint_to((5.5, 5.5), 2.0, True)
    editor.paint_to((15.5, 5.5), 2.0, True)
    assert editor.painting
    assert settled == []
    editor.end_stroke()
    assert boxes[0] == Box(3, 3, 8, 8)
    assert editor.mask[5, 3:18].all()
    assert settled == [editor.mask.sum() / 1200]
    editor.undo()
    assert not editor.mask.any()
    assert not editor.can_undo
    editor.redo()
    assert editor.mask[5, 10]


def test_a_dab_that_changes_nothing_is_no_change(editor):
    editor.paint_to((5.5, 5.5), 2.0, False)
    editor.end_stroke()
    assert not editor.can_undo
    assert not editor.modified


def test_regions_are_added_taken_away_and_take_over(editor):
    region = np.array([[1, 0], [1, 1]], bool)
    editor.set_region(Box(1, 2, 3, 4), region, True)
    np.testing.assert_array_equal(editor.mask[1:3, 2:4], region)
    editor.set_region(Box(2, 2, 3, 4), np.array([[0, 1]], bool), False)
    assert editor.mask.sum() == 2
    editor.set_mask(Box(0, 0, 1, 1), np.array([[1]], bool))
    assert editor.mask[0, 0]
    assert editor.mask.sum() == 1
    editor.invert()
    assert editor.mask.sum() == 1199
    editor.clear()
    assert not editor.mask.any()
    assert editor.steps == 5
    for expected in (1199, 1, 2, 3, 0):
        editor.undo()
        assert editor.mask.sum() == expected
    assert not editor.modified


def test_a_command_ends_the_stroke_that_is_painted(editor):
    editor.paint_to((5.5, 5.5), 2.0, True)
    editor.invert()
    assert not editor.painting
    editor.undo()
    assert editor.mask[5, 5]
    editor.undo()
    assert not editor.mask.any()


def test_the_mask_one_begins_with_is_not_written_to(qapp):
    first = np.zeros((4, 4), bool)
    first.flags.writeable = False
    editor = MaskEditor(first)
    editor.invert()
    assert not first.any()
    assert editor.modified
