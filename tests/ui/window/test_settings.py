"""Settings survive a restart, and nonsense in them is ignored."""

from __future__ import annotations

import pytest

from lab.run.recorder import BUDGET_BYTES
from ui.window.settings import Settings


def test_they_are_there_again(tmp_path):
    file = tmp_path / "settings.ini"
    first = Settings(file)
    first.theme = "light"
    first.seed = 7
    first.budget = 1 << 30
    first.folder = str(tmp_path)
    first.add_recent_file(str(tmp_path / "a.ply"))
    first.add_recent_file(str(tmp_path / "b.ply"))
    first.add_recent_file(str(tmp_path / "a.ply"))
    first.sync()
    again = Settings(file)
    assert (again.theme, again.seed, again.budget, again.folder) == ("light", 7, 1 << 30, str(tmp_path))
    assert again.recent_files == (str(tmp_path / "a.ply"), str(tmp_path / "b.ply"))
    again.clear_recent_files()
    assert again.recent_files == ()


def test_one_recent_file_is_still_a_list(tmp_path):
    settings = Settings(tmp_path / "settings.ini")
    settings.add_recent_file("/data/one.ply")
    settings.sync()
    assert Settings(tmp_path / "settings.ini").recent_files == ("/data/one.ply",)


def test_ten_files_are_remembered(tmp_path):
    settings = Settings(tmp_path / "settings.ini")
    for i in range(14):
        settings.add_recent_file(f"/data/{i}.ply")
    assert settings.recent_files == tuple(f"/data/{i}.ply" for i in range(13, 3, -1))


@pytest.mark.parametrize(
    "text",
    [
        "[window]\ntheme=pink\ngeometry=7\nlayout=@Variant(\\0\\0)\n[run]\nseed=-4\nbudget=banana\n[files]\nfolder=/no/such\n",
        "[run]\nseed=99999999999999999999\nbudget=1\n[files]\nrecent=@Invalid()\n",
        "\0\x01\x02 not a settings file \xff" * 50,
        "",
    ],
)
def test_nonsense_is_ignored(tmp_path, text):
    file = tmp_path / "settings.ini"
    file.write_text(text, encoding="latin-1")
    settings = Settings(file)
    assert settings.theme == "dark"
    assert settings.seed == 0
    assert settings.budget == BUDGET_BYTES
    assert settings.geometry.isEmpty()
    assert settings.recent_files == ()
    assert settings.folder
