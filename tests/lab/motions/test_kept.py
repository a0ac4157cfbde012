"""What is kept comes back as the same object, and is made anew for another key or source."""

from __future__ import annotations

from lab.motions.kept import Kept


def test_the_same_key_gives_the_same_object() -> None:
    kept = Kept()
    first = kept.equal("a", (1, "x"), lambda: [1])
    assert kept.equal("a", (1, "x"), lambda: [2]) is first
    assert kept.equal("a", (2, "x"), lambda: [2]) == [2]
    assert kept.equal("a", (1, "x"), lambda: [3]) == [3]  # only the last one is kept
    assert kept.key("a") == (1, "x")
    assert kept.key("b") is None


def test_an_equal_source_is_another_one() -> None:
    kept = Kept()
    source = [1]
    first = kept.identical("a", source, list)
    assert kept.identical("a", source, list) is first
    assert kept.identical("a", [1], list) is not first


def test_none_is_a_key_and_a_source_like_any_other() -> None:
    kept = Kept()
    assert kept.identical("a", None, lambda source: "made") == "made"
    assert kept.identical("a", None, lambda source: "anew") == "made"
