"""Weights in files, and what is made of networks: voxels and pictures."""

import numpy as np
import pytest
import torch

from lab.array_files import save_arrays
from lab.experiment import ExperimentError
from lab.fields.classic.bake import SCALE, Baker
from lab.fields.classic.checkpoint import read_weights, restore_weights, weight_arrays
from lab.fields.classic.drawings import encoding_picture
from lab.fields.classic.encoding import Encoding
from lab.fields.classic.networks import make_networks
from lab.fields.classic.options import ClassicOptions, Dials
from lab.fields.classic.space import Space
from lab.fields.classic.threads import Threads
from lab.fields.march import FieldView
from lab.fields.out.surface import surface
from tests.lab.fields.classic.ball import ball_images

CPU = torch.device("cpu")
TINY = ClassicOptions(width=8, depth=2, hierarchical=False, frequencies=2, direction_frequencies=1, density="softplus")


def loaded(path):
    networks = make_networks(TINY, 2)
    restore_weights(networks, read_weights(path, networks))
    return weight_arrays(networks)


def test_weights_come_back_from_their_file(tmp_path):
    weights = weight_arrays(make_networks(TINY, 1))
    save_arrays(tmp_path / "w.npz", {**weights, "also": 3.0})
    read = loaded(tmp_path / "w.npz")
    assert read.keys() == weights.keys()
    assert all(np.array_equal(read[name], value) for name, value in weights.items())


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((3, 3), np.float32), "shape"),
        (np.full((3, 4), np.nan, np.float32), "finite"),
        (np.zeros((3, 4), np.int64), "finite numbers"),
        (np.full((3, 4), None, object), "Python objects"),
        (np.zeros((1 << 13, 1 << 13), np.float32), "bytes"),
    ],
)
def test_files_that_do_not_fit_are_refused(tmp_path, array, words):
    weights = weight_arrays(make_networks(TINY, 1))
    assert weights["coarse.to_color.weight"].shape == (3, 4)
    np.savez_compressed(tmp_path / "w.npz", **{**weights, "coarse.to_color.weight": array})
    with pytest.raises(ExperimentError, match=words):
        loaded(tmp_path / "w.npz")


def test_other_files_are_refused(tmp_path):
    (tmp_path / "no.npz").write_bytes(b"PK nothing")
    with pytest.raises(ExperimentError, match=r"no\.npz cannot be read: it is damaged"):
        loaded(tmp_path / "no.npz")
    with pytest.raises(ExperimentError, match=r"missing\.npz cannot be read: there is no such file"):
        loaded(tmp_path / "missing.npz")
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(ExperimentError, match="another kind of network"):
        loaded(tmp_path / "other.npz")


class Known(torch.nn.Module):
    """A field that is known: density 20 (per unit) inside a ball, red everywhere, more blue when looking along +x."""

    def trunk(self, points, dials):
        raw = torch.where(points.norm(dim=1) < 0.6, 20.0, 0.0)
        return raw, points

    def density(self, raw):
        return raw

    def head(self, features, directions, dials):
        red = torch.full_like(directions[:, 0], 2.0)
        return torch.stack([red, torch.zeros_like(red), directions[:, 0]], dim=1)


def test_baking_keeps_density_and_colours():
    images = ball_images()
    space = Space(images, CPU, carved=False)
    viewing = torch.nn.functional.normalize(torch.randn((12, 3), generator=torch.Generator().manual_seed(0)), dim=1)
    field = Baker(ClassicOptions(grid=33), space, viewing).bake(Known(), Dials(), Threads(CPU), lambda: None)
    assert field.rows.shape == (33, 33, 33)
    assert np.allclose(field.lower, -0.8)
    assert np.allclose(field.upper, 0.8)
    middle, corner = field.rows[16, 16, 16], field.rows[0, 0, 0]
    assert corner == -1
    sigma = SCALE * np.log1p(np.exp(field.density[middle].astype(float)))
    assert sigma == pytest.approx(20.0 / 0.8, rel=2e-3)  # per metre: a unit is 0.8 m
    color = field.color[middle].astype(float)
    assert color[0] == pytest.approx([2.0, 0.0, 0.0, 0.0], abs=0.02)
    assert color[2, 1] == pytest.approx(0.8, abs=0.2)  # the ridge takes a little
    assert abs(color[2, 2:]).max() < 0.2
    still = Baker(ClassicOptions(grid=33), space, viewing).bake(
        Known(), Dials(view_dependence=False), Threads(CPU), lambda: None
    )
    assert still.color.shape[2] == 1


def test_an_empty_network_gives_a_field_in_which_nothing_is_seen():
    space = Space(ball_images(), CPU, carved=False)
    network = Known()
    network.trunk = lambda points, dials: (torch.zeros(len(points)), points)
    field = Baker(ClassicOptions(grid=16), space, torch.eye(3)).bake(network, Dials(), Threads(CPU), lambda: None)
    assert len(field.density) == 1  # readers of fields need not be ready for none
    assert FieldView(field).render(ball_images().cameras[0]).opacity.max() < 0.01
    assert len(surface(field).faces) == 0


def test_baking_can_be_interrupted():
    def stop():
        raise KeyboardInterrupt

    space = Space(ball_images(), CPU, carved=False)
    with pytest.raises(KeyboardInterrupt):
        Baker(ClassicOptions(grid=16), space, torch.eye(3)).bake(Known(), Dials(), Threads(CPU), stop)


def test_the_picture_of_the_encoding():
    pixels = encoding_picture(Encoding(10), 4).pixels
    tall = len(pixels) // 21
    rows = pixels[::tall, :, 0].astype(int)
    assert rows.shape[0] == 21
    assert (rows[9:] == 28).all()  # 1 + 2 * 4 rows are used
    x = np.linspace(-1, 1, 192)
    assert rows[0, :192] == pytest.approx(127.5 + 127.5 * x, abs=1)
    assert rows[3, :192] == pytest.approx(127.5 + 127.5 * np.sin(2 * x), abs=1)
    crossings = np.count_nonzero(np.diff(rows[7, 200:] > 127))
    assert crossings in (5, 6, 7)  # three periods


def test_waves_beyond_float32_become_steps():
    rows = encoding_picture(Encoding(60, 0.1, with_input=False), 60).pixels[::2, 200:, 0]
    assert len(np.unique(rows[2 * 10])) > 60
    assert len(np.unique(rows[2 * 45])) == 1
