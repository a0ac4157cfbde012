"""Few answers to many events."""

from ui.throttle import Throttle


def test_the_first_comes_at_once_the_last_is_never_lost(qtbot):
    answers, asked = [], []
    throttle = Throttle(40, lambda: answers.append(len(asked)))
    for number in range(100):
        asked.append(number)
        throttle.ask()
    assert answers == [1]
    assert throttle.waiting
    qtbot.waitUntil(lambda: answers == [1, 100])
    qtbot.wait(90)
    assert answers == [1, 100]


def test_what_waits_can_be_had_now(qtbot):
    answers = []
    throttle = Throttle(10_000, lambda: answers.append(1))
    throttle.ask()
    throttle.ask()
    throttle.flush()
    assert answers == [1, 1]
    throttle.flush()
    assert answers == [1, 1]
