"""Turntables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lab.scene import Mesh
from lab.shading.lights import AmbientLights, DirectionalLights
from lab.shading.look import Look
from lab.shading.picture import Renderer
from lab.shading.turntable import to_uint8, turntable
from tests.lab.shading.shading_help import LOOK, camera, colored_ball

VIEW = camera(32, 24)


def test_it_begins_with_the_cameras_own_picture() -> None:
    mesh = colored_ball()
    frames = turntable(mesh, VIEW, LOOK, 4)
    assert frames.shape == (4, 24, 32, 3)
    assert frames.dtype == np.uint8
    np.testing.assert_array_equal(frames[0], to_uint8(Renderer().render(mesh, VIEW, LOOK).rgb))
    assert len({frame.tobytes() for frame in frames}) == 4


def test_a_camera_that_circles_is_an_object_that_turns_back() -> None:
    """A quarter of a turn of camera and light is a quarter of a turn of the mesh, the other way, about the pivot."""
    mesh, pivot = colored_ball(), np.array([0.2, 0.0, -0.1])
    look = replace(LOOK, lights=(*LOOK.lights, DirectionalLights((1.0, 0.5, 0.2)), AmbientLights((0.1, 0.1, 0.1))))
    turned = mesh.verts.astype(np.float64) - pivot
    turned = np.stack([-turned[:, 2], turned[:, 1], turned[:, 0]], axis=1) + pivot  # by -90 degrees about Y
    expected = to_uint8(Renderer().render(Mesh(turned, mesh.faces, colors=mesh.colors), VIEW, look).rgb)
    found = turntable(mesh, VIEW, look, 4, pivot=pivot, lights_turn=True)[1]
    differ = np.abs(found.astype(int) - expected) > 1
    assert differ.mean() < 0.003  # a pixel's centre may fall on an edge


def test_lights_stay_where_they_are_unless_told() -> None:
    mesh = colored_ball()
    still, along = (turntable(mesh, VIEW, LOOK, 4, lights_turn=turn) for turn in (False, True))
    np.testing.assert_array_equal(still[0], along[0])
    assert (still[2] != along[2]).any()


def test_progress_is_told_and_may_end_it() -> None:
    told: list[float] = []
    turntable(colored_ball(), VIEW, LOOK, 4, progress=told.append)
    assert told == [0.0, 0.25, 0.5, 0.75]

    def stop(share: float) -> None:
        if share >= 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        turntable(colored_ball(), VIEW, LOOK, 4, progress=stop)


def test_no_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="count: expected 1 picture or more, found 0"):
        turntable(colored_ball(), VIEW, Look(), 0)


def test_colours_are_clipped_and_rounded() -> None:
    np.testing.assert_array_equal(to_uint8(np.array([-0.5, 0.0, 0.5, 0.998, 1.0, 1.7])), [0, 0, 128, 254, 255, 255])
