"""Pickles and archives that were made to do harm: nothing of them runs, and each is refused in a sentence."""

from __future__ import annotations

import builtins
import functools
import io
import operator
import os
import pickle
import pickletools
import struct
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.body.files.base import BodyFileError
from lab.body.files.reader import read_body
from tests.lab.body.synthetic import MatVecMult, content, write_npz, write_pickle, write_python2_pickle


class Call:
    """Pickles as a call: an ordinary unpickler makes it."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.how = (function, arguments)

    def __call__(self) -> None:
        """Only what can be called is pickled as a function."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.how


def attacks(marker: Path) -> dict[str, Any]:
    """Objects that leave a file behind when they are unpickled."""
    touch = f"open({str(marker)!r}, 'w').close()"
    payload = marker.with_suffix(".npy")
    np.save(payload, np.array([Call(builtins.exec, touch)], dtype=object), allow_pickle=True)
    return {
        "os.system": Call(os.system, f"touch {marker}"),
        "eval": Call(builtins.eval, f"open({str(marker)!r}, 'w')"),
        "exec": Call(builtins.exec, touch),
        "getattr": Call(Call(getattr, os, "system"), f"touch {marker}"),
        "attrgetter": Call(Call(operator.attrgetter("system"), os), f"touch {marker}"),
        "partial": Call(functools.partial(os.system, f"touch {marker}")),
        "subprocess": Call(subprocess.check_output, ["touch", str(marker)]),
        "numpy.load": Call(np.load, str(payload), None, True),
        "map": Call(list, Call(map, os.system, [f"touch {marker}"])),
    }


def dumps(value: Any, protocol: int = 2) -> bytes:
    try:
        return pickle.dumps(value, protocol)
    except (TypeError, pickle.PicklingError, AttributeError):  # modules cannot be pickled: by their name
        buffer = io.BytesIO()

        class ByName(pickle.Pickler):
            def reducer_override(self, obj: Any) -> Any:
                return (__import__, (obj.__name__,)) if isinstance(obj, type(os)) else NotImplemented

        ByName(buffer, protocol).dump(value)
        return buffer.getvalue()


NAMES = ("os.system", "eval", "exec", "getattr", "attrgetter", "partial", "subprocess", "numpy.load", "map")


@pytest.mark.parametrize("name", NAMES)
def test_the_attacks_are_real(tmp_path: Path, name: str) -> None:
    """An ordinary unpickler falls for each, or the tests below would prove nothing."""
    marker = tmp_path / "marker"
    pickle.loads(dumps(attacks(marker)[name]))
    assert marker.exists()


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_runs(tmp_path: Path, name: str, protocol: int) -> None:
    marker = tmp_path / "marker"
    attack = attacks(marker)[name]
    places = {
        "whole": attack,
        "value": {**content(verts=48), "v_template": attack},
        "unused": {**content(verts=48), "extra": [attack]},
        "objects": {**content(verts=48), "weights": np.array([attack], dtype=object)},
        "key": {0: {1: attack}},
    }
    for place, value in places.items():
        path = tmp_path / f"{place}.pkl"
        path.write_bytes(dumps(value, protocol))
        with pytest.raises(BodyFileError, match=r"no body model|Nothing was run|no such file"):
            read_body(path)
        assert not marker.exists(), place


def test_objects_in_an_npz_are_not_unpickled(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    attack = np.array([attacks(marker)["os.system"]], dtype=object)
    path = write_npz(tmp_path / "a.npz", {**content(verts=48), "v_template": attack, "extra": attack})
    with pytest.raises(BodyFileError, match="Python objects"):
        read_body(path)
    assert not marker.exists()


def raw(*parts: bytes) -> bytes:
    return b"\x80\x02" + b"".join(parts) + b"."


def text(value: str) -> bytes:
    return pickle.BINUNICODE + struct.pack("<I", len(value)) + value.encode()


def named(module: str, name: str) -> bytes:
    return pickle.GLOBAL + f"{module}\n{name}\n".encode()


DTYPE = named("numpy", "dtype") + text("f8") + pickle.BININT1 + b"\0" + pickle.BININT1 + b"\1" + b"\x87R"
OBJECTS = DTYPE.replace(b"f8", b"O8")
ARRAY = named("numpy.core.multiarray", "_reconstruct") + named("numpy", "ndarray") + b"K\0\x85" + text("b") + b"\x87R"
HUGE = pickle.LONG1 + b"\x06" + (1 << 40).to_bytes(6, "little")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(raw(ARRAY, b"(K\1", HUGE, b"\x85", DTYPE, b"\x89", text("ab"), b"tb"), id="huge shape"),
        pytest.param(raw(ARRAY, b"(K\1J\xff\xff\xff\xff\x85", DTYPE, b"\x89", text(""), b"tb"), id="negative shape"),
        pytest.param(raw(b"]r\xff\xff\xff\xff"), id="memo of four billion"),
        pytest.param(raw(b"K\1", *[b"2\x86"] * 60, b"K\1s"), id="key that takes for ever"),
        pytest.param(raw(b"}", b"K\1", *[b"2\x86"] * 60, b"K\1s"), id="key of nested pairs"),
        pytest.param(raw(b"]", b"N0" * 1_200_000), id="too many steps"),
        pytest.param(b"\x80\x04\x8e" + struct.pack("<Q", 1 << 60) + b"x.", id="huge bytes"),
        pytest.param(b"\x80\x05\x96" + struct.pack("<Q", 1 << 60) + b"x.", id="huge bytearray"),
        pytest.param(raw(named("numpy", "ndarray"), b"}", text("__reduce__"), b"K\1sb"), id="state of a class"),
        pytest.param(raw(DTYPE, b"(K\3", text("|"), b"NNNJ\xff\xff\xff\xffK\0tb"), id="no table"),
        pytest.param(raw(named("numpy", "dtype"), b")", b"R"), id="wrong arguments"),
        pytest.param(raw(named("numpy", "ndarray"), b"(K\2\x85tR"), id="call of a class that is only named"),
        pytest.param(raw(named("scipy.sparse", "load_npz"), text("/etc/passwd"), b"\x85R"), id="scipy's reader"),
        pytest.param(raw(named("numpy.core.multiarray", "fromfile"), b")R"), id="numpy's reader"),
        pytest.param(raw(b"P0\n"), id="persistent id"),
        pytest.param(raw(b"\x82\1"), id="extension"),
        pytest.param(raw(b"I" + b"9" * 5000 + b"\n"), id="long number"),
        pytest.param(raw(), id="empty stack"),
        pytest.param(raw(b"t"), id="no mark"),
        pytest.param(b"hello, this is no model", id="text"),
        pytest.param(b"(dp0\nS'v_template'\n", id="cut off"),
        pytest.param(raw(b"]K\1a"), id="a list"),
    ],
)
def test_damaged_and_hostile_pickles_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(data)
    with pytest.raises(BodyFileError, match=r"a\.pkl cannot be read: .+\. Choose"):
        read_body(path)


def test_the_same_bytes_encoded_over_and_over(tmp_path: Path) -> None:
    """1 MB of text that is made bytes 4,000 times would take 4 GB."""
    once = named("_codecs", "encode") + b"h\1" + text("latin1") + b"\x86R"
    path = tmp_path / "a.pkl"
    path.write_bytes(raw(text("x" * (1 << 20)), b"q\x01", b"0]", (b"(" + once + b"0" + b"1") * 4000))
    assert sum(1 for _ in pickletools.genops(path.read_bytes())) > 20_000  # the instructions are well formed
    with pytest.raises(BodyFileError, match="bytes"):
        read_body(path)


def test_arrays_of_objects_are_refused_where_they_are_needed(tmp_path: Path) -> None:
    array = ARRAY + b"(K\1K\1\x85" + OBJECTS + b"\x89]NatbN"
    path = tmp_path / "a.pkl"
    path.write_bytes(raw(b"}", text("v_template"), array, b"0s"))
    with pytest.raises(BodyFileError, match="“v_template” holds Python objects"):
        read_body(path)


def test_an_expression_of_chumpy_without_an_array(tmp_path: Path) -> None:
    path = write_python2_pickle(tmp_path / "a.pkl", {**content(verts=48), "shapedirs": MatVecMult()})
    with pytest.raises(BodyFileError, match="“shapedirs” is an expression of chumpy"):
        read_body(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_files_that_are_cut_off(tmp_path: Path, share: float) -> None:
    for path in (
        write_pickle(tmp_path / "a.pkl", content(verts=48)),
        write_python2_pickle(tmp_path / "b.pkl", content(verts=48)),
        write_npz(tmp_path / "c.npz", content(verts=48)),
    ):
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(BodyFileError, match=r"cannot be read: .+\. Choose"):
            read_body(path)


@pytest.mark.parametrize("seed", range(40))
def test_changed_bytes_give_a_body_or_a_sentence(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    write = (write_pickle, write_python2_pickle, write_npz)[seed % 3]
    path = write(tmp_path / "a.pkl", content(verts=24, betas=1))
    data = bytearray(path.read_bytes())
    ends = np.concatenate([np.arange(300), np.arange(len(data) - 900, len(data))])  # where the structure is
    for position in rng.choice(ends, 3):
        data[position] = rng.integers(256)
    path.write_bytes(data)
    try:
        joints = len(read_body(path).parents)
    except BodyFileError as error:
        joints = 24 if "a.pkl cannot be read: " in str(error) else 0
    assert joints == 24


def zipped(path: Path, header: str, body: bytes = b"", name: str = "v_template.npy") -> Path:
    """An .npz of one array whose header is written by hand."""
    padded = header.encode() + b"\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded + body)
    return path


@pytest.mark.parametrize(
    ("header", "match"),
    [
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 3)}", "bytes and has"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 3)}", "not understood"),
        ("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "Python objects"),
        ("{'descr': [('a', '|O')], 'fortran_order': False, 'shape': (1,)}", "Python objects"),
        ("{'descr': '<M8[s]', 'fortran_order': False, 'shape': (1,)}", "not understood"),
        ("__import__('os').system('true')", "damaged"),
        ("{" * 3000, "damaged"),
    ],
)
def test_headers_of_arrays_that_lie(tmp_path: Path, header: str, match: str) -> None:
    with pytest.raises(BodyFileError, match=match):
        read_body(zipped(tmp_path / "a.npz", header, b"\0" * 24))


def test_a_small_zip_that_would_unpack_to_a_huge_array(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.npz", "{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}", b"\0" * 99)
    data = bytearray(path.read_bytes())
    central = data.rindex(b"PK\x01\x02")
    data[central + 24 : central + 28] = struct.pack("<I", (1 << 30) + 1)  # the size that the directory declares
    path.write_bytes(data)
    with pytest.raises(BodyFileError, match="at most 1,073,741,824 are read"):
        read_body(path)
