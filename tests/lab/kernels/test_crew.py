"""The helper threads."""

from __future__ import annotations

import threading

import pytest

from lab.kernels.crew import Crew, usable_threads


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_every_task_is_done_once(threads: int) -> None:
    done: list[int] = []
    with Crew(threads) as crew:
        crew.share([lambda at=at: done.append(at) for at in range(40)])
    assert sorted(done) == list(range(40))


def test_helpers_work_beside_the_calling_thread() -> None:
    meeting = threading.Barrier(3, timeout=10.0)  # each task waits for the two others
    with Crew(3) as crew:
        crew.share([meeting.wait] * 3)


@pytest.mark.parametrize("threads", [1, 3])
def test_an_error_reaches_the_caller(threads: int) -> None:
    def fail() -> None:
        raise RuntimeError("broken")

    with Crew(threads) as crew:
        with pytest.raises(RuntimeError, match="broken"):
            crew.share([fail] * 4)
        with pytest.raises(RuntimeError, match="broken"):
            crew.start(fail).result()


def test_a_closed_crew_works_alone() -> None:
    crew = Crew(2)
    crew.close()
    assert crew.start(threading.current_thread).result() is threading.current_thread()
    done: list[int] = []
    crew.share([lambda: done.append(1)] * 3)
    assert done == [1, 1, 1]


def test_no_threads_are_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        Crew(0)
    assert 1 <= usable_threads() <= 4
