"""What a run found, as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from lab.run_report import ReportError, save_document


def test_arrays_and_numbers_that_are_not_finite_become_json(tmp_path: Path) -> None:
    document = MappingProxyType(
        {
            "R": np.eye(2, dtype=np.float32),
            "T": (np.float64(1.5), np.inf),
            "found": np.True_,
            "frames": [{"step": np.int64(3), 7: None}],
            "name": "Würfel",
        }
    )
    save_document(tmp_path / "a.json", document)
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == {
        "R": [[1.0, 0.0], [0.0, 1.0]],
        "T": [1.5, None],
        "found": True,
        "frames": [{"step": 3, "7": None}],
        "name": "Würfel",
    }
    assert text.endswith("}\n")


def test_what_cannot_be_saved_is_said_and_the_old_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text("old")
    for path, document, words in (
        (file, {}, "found nothing"),
        (file, {"a": object()}, "of type object"),
        (tmp_path / "missing" / "a.json", {"a": 1}, "no such file or folder"),
    ):
        with pytest.raises(ReportError, match=words):
            save_document(path, document)
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert file.read_text() == "old"
