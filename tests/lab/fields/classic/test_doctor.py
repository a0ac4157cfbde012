"""The black collapse, on histories made up for it."""

from lab.fields.classic.doctor import WINDOW, Doctor


def told(history):
    doctor = Doctor()
    return [notice for step, (opacity, loss) in enumerate(history) for notice in doctor.look(step, opacity, loss)]


def test_an_empty_field_whose_loss_stands_still_is_named_once_and_early():
    notices = told([(0.4, 0.1)] * 5 + [(0.001, 0.05)] * 60)
    assert len(notices) == 1
    assert notices[0].step == 5 + WINDOW - 1
    assert notices[0].level == "warning"
    assert "empty" in notices[0].text
    assert "Learns on a CPU" in notices[0].advice


def test_a_field_that_is_empty_from_the_beginning_is_named():
    assert len(told([(0.0, 0.04)] * WINDOW)) == 1


def test_noise_on_the_loss_does_not_hide_it():
    assert len(told([(0.0, 0.04 + 0.002 * (-1) ** step) for step in range(40)])) == 1


def test_a_thin_field_that_still_learns_is_left_alone():
    assert not told([(0.01, 0.1 * 0.9**step) for step in range(60)])


def test_a_field_with_something_in_it_is_left_alone():
    assert not told([(0.2, 0.05)] * 60)
    assert not told([(0.0 if step % WINDOW else 0.1, 0.05) for step in range(60)])
