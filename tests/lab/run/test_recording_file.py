"""Recordings as files: everything comes back exactly, and nothing a stranger sends does harm."""

from __future__ import annotations

import contextlib
import json
import math
import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lab.experiment import Notice, Outcome
from lab.run.messages import Event, Keyframe, Metrics, RunRequest
from lab.run.recorder import Header, Recording
from lab.run.recording_file import RecordingError, load, save
from lab.run.source import run_headless
from lab.scene import Array, Image, Lines, Material, Mesh, Points
from lab.tree import TreeError, pack, unpack
from tests.lab.fields.small_fields import ball
from tests.lab.run.quadratic import CHAPTER


def same(a: Any, b: Any) -> bool:
    """Equal with all types and dtypes, NaN equal to NaN."""
    if isinstance(a, np.ndarray | np.generic):
        return type(a) is type(b) and a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return math.copysign(1, a) == math.copysign(1, b) and (a == b or (a != a and b != b))
    return type(a) is type(b) and a == b


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(max_size=9),
    st.complex_numbers(allow_nan=False),
)
DTYPES = hnp.integer_dtypes() | hnp.unsigned_integer_dtypes() | hnp.floating_dtypes() | hnp.boolean_dtypes()
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
TREES = st.recursive(
    SCALARS | ARRAYS | ARRAYS.filter(lambda a: a.size == 1).map(lambda a: a.reshape(-1)[0]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.text(max_size=5) | st.integers() | st.just("$array"), inner, max_size=4),
    ),
    max_leaves=12,
)


@given(TREES)
@settings(max_examples=150, deadline=None)
def test_any_tree_comes_back(tree: Any) -> None:
    arrays: list[Array] = []

    def store(array: Array) -> int:
        arrays.append(array)
        return len(arrays) - 1

    text = json.dumps(pack(tree, store))
    assert same(unpack(json.loads(text), arrays.__getitem__), tree)


@pytest.mark.parametrize(
    "packed",
    [
        {"$array": "1"},
        {"$scalar": ["<f4", "00"]},
        {"$scalar": ["O", "00"]},
        {"$scalar": ["no dtype", ""]},
        {"$entity": {"type": "Bomb"}},
        {"$entity": {"type": "Mesh"}},
        {"$entity": {"type": "Points", "verts": [1, 2]}},
        {"$entity": {"type": "Points", "verts": {"$array": 0}, "scalars": 3}},
        {"$entity": 3},
        {"$items": [[1]]},
        {"$items": [[{"a": 1}, 2]]},
        {"$bytes": "xyz"},
        {"$call": "os.system"},
    ],
    ids=str,
)
def test_a_tree_that_makes_no_sense(packed: Any) -> None:
    with pytest.raises(TreeError):
        unpack(packed, lambda number: np.zeros((number + 1, 3)))


def recorded(**values: Any) -> Recording:
    """A real run, recorded."""
    cloud = Points(np.ones((40, 3), np.float32), origin=np.array([1e6, 0, 0]))
    request = RunRequest(1, CHAPTER.key, {"target": "cloud", **values}, {"target": cloud}, seed=7)
    recording = Recording(
        Header(CHAPTER.key, dict(request.values), 7, "cpu", {"numpy": "2.0"}, "Run 1"), dict(request.inputs)
    )
    run_headless(request, recording.take)
    return recording


def test_a_recording_comes_back_exactly(tmp_path: Path) -> None:
    recording = recorded(steps=33, behaviour="ends early", at=30)
    told: list[float] = []
    save(tmp_path / "run.dl3d", recording, progress=lambda fraction, text: told.append(fraction))
    back = load(tmp_path / "run.dl3d", progress=lambda fraction, text: told.append(fraction))
    assert told[-1] == 1.0
    assert back.header == recording.header
    assert back.notices == recording.notices != []
    assert back.ending == "early"
    assert back.stride == 5
    assert same(dict(back.outcome.figures), dict(recording.outcome.figures))
    assert same(back.metrics, recording.metrics)
    assert same(back.steps, recording.steps)
    assert same(back.seconds, recording.seconds)
    assert back.keyframe_steps == recording.keyframe_steps
    for theirs, ours in zip(back.keyframes, recording.keyframes, strict=True):
        assert same(theirs.state, dict(ours.state))
        assert same(theirs.values, dict(ours.values))
        assert theirs.snapshot["points"].verts.tobytes() == ours.snapshot["points"].verts.tobytes()
        assert theirs.snapshot["points"].vectors.keys() == {"velocity"}
    assert back.inputs["target"].origin[0] == 1e6
    assert back.nbytes < recording.nbytes * 1.01
    assert len({id(k.snapshot["points"].faces) for k in back.keyframes}) == 1  # shared again


def test_a_run_goes_on_from_a_file(tmp_path: Path) -> None:
    recording = recorded(steps=30)
    save(tmp_path / "run.dl3d", recording)
    back = load(tmp_path / "run.dl3d")
    keyframe = back.keyframe_at(15)
    events: list[Event] = []
    values = {**back.header.values, **keyframe.values}
    run_headless(RunRequest(2, back.header.activity, values, back.inputs, seed=7, resume=keyframe.state), events.append)
    losses = [v for e in events if isinstance(e, Metrics) for v in e.columns["loss"]]
    assert losses == recording.metrics["loss"][15:].tolist()


def full(budget: int = 1 << 20) -> Recording:
    """A recording with every kind of entity."""
    texture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    mesh = Mesh(
        np.eye(3),
        [[0, 1, 2]],
        normals=np.eye(3),
        colors=np.eye(3),
        uvs=np.zeros((1, 3, 2)),
        face_materials=[1],
        materials=(Material("a"), Material("b", (0.1, 0.2, 0.3), texture)),
        scalars={"s": [1, 2, np.nan]},
        origin=np.array([5.0, 6.0, 7.0]),
    )
    snapshot = {
        "mesh": mesh,
        "lines": Lines(np.eye(3), [[0, 1]], colors=[[1, 0, 0]]),
        "image": Image(texture),
        "empty": Points(np.zeros((0, 3))),
    }
    recording = Recording(Header("x", {}), budget_bytes=budget)
    recording.add_keyframe(Keyframe(1, 0, snapshot, {"a": np.float32(3), "b": {0: (1, None)}}, {}))
    recording.notices.append(Notice(3, "warning", "text", "advice", "edge"))
    curves = {"curve": (np.arange(3.0), np.ones(3))}
    document = {"camera": {"R": np.eye(3), "names": ["a", "b"], "fov": 60.0, "known": None}}
    recording.outcome = Outcome(snapshot, {"F": 0.5, "w": "word", "ok": True}, curves, document, ARRAYS)
    return recording


ARRAYS = {"pose": np.arange(6.0).reshape(2, 3), "fps": np.float32(30), "gender": "female", "n": 3}


def test_every_kind_of_entity(tmp_path: Path) -> None:
    save(tmp_path / "a.dl3d", full())
    back = load(tmp_path / "a.dl3d")
    for snapshot in (back.keyframes[0].snapshot, back.outcome.entities):
        for path, entity in full().outcome.entities.items():
            assert all(map(same, snapshot[path].arrays(), entity.arrays()))
        assert snapshot["mesh"].materials[0] == Material("a") or snapshot["mesh"].materials[0].diffuse == (
            0.8,
            0.8,
            0.8,
        )
        assert snapshot["mesh"].materials[1].diffuse == (0.1, 0.2, 0.3)
        assert same(snapshot["mesh"].materials[1].texture, full().outcome.entities["image"].pixels)
        assert not snapshot["mesh"].verts.flags.writeable
    assert back.outcome.entities["mesh"].verts is back.keyframes[0].snapshot["mesh"].verts
    assert same(dict(back.keyframes[0].state), {"a": np.float32(3), "b": {0: (1, None)}})
    assert back.notices == full().notices
    assert same(dict(back.outcome.document), dict(full().outcome.document))
    assert same(dict(back.outcome.arrays), ARRAYS)


def test_saving_again_replaces_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "run.dl3d"
    save(path, full())
    save(path, recorded(steps=3))
    assert load(path).header.activity == CHAPTER.key
    assert os.listdir(tmp_path) == ["run.dl3d"]


def test_a_recording_that_cannot_be_saved_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "run.dl3d"
    save(path, full())
    before = path.read_bytes()
    bad = full()
    bad.add_keyframe(Keyframe(1, 5, {}, {"rng": object()}, {}))
    with pytest.raises(RecordingError, match=r"run\.dl3d cannot be saved: keyframe 5/state/rng: .* object cannot"):
        save(path, bad)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["run.dl3d"]
    with pytest.raises(RecordingError, match="cannot be saved"):
        save(tmp_path / "no" / "folder.dl3d", full())


def test_a_saving_that_is_cancelled(tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def stop(fraction: float, text: str) -> None:
        raise Enough

    with pytest.raises(Enough):
        save(tmp_path / "run.dl3d", full(), progress=stop)
    assert os.listdir(tmp_path) == []


# --- files from strangers ---------------------------------------------------------------------------------------------


def rewritten(path: Path, change: Callable[[dict[str, bytes]], None], compress: int = zipfile.ZIP_STORED) -> Path:
    """The file with its members changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    bad = path.with_name("bad.dl3d")
    with zipfile.ZipFile(bad, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data, compress_type=compress)
    return bad


def manifest(change: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, bytes]], None]:
    def apply(members: dict[str, bytes]) -> None:
        parts = json.loads(members["manifest.json"])
        change(parts)
        members["manifest.json"] = json.dumps(parts).encode()

    return apply


def npy(shape: tuple[int, ...], dtype: str = "<f8", data: bytes = b"") -> bytes:
    """An array file whose header may lie."""
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}}}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + data


def member(name: str, data: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.update({name: data})


BAD: dict[str, tuple[Callable[[dict[str, bytes]], None], str]] = {
    "no manifest": (lambda members: members.pop("manifest.json"), "it has no manifest.json"),
    "another zip": (lambda members: (members.clear(), members.update(a=b"b")), "it has no manifest.json"),
    "no json": (member("manifest.json", b"{"), "damaged"),
    "binary": (member("manifest.json", b"\xff\xfe\x00"), "damaged"),
    "deep": (member("manifest.json", b"[" * 200_000), "damaged"),
    "another json": (member("manifest.json", b"[1]"), "no recording of a run"),
    "newer": (manifest(lambda m: m.update(version=99)), "version 99, this program knows version 1. Update"),
    "array missing": (lambda members: members.pop("arrays/0.npy"), "not numbered"),
    "array beyond": (manifest(lambda m: m.update(steps={"$array": 999})), "refers to array 999"),
    "array before": (manifest(lambda m: m.update(steps={"$array": -1})), "refers to array -1"),
    "outside": (member("../../evil.npy", b"x"), "not numbered"),
    "huge array": (member("arrays/0.npy", npy((1 << 40, 3))), "should have 26,388,279,066,624 bytes and has 0"),
    "overflow": (member("arrays/0.npy", npy((1 << 62, 1 << 62))), "should have"),
    "empty huge": (member("arrays/0.npy", npy((0, 1 << 70))), "damaged"),
    "negative": (member("arrays/0.npy", npy((-1, 3))), "of a kind"),
    "objects": (member("arrays/0.npy", npy((1,), "|O", b"\x80\x04N.")), "of a kind"),
    "short": (member("arrays/0.npy", npy((3,), data=b"12345678")), "should have 24 bytes and has 8"),
    "no array": (member("arrays/0.npy", b"hello"), "damaged"),
    "no header": (manifest(lambda m: m.update(header=3)), "the header in it makes no sense"),
    "extra header": (manifest(lambda m: m["header"].update(bomb=1)), "damaged"),
    "seed": (manifest(lambda m: m["header"].update(seed="x")), "the header in it makes no sense"),
    "steps": (manifest(lambda m: m.update(steps=[1, 2])), "the steps in it makes no sense"),
    "lengths": (manifest(lambda m: m.update(seconds=m["keyframes"][0]["state"]["x"])), "not as long as its steps"),
    "keyframe": (manifest(lambda m: m["keyframes"][0].update(step=-3)), "a keyframe of step -3"),
    "entity": (manifest(lambda m: m["keyframes"][0].update(snapshot={"a": 1})), "the scene in it makes no sense"),
    "inputs": (manifest(lambda m: m.update(inputs={"target": 1})), "the inputs in it makes no sense"),
    "missing": (manifest(lambda m: m.pop("keyframes")), "damaged"),
}


@pytest.mark.parametrize("kind", list(BAD))
def test_bad_files_are_refused_with_a_sentence(tmp_path: Path, kind: str) -> None:
    change, words = BAD[kind]
    save(tmp_path / "good.dl3d", recorded(steps=5))
    bad = rewritten(tmp_path / "good.dl3d", change)
    with pytest.raises(RecordingError) as caught:
        load(bad)
    assert str(caught.value).startswith("bad.dl3d cannot be opened: ")
    assert words in str(caught.value)


def test_indices_that_point_outside_are_refused(tmp_path: Path) -> None:
    recording = Recording(Header("x", {}))
    recording.add_keyframe(Keyframe(1, 0, {"m": Mesh(np.eye(3), [[0, 1, 3]])}, {}, {}))
    save(tmp_path / "bad.dl3d", recording)
    with pytest.raises(RecordingError, match="an index in it is outside of 0 to 2"):
        load(tmp_path / "bad.dl3d")


def test_a_compressed_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    save(tmp_path / "good.dl3d", full())
    zeros = npy((1 << 26,), "|u1", bytes(1 << 26))
    bad = rewritten(tmp_path / "good.dl3d", member("arrays/0.npy", zeros), zipfile.ZIP_DEFLATED)
    assert bad.stat().st_size < 1 << 20
    with pytest.raises(RecordingError, match=r"'arrays/\d+.npy' in it is compressed"):
        load(bad)

    def only_spaces(members: dict[str, bytes]) -> None:
        members.clear()
        members["manifest.json"] = b" " * (1 << 27)

    bad = rewritten(tmp_path / "good.dl3d", only_spaces, zipfile.ZIP_DEFLATED)
    with pytest.raises(RecordingError, match=r"manifest.json is too large"):
        load(bad)


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short(tmp_path: Path, share: float) -> None:
    path = tmp_path / "run.dl3d"
    save(path, full())
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(RecordingError, match=r"run\.dl3d cannot be opened: it is damaged"):
        load(path)


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_any_damaged_byte_is_harmless(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.getbasetemp()
    path = folder / "harmless.dl3d"
    save(path, full())
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    with contextlib.suppress(RecordingError):  # any other exception is a defect
        load(path)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"gone\.dl3d cannot be opened: there is no such file"):
        load(tmp_path / "gone.dl3d")
    with pytest.raises(RecordingError, match="it is a folder"):
        load(tmp_path)


def test_keyframes_from_before_the_stride_grew_are_kept(tmp_path: Path) -> None:
    recording = Recording(Header("x:CHAPTER", {}, 0, "cpu", {}, "Run 1"), keyframe_every=5, most_per_second=1.0)
    for step in range(0, 400, 5):  # far more than one a second: the stride grows
        recording.add_columns([step], [0.001 * step], {"loss": [1.0]})
        if step % recording.stride == 0:
            recording.add_keyframe(Keyframe(1, step, {"a": Points(np.full((2, 3), step))}, {}, {}))
    assert recording.stride > 5
    assert recording.keyframe_steps[1] == 5
    save(tmp_path / "run.dl3d", recording)
    loaded = load(tmp_path / "run.dl3d")
    assert loaded.keyframe_steps == recording.keyframe_steps
    assert loaded.stride == recording.stride


def test_a_radiance_field_comes_back_and_rows_that_point_outside_are_refused(tmp_path: Path) -> None:
    field = ball(cells=8)
    recording = Recording(Header("x", {}))
    recording.add_keyframe(Keyframe(1, 0, {"field": field}, {}, {}))
    save(tmp_path / "a.dl3d", recording)
    back = load(tmp_path / "a.dl3d").keyframes[0].snapshot["field"]
    assert all(map(same, back.arrays(), field.arrays()))
    recording = Recording(Header("x", {}))
    wrong = replace(field, rows=np.where(field.rows < 0, -1, field.rows + 1))
    recording.add_keyframe(Keyframe(1, 0, {"field": wrong}, {}, {}))
    save(tmp_path / "bad.dl3d", recording)
    with pytest.raises(RecordingError, match="an index in it is outside"):
        load(tmp_path / "bad.dl3d")
