"""People while their joints are set, and what can be undone."""

from __future__ import annotations

import numpy as np
import pytest

from lab.keypoints.layouts import LAYOUTS
from lab.keypoints.people import Person2D
from ui.keypoints.editor import JointEditor, nearest

LSP = LAYOUTS["LSP"]


def somebody(shift: float = 0.0) -> Person2D:
    xy = np.stack([np.arange(14.0) + shift, 2 * np.arange(14.0)], axis=1)
    return Person2D(xy, np.full(14, 0.5), LSP)


@pytest.fixture
def editor(qapp):
    return JointEditor([somebody(), somebody(100.0)])


def test_a_joint_that_is_moved_is_certain_and_the_others_stay(editor):
    editor.place(3, (50.0, 60.0))
    assert editor.person.xy[3].tolist() == [50.0, 60.0]
    assert editor.person.confidence[3] == 1.0
    others = np.arange(14) != 3
    np.testing.assert_array_equal(editor.person.xy[others], somebody().xy[others])
    assert (editor.person.confidence[others] == 0.5).all()
    assert editor.modified


def test_a_gesture_is_one_step(editor):
    before = editor.person
    editor.begin()
    for x in range(20):
        editor.place(3, (float(x), 0.0))
    editor.end()
    editor.place(4, (1.0, 1.0))
    editor.undo()
    assert editor.person.xy[3].tolist() == [19.0, 0.0]
    editor.undo()
    assert editor.person is before
    assert not editor.can_undo
    assert not editor.modified
    editor.redo()
    editor.redo()
    assert not editor.can_redo
    assert editor.person.xy[4].tolist() == [1.0, 1.0]


def test_a_gesture_without_a_change_is_no_step(editor):
    editor.begin()
    editor.end()
    assert not editor.can_undo


def test_a_change_after_an_undo_forgets_what_was_undone(editor):
    editor.place(0, (1.0, 1.0))
    editor.undo()
    editor.remove(1)
    assert not editor.can_redo
    assert editor.person.confidence[1] == 0.0


def test_missing_joints_are_asked_for_in_their_order(editor):
    assert editor.missing() == -1
    for joint in (2, 5, 9):
        editor.remove(joint)
    assert [editor.missing(), editor.missing(2), editor.missing(5), editor.missing(9)] == [2, 5, 9, 2]
    steps = len(editor._undo)
    editor.remove(5)
    assert len(editor._undo) == steps, "it was removed already"


def test_swapping_sides_twice_changes_nothing(editor):
    editor.place(LSP.index("left_knee"), (7.0, 70.0))
    before = editor.person
    editor.swap_sides()
    assert editor.person.xy[LSP.index("right_knee")].tolist() == [7.0, 70.0]
    assert editor.person.confidence[LSP.index("right_knee")] == 1.0
    np.testing.assert_array_equal(editor.person.xy[LSP.index("neck")], before.xy[LSP.index("neck")])
    editor.swap_sides()
    np.testing.assert_array_equal(editor.person.xy, before.xy)


def test_people_come_and_go(editor):
    editor.choose(1)
    assert not editor.can_undo, "choosing changes nobody"
    editor.add(LSP)
    assert (len(editor.people), editor.chosen) == (3, 2)
    editor.drop()
    assert editor.chosen == 1
    editor.clear()
    assert not editor.person.confidence.any()
    editor.set_people([])
    assert editor.person is None
    for change in (editor.drop, editor.clear, editor.swap_sides, lambda: editor.place(0, (1, 1))):
        change()
    assert editor.people == ()
    editor.undo()
    assert len(editor.people) == 2
    assert editor.chosen == 1


def test_the_nearest_joint_is_one_that_is_placed(editor):
    assert nearest(editor.person, (3.2, 6.1))[0] == 3
    editor.remove(3)
    joint, apart = nearest(editor.person, (3.0, 6.0))
    assert joint in (2, 4)
    assert apart == pytest.approx(5**0.5)
    editor.clear()
    assert nearest(editor.person, (0.0, 0.0)) == (-1, float("inf"))
