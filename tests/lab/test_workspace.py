"""Workspaces as files: everything comes back exactly, and nothing a stranger sends does harm."""

from __future__ import annotations

import contextlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.render.camera import Camera
from lab.render.messages import Style
from lab.run.messages import Keyframe
from lab.run.recorder import Header, Recording
from lab.scene import Mesh, Points
from lab.workspace import Item, KeptRun, Workspace, WorkspaceError, load, save
from tests.ui.forms.posed import POSED

VERTS = np.random.default_rng(0).standard_normal((50, 3)).astype(np.float32)
VERTS.flags.writeable = False


def full() -> Workspace:
    mesh = Mesh(VERTS, [[0, 1, 2], [2, 3, 49]], colors=abs(VERTS) / 9, origin=np.array([1e6, 0, 0.25]))
    cloud = Points(VERTS, scalars={"height": VERTS[:, 1]})
    recording = Recording(Header("mesh-fitting", {"target": "spot"}, 3, "cpu", {}, "Run 1"), {"target": cloud})
    recording.add_columns([0, 5], [0.0, 0.1], {"loss": [2.0, 1.0]})
    recording.add_keyframe(Keyframe(1, 0, {"fitted": mesh}, {"x": VERTS}, {}))
    style = Style(
        color=(0.5, 0.25, 1.0), opacity=0.5, scalar="height", scalar_range=(0.0, 2.0), arrows={"n": (1, 0, 0)}
    )
    return Workspace(
        items=(Item("spot", mesh, Style(wireframe=True), "/data/spot.ply"), Item("a/b", cloud, style)),
        selected="a/b",
        activity="mesh-fitting",
        values={"mesh-fitting": {"target": "spot", "edge_weight": 0.5}, "of-later": {"x": 1}},
        cameras={"view 1": Camera((1.0, 2.0, 3.0), 4.5, (0.6, 0.8, 0.0, 0.0), 35.0, True)},
        looks={"shading": "flat", "grid": False},
        layout=b"\x00\xffdocks",
        settings={"seed": 7, "device": "cpu"},
        runs=(KeptRun(recording, {"fitted": style}),),
    )


def test_a_workspace_comes_back_exactly(tmp_path: Path) -> None:
    ours = full()
    told: list[float] = []
    save(tmp_path / "all.dl3dw", ours, progress=lambda fraction, text: told.append(fraction))
    back = load(tmp_path / "all.dl3dw")
    assert told[-1] == 1.0
    assert (back.selected, back.activity, back.values, back.cameras, back.looks, back.layout, back.settings) == (
        (ours.selected, ours.activity, ours.values, ours.cameras, ours.looks, ours.layout, ours.settings)
    )
    for theirs, item in zip(back.items, ours.items, strict=True):
        assert (theirs.path, theirs.style, theirs.source) == (item.path, item.style, item.source)
        for a, b in zip(theirs.entity.arrays(), item.entity.arrays(), strict=True):
            assert (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
            assert not a.flags.writeable
    assert back.items[0].entity.verts is back.items[1].entity.verts  # stored once, shared again
    run = back.runs[0]
    assert run.styles == ours.runs[0].styles
    assert run.recording.header == ours.runs[0].recording.header
    assert run.recording.keyframe_steps == (0,)
    assert run.recording.keyframes[0].snapshot["fitted"].verts is back.items[0].entity.verts


def test_an_empty_workspace_comes_back(tmp_path: Path) -> None:
    save(tmp_path / "empty.dl3dw", Workspace())
    assert load(tmp_path / "empty.dl3dw") == Workspace()


def test_values_that_this_version_does_not_know_are_left_out(tmp_path: Path) -> None:
    values = {"mesh-fitting": {"edge_weight": 99.0, "steps": 50, "gone": 3, "target": ["no"]}}
    save(tmp_path / "old.dl3dw", Workspace(values=values))
    assert load(tmp_path / "old.dl3dw").values == {"mesh-fitting": {"steps": 50}}


def changed(path: Path, change: Callable[[dict[str, Any]], Any]) -> Path:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    parts = json.loads(members["manifest.json"])
    change(parts)
    members["manifest.json"] = json.dumps(parts).encode()
    bad = path.with_name("bad.dl3dw")
    with zipfile.ZipFile(bad, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return bad


BAD: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "recording": (lambda m: m.update(format="dl3d-recording"), "it is no workspace"),
    "newer": (lambda m: m.update(version=2), "version 2, this program knows version 1. Update"),
    "twice": (lambda m: m["items"][1].update(path="spot"), "two objects in it have the same name"),
    "nameless": (lambda m: m["items"][0].update(path=""), "the name of an object"),
    "line": (lambda m: m["items"][0].update(path="a\nfloor"), "the name of an object"),
    "no entity": (lambda m: m["items"][0].update(entity=3), "the scene in it makes no sense"),
    "opacity": (lambda m: m["items"][0]["style"].update(opacity="x"), "makes no sense"),
    "nan": (lambda m: m["items"][0]["style"].update(point_size={"$nan": "000000000000f87f"}), "not finite"),
    "colour": (lambda m: m["items"][0]["style"].update(color=[1, 2]), "3 numbers"),
    "colormap": (lambda m: m["items"][0]["style"].update(colormap="../x"), "unknown colour map"),
    "style": (lambda m: m["items"][0]["style"].update(bomb=1), "damaged"),
    "rotation": (lambda m: m["cameras"]["view 1"].update(rotation=[9, 0, 0, 0]), "a camera in it"),
    "distance": (lambda m: m["cameras"]["view 1"].update(distance=-1), "a camera in it"),
    "looks": (lambda m: m.update(looks={"a": {"b": 1}}), "the settings in it makes no sense"),
    "run": (lambda m: m["runs"][0].update(recording=1), "the run in it makes no sense"),
    "missing": (lambda m: m.pop("runs"), "damaged"),
}


@pytest.mark.parametrize("kind", list(BAD))
def test_bad_files_are_refused_with_a_sentence(tmp_path: Path, kind: str) -> None:
    change, words = BAD[kind]
    save(tmp_path / "good.dl3dw", full())
    with pytest.raises(WorkspaceError, match=r"bad\.dl3dw cannot be opened") as caught:
        load(changed(tmp_path / "good.dl3dw", change))
    assert words in str(caught.value)


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_any_damaged_byte_is_harmless(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.getbasetemp() / "harmless.dl3dw"
    save(path, full())
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    with contextlib.suppress(WorkspaceError):  # any other exception is a defect
        load(path)


def test_many_numbers_come_back_as_a_tuple_and_wrong_ones_are_left_to_their_defaults(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("lab.workspace.activities", lambda: {"posed": POSED})
    pose = tuple(0.1 * index for index in range(9))
    for given_values, expected in (
        ({"pose": pose, "pulled": "Knee"}, {"pose": pose, "pulled": "Knee"}),
        ({"pose": list(pose)}, {"pose": pose}),
        ({"pose": pose[:3], "betas": (1.0, 2.0, 99.0)}, {}),
        ({"pose": (*pose[:8], "x"), "betas": 3.0}, {}),
    ):
        save(tmp_path / "posed.dl3dw", Workspace(activity="posed", values={"posed": given_values}))
        assert load(tmp_path / "posed.dl3dw").values == {"posed": expected}
