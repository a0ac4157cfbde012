"""The row of a mask that can be painted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from PySide6.QtCore import Qt

from lab.chapter import StudyActivity
from lab.params import file
from tests.lab.photo.photo_help import disc, orange_on_grey, save
from ui.forms.form import ParamForm
from ui.forms.mask_row import MaskRow
from ui.scene.model import SceneModel


@dataclass(frozen=True)
class PhotoParams:
    photo: str = file("Photo", "Of the object.", optional=True)
    mask: str = file("Mask", "Where the object is.", optional=True, mask_of="photo")


ACTIVITY = StudyActivity(
    key="photos", title="Photos", summary="Photos.", params=PhotoParams, lesson="", study="nowhere:Nothing", panes=()
)


@pytest.fixture
def form(qtbot, themes):
    scene = SceneModel()
    form = ParamForm(ACTIVITY, scene, themes)
    qtbot.addWidget(form)
    form.show()
    yield form
    scene.shutdown()


def test_only_a_mask_can_be_painted(form):
    assert isinstance(form.row("mask"), MaskRow)
    assert not isinstance(form.row("photo"), MaskRow)


def test_without_a_photo_the_row_says_what_to_do(qtbot, form, tmp_path):
    row = form.row("mask")
    qtbot.mouseClick(row.paint, Qt.MouseButton.LeftButton)
    assert row.problem == "Mask: choose a file for “Photo” first."
    form.set_values({"photo": str(tmp_path / "none.png")})
    qtbot.mouseClick(row.paint, Qt.MouseButton.LeftButton)
    assert "there is no file" in row.problem
    assert row.painter is None


def test_the_painted_mask_becomes_the_value(qtbot, form, tmp_path):
    photo = save(tmp_path / "cup.png", orange_on_grey(disc()))
    form.set_values({"photo": str(photo)})
    row = form.row("mask")
    qtbot.mouseClick(row.paint, Qt.MouseButton.LeftButton)
    painter = row.painter
    qtbot.waitUntil(lambda: painter.editor is not None, timeout=20_000)
    painter.tools.button("background").click()
    qtbot.waitUntil(lambda: painter.editor.share > 0, timeout=20_000)
    with qtbot.waitSignal(form.valuesChanged, timeout=20_000) as told:
        painter.save()
    assert told.args[0]["mask"] == str(tmp_path / "cup_mask.png") == row.value
    assert row.painter is None
    assert row.problem == ""

    qtbot.mouseClick(row.paint, Qt.MouseButton.LeftButton)
    painter = row.painter
    qtbot.waitUntil(lambda: painter.editor is not None, timeout=20_000)
    np.testing.assert_array_equal(painter.editor.mask, disc())
    painter.editor.invert()
    with qtbot.waitSignal(form.valuesChanged, timeout=20_000):  # the same file, but another mask
        painter.save()
    assert row.value == str(tmp_path / "cup_mask.png")


def test_it_is_fixed_during_a_run(form):
    row = form.row("mask")
    form.set_running(True)
    assert not row.paint.isEnabled()
    form.set_running(False)
    assert row.paint.isEnabled()
