"""The study of a scan: its panes, what is kept, own files, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.chapters.volumes.scalar import COLORS, FILE, GREATEST, LOOKS, OWN, SCALAR, ScalarParams
from lab.params import build
from lab.render.colormaps import NAMES
from lab.scene import Mesh
from lab.study import Board, Picture, Plot, StudyContext, StudyError, View3D
from lab.volumes.scalar import files, transfer
from lab.volumes.scalar.study import ScalarStudy
from tests.lab.volumes.scalar.scan_files import write_nrrd

SMALL = {"side": 40, "size": 48}


def boards(study: ScalarStudy, **values: Any) -> list[Board]:
    return list(study.boards(build(ScalarParams, {**SMALL, **values}), StudyContext({})))


def last(**values: Any) -> Board:
    return boards(ScalarStudy(), **values)[-1]


def picture(board: Board, key: str = "picture") -> Picture:
    found = board.panes[key]
    assert isinstance(found, Picture)
    return found


@pytest.mark.parametrize("preset", SCALAR.presets, ids=lambda preset: preset.title)
def test_every_preset_answers_with_all_panes(preset: Any) -> None:
    board = last(**dict(preset.values))
    assert set(board.panes) == {pane.key for row in SCALAR.panes for pane in row}
    assert set(board.figures) <= set(SCALAR.figures)
    assert picture(board).pixels.max() > 30
    assert isinstance(board.results["surface"], Mesh)
    assert {"picture", "slice front", "slice left", "slice below"} <= set(board.results)


def test_a_draft_comes_first_and_nothing_is_made_twice() -> None:
    study = ScalarStudy()
    draft, full = boards(study, size=160)
    assert picture(draft).pixels.shape == (112, 112, 3)
    assert picture(draft).size == picture(full).size == (160, 160)
    assert "surface" not in draft.results
    (again,) = boards(study, size=160, slice_x=12.0)
    assert picture(again).pixels is picture(full).pixels
    worlds = [board.panes["world"] for board in (full, again)]
    assert isinstance(worlds[0], View3D)
    assert isinstance(worlds[1], View3D)
    assert worlds[0].entities["surface"] is worlds[1].entities["surface"]
    assert picture(again, "front").pixels is picture(full, "front").pixels
    assert picture(again, "left").pixels is not picture(full, "left").pixels


def test_equal_questions_have_equal_pictures() -> None:
    study = ScalarStudy()
    boards(study)
    assert (picture(boards(study, azimuth=70.0)[-1]).pixels == picture(last(azimuth=70.0)).pixels).all()


def test_figures_tell_values_in_their_unit() -> None:
    figures = last(low=0.4, high=0.8, level=0.5).figures
    assert figures["Window"] == "200 to 1400 HU"
    assert figures["Surface at"] == 500.0
    assert figures["Size"] == "24 × 24 × 24 cm"
    assert 300 < float(figures["Volume inside"]) < 1500


def test_the_greatest_value_is_told_under_the_mouse() -> None:
    shown = picture(last(mode=GREATEST))
    assert shown.unit == "HU"
    assert shown.values is not None
    assert 1000 < shown.values.max() <= 2200


def test_the_plot_is_the_histogram_and_the_function() -> None:
    plot = last().panes["values"]
    assert isinstance(plot, Plot)
    at, opacity = plot.curves["opacity"]
    assert at[0] == -1000
    assert at[-1] == 2000
    assert opacity.max() <= 1.0
    assert plot.curves["voxels (log)"][1].max() == 1.0
    assert plot.at == pytest.approx(350.0)


def test_a_file_of_one_s_own_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    line = np.linspace(-1.0, 1.0, 20)
    z, y, x = np.meshgrid(line, line, line, indexing="ij")
    study = ScalarStudy()
    np.save(path, 1.0 - np.sqrt(x**2 + y**2 + z**2))
    before = boards(study, source=FILE, path=str(path))[-1]
    np.save(path, 2.0 - 2.0 * np.sqrt(x**2 + y**2 + z**2))
    path.touch()
    after = boards(study, source=FILE, path=str(path))[-1]
    assert before.figures["Values"] != after.figures["Values"]
    assert before.spans["slice_x"] == (0.0, 20.0)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [({"low": 0.7, "high": 0.6}, "window ends"), ({"source": FILE}, "There is no scan")],
)
def test_what_cannot_be_shown_is_refused_in_a_sentence(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(StudyError, match=sentence):
        last(**values)


def test_a_broken_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = write_nrrd(tmp_path / "a.nrrd", encoding="bzip2")
    with pytest.raises(StudyError, match="only raw and gzip"):
        last(source=FILE, path=str(path))


def test_notes_tell_of_no_surface_and_of_another_size(tmp_path: Path) -> None:
    assert any("no surface" in note.text for note in last(source="Shepp-Logan", level=1.0).notes)
    path = write_nrrd(tmp_path / "a.nrrd", spacings="1 1 1")
    assert any("times as large" in note.text for note in last(source=FILE, path=str(path)).notes)


def test_the_words_of_the_form_are_those_of_the_compute() -> None:
    assert set(LOOKS) == {*transfer.LOOKS, OWN}
    assert set(COLORS) <= set(NAMES)
    assert {files.Z_UP, files.Y_UP} == {"z up", "y up"}
