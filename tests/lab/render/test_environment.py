"""What the render process is started with."""

from __future__ import annotations

import os

from lab.render.environment import environment


def test_software_opengl_leaves_a_core_to_the_others(monkeypatch):
    monkeypatch.delenv("LP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: range(4))
    assert environment()["LP_NUM_THREADS"] == "3"
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: range(1))
    assert environment()["LP_NUM_THREADS"] == "1"
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: range(64))
    assert environment()["LP_NUM_THREADS"] == "8"


def test_the_persons_own_choice_is_kept(monkeypatch):
    monkeypatch.setenv("LP_NUM_THREADS", "5")
    assert environment()["LP_NUM_THREADS"] == "5"
    assert environment({"LP_NUM_THREADS": "2", "X": "y"}) == {**environment(), "LP_NUM_THREADS": "2", "X": "y"}
