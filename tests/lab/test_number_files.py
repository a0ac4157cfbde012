"""The numbers of a parameter from the command line."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import cli
from lab.number_files import parse_numbers
from lab.params import Param, ParamError
from tests.ui.forms.posed import POSED

PLAIN = Param("betas", "numbers", (0.5, 0.0, -1.0), "Shape.", "Shape", minimum=-5, maximum=5)
TURNS = Param("pose", "numbers", (0.0,) * 6, "Pose.", "Pose", minimum=-4, maximum=4, degrees=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,2,3", (1, 2, 3)),
        (" 1 , 2  3 ", (1, 2, 3)),
        ("2", (2, 0, -1)),
        ("", (0.5, 0, -1)),
        ("-1e-1,.5", (-0.1, 0.5, -1)),
    ],
)
def test_typed_numbers_missing_ones_keep_their_defaults(text, expected):
    assert parse_numbers(text, PLAIN) == expected


def test_a_person_types_degrees():
    assert parse_numbers("90,-45", TURNS) == (math.radians(90), math.radians(-45), 0, 0, 0, 0)


@given(st.lists(st.floats(-5, 5), min_size=3, max_size=3))
def test_what_is_printed_is_read(numbers):
    assert parse_numbers(",".join(map(repr, numbers)), PLAIN) == tuple(numbers)


@pytest.mark.parametrize(
    ("text", "words"),
    [("1,2,3,4", "at most 3 numbers, found 4"), ("1,x", "found 'x'"), ("9", "from -5 to 5"), ("nan", "from -5 to 5")],
)
def test_what_is_wrong_is_said(text, words):
    with pytest.raises(ParamError, match=words):
        parse_numbers(text, PLAIN)


def test_files_hold_radians_in_any_shape(tmp_path):
    pose = np.arange(6, dtype=np.float32).reshape(2, 3) / 10
    np.savez(tmp_path / "a.npz", pose=pose, betas=np.float64([1, 2]))
    (tmp_path / "a.json").write_text(json.dumps({"pose": pose.tolist(), "betas": [3]}))
    for suffix in ("npz", "json"):
        assert parse_numbers(str(tmp_path / f"a.{suffix}"), TURNS) == pytest.approx(tuple(pose.ravel().tolist()))
    assert parse_numbers(str(tmp_path / "a.npz"), PLAIN) == (1, 2, -1)
    assert parse_numbers(str(tmp_path / "a.json"), PLAIN) == (3, 0, -1)


def test_strangers_files_are_refused_in_a_sentence(tmp_path):
    def made(name: str, content: bytes | str | None = None, **arrays) -> str:
        path = tmp_path / name
        if arrays:
            np.savez(path, **arrays)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    cases = {
        made("none.npz", other=np.zeros(3)): "no array called 'betas'",
        made("pickled.npz", betas=np.array([{}, []], dtype=object)): "cannot be read",
        made("large.npz", betas=np.zeros(100_000)): "cannot be read as at most 3 numbers",
        made("many.npz", betas=np.zeros(4)): "cannot be read as at most 3 numbers",
        made("words.npz", betas=np.array(["a"])): "cannot be read",
        made("inf.npz", betas=np.array([np.inf])): "not finite",
        made("nonsense.npz", b"PK not a zip"): "cannot be read",
        made("list.json", "[1, 2]"): "no array called 'betas'",
        made("broken.json", '{"betas": [1,'): "cannot be read",
        made("words.json", '{"betas": ["1"]}'): "cannot be read",
        made("true.json", '{"betas": [true]}'): "cannot be read",
        made("deep.json", '{"betas": ' + "[" * 100_000 + "]" * 100_000 + "}"): "cannot be read",
        made("nan.json", '{"betas": [NaN]}'): "not finite",
        made("bytes.json", b'{"betas": "\xff"}'): "cannot be read",
        str(tmp_path / "missing.npz"): "cannot be read",
        str(tmp_path): "found",
    }
    for text, words in cases.items():
        with pytest.raises(ParamError, match=words):
            parse_numbers(text, PLAIN)


def test_the_command_line_takes_them(tmp_path, capsys):
    def parsed(*words: str):
        return vars(cli.parse(["study", POSED.key, *words]))

    assert parsed("--betas", "1,2")["param betas"] == (1, 2, 0)
    assert parsed("--betas", "-1.5,-2")["param betas"] == (-1.5, -2, 0), "numbers below zero are no options"
    assert parsed("--betas", "-1 -2 -3")["param betas"] == (-1, -2, -3)
    assert parsed("--pose", "-.5,90")["param pose"][:3] == (math.radians(-0.5), math.radians(90), 0)
    with pytest.raises(SystemExit):
        parsed("--betas", "1,2,3,4")
    assert "--betas: expected at most 3 numbers, found 4" in capsys.readouterr().err
    assert parsed("--pull", "1,2,3", "--pulled", "Knee")["param pull"] == (1, 2, 3)
    with pytest.raises(SystemExit):
        parsed("--help")
    words = " ".join(capsys.readouterr().out.split())
    assert "9 numbers from -114.592 to 114.592 degrees" in words
    assert "or a file .npz or .json with an array 'pose', in radians" in words
    assert "--pull" not in words, "handles set it"
