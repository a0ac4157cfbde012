"""What is named on the command line."""

from __future__ import annotations

import pytest

from lab.inputs import RequestError, find_folder


def test_a_folder_or_one_of_its_files_is_found_and_nothing_else(tmp_path, monkeypatch):
    (tmp_path / "transforms.json").touch()
    assert find_folder(str(tmp_path)) == tmp_path
    assert find_folder(str(tmp_path / "transforms.json")).name == "transforms.json"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_folder("~") == tmp_path
    with pytest.raises(RequestError, match="no folder and no file 'spot"):
        find_folder("spot.ply")
