"""Every chapter's declaration is complete and consistent, and light."""

import subprocess
import sys

import pytest

from lab.chapter import ASSETS, ExperimentActivity, StudyActivity, activities, find
from lab.params import build, declared


@pytest.fixture(params=activities().values(), ids=lambda activity: activity.key)
def activity(request):
    return request.param


def test_declarations_import_without_the_heavy_packages():
    code = "import sys, lab.chapter; lab.chapter.chapters(); print([m for m in sys.modules])"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for heavy in ("torch", "pytorch3d", "open3d", "numba", "scipy", "PySide6"):
        assert f"'{heavy}'" not in modules


def test_presets_hold_values_that_the_parameters_allow(activity):
    for preset in activity.presets:
        build(activity.params, preset.values)


def test_terms_weights_and_steps_are_parameters(activity):
    by_name = {param.name: param for param in declared(activity.params)}
    for term in activity.terms:
        assert not term.weight or by_name[term.weight].term == term.key
    if isinstance(activity, ExperimentActivity):
        assert by_name[activity.steps].kind == "integer"
    of_geometry = {name for name, param in by_name.items() if param.kind in ("geometry", "geometries", "file")}
    assert set(activity.example) <= of_geometry


def test_every_parameter_says_what_it_does(activity):
    for param in declared(activity.params):
        assert param.doc.endswith(".")
        assert param.label


def test_one_goes_on_in_an_activity_that_takes_what_there_is(activity):
    onward = getattr(activity, "onward", None)
    if onward is not None:
        if isinstance(activity, StudyActivity):
            assert set(onward.names) <= {param.name for param in declared(activity.params)}
        assert set(onward.names) <= {param.name for param in declared(find(onward.activity).params)}


def test_lesson_and_examples_are_there(activity):
    assert activity.lesson_path.is_file()
    for names in activity.example.values():
        for name in (names,) if isinstance(names, str) else names:
            assert (ASSETS / "examples" / name).is_file()


def test_the_compute_loads(activity):
    compute = activity.load()
    assert callable(compute.run if isinstance(activity, ExperimentActivity) else compute.boards)
