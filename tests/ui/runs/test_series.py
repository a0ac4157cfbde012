"""The numbers behind the curves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.run.messages import Metrics
from ui.runs.series import Series, thinned


def metrics(steps, **columns):
    return Metrics(1, tuple(steps), tuple(0.01 * s for s in steps), {n: tuple(c) for n, c in columns.items()})


def test_columns_grow_past_their_first_size():
    series = Series()
    for start in range(0, 3000, 100):
        steps = range(start, start + 100)
        series.append(metrics(steps, loss=[2.0 * s for s in steps]))
    np.testing.assert_array_equal(series.steps, np.arange(3000))
    np.testing.assert_array_equal(series.column("loss"), 2.0 * np.arange(3000))


def test_a_metric_that_comes_later_is_nan_before():
    series = Series()
    series.append(metrics([0, 1], loss=[5, 4]))
    series.append(metrics([2], loss=[3], edge=[7]))
    np.testing.assert_array_equal(series.column("edge"), [np.nan, np.nan, 7])
    assert np.isnan(series.column("unknown")).all()


@pytest.mark.parametrize(("step", "value"), [(None, 30), (20, 30), (19, 20), (10, 20), (5, 10), (-1, np.nan)])
def test_values_are_read_at_the_step_before(step, value):
    series = Series()
    series.append(metrics([0, 10, 20], loss=[10, 20, 30]))
    np.testing.assert_equal(series.value("loss", step), value)


@settings(max_examples=40)
@given(st.integers(1, 5000), st.integers(20, 800), st.integers(0, 2**32 - 1))
def test_thinning_keeps_the_extremes_the_newest_value_and_the_bound(count, points, seed):
    steps = np.arange(float(count))
    values = np.random.default_rng(seed).normal(size=count)
    x, y = thinned(steps, values, points)
    assert len(x) <= points + 3
    assert x[-1] == steps[-1]
    assert (np.diff(x) >= 0).all()
    assert y.min() == values.min()
    assert y.max() == values.max()
    np.testing.assert_array_equal(values[x.astype(int)], y)
