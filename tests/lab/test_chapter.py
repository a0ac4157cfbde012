"""Every chapter's declaration is complete and consistent, and light."""

import subprocess
import sys

import pytest

from lab.chapter import ASSETS, chapters
from lab.params import build, declared


@pytest.fixture(params=chapters().values(), ids=lambda chapter: chapter.key)
def chapter(request):
    return request.param


def test_declarations_import_without_the_heavy_packages():
    code = "import sys, lab.chapter; lab.chapter.chapters(); print([m for m in sys.modules])"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for heavy in ("torch", "pytorch3d", "open3d", "numba", "scipy", "PySide6"):
        assert f"'{heavy}'" not in modules


def test_presets_hold_values_that_the_parameters_allow(chapter):
    for preset in chapter.presets:
        build(chapter.params, preset.values)


def test_terms_weights_and_steps_are_parameters(chapter):
    by_name = {param.name: param for param in declared(chapter.params)}
    for term in chapter.terms:
        assert by_name[term.weight].term == term.key
    assert by_name[chapter.steps].kind == "integer"
    assert set(chapter.example) <= {name for name, param in by_name.items() if param.kind == "geometry"}


def test_every_parameter_says_what_it_does(chapter):
    for param in declared(chapter.params):
        assert param.doc.endswith(".")
        assert param.label


def test_lesson_and_examples_are_there(chapter):
    assert chapter.lesson_path.is_file()
    for name in chapter.example.values():
        assert (ASSETS / "examples" / name).is_file()


def test_the_experiment_loads(chapter):
    assert callable(chapter.load().run)
