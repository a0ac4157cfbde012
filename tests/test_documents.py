"""What the documents and the package's own declaration promise, held against the program."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import lab
from lab.chapter import chapters
from lab.examples import examples
from lab.formats import READABLE, WRITABLE

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ["README.md", "CHANGELOG.md", "docs/architecture.md"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", read(name))
    missing = [link for link in links if not (ROOT / name).parent.joinpath(link).exists()]
    assert missing == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_that_are_named_exist(name: str) -> None:
    paths = re.findall(r"`((?:lab|ui|tests|assets|docs)/[\w./]+)", read(name))
    missing = [path for path in paths if "your_" not in path and not (ROOT / path.rstrip(".")).exists()]
    assert missing == []


def test_readme_names_every_chapter_format_and_example() -> None:
    text = read("README.md")
    for chapter in chapters().values():
        assert chapter.title in text
    for suffix in (*READABLE, *WRITABLE):
        assert suffix[1:].upper() in text.upper(), suffix
    for example in examples():
        assert example.name in text
        assert example.licence.lower() in text.lower()


def test_version_is_the_same_everywhere() -> None:
    assert PROJECT["version"] == lab.__version__
    newest = re.search(r"^## (\S+)", read("CHANGELOG.md"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == lab.__version__


def pins() -> dict[str, str]:
    lines = [line for line in read("constraints.txt").splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines), "names and exact versions, nothing else"
    return {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}


def test_every_dependency_is_pinned_within_its_range() -> None:
    pinned = pins()
    for text in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]:
        requirement = Requirement(text)
        version = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{text}: {version}"
