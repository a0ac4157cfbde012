"""The bundled models are there, load without a complaint and are what they are said to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.chapter import activities
from lab.examples import example_path, examples
from lab.formats import read
from lab.scene import Mesh

EXPECTED = {
    "spot": (2930, 5856),
    "bob": (250, 500),
    "teapot": (792, 992),
    "autzen": (110_000, 0),
    "b9": (22_300, 0),
    "person": (12_000, 0),
}


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_examples_load(example):
    loaded = read(example.path)
    mesh = loaded.entity
    faces = len(mesh.faces) if isinstance(mesh, Mesh) else 0
    assert (len(mesh.verts), faces) == EXPECTED[example.name]
    assert all("far from zero" in warning for warning in loaded.warnings)
    assert example_path(example.name) == example_path(example.file) == example.path


def test_every_file_has_its_licence():
    folder = examples()[0].path.parent
    text = (folder / "LICENSES.md").read_text()
    for file in folder.iterdir():
        if file.is_file() and file.name != "LICENSES.md":
            assert f"`{file.name}`" in text, file.name


def test_the_chapters_examples_exist():
    for chapter in activities().values():
        for name in chapter.example.values():
            assert isinstance(example_path(name), Path)


def test_an_unknown_example_is_an_error():
    with pytest.raises(KeyError, match="known are spot, bob"):
        example_path("bunny")
