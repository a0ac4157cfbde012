"""People and the files of their joints: every program's way of writing them, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.formats.base import FormatError
from lab.keypoints.layouts import LAYOUTS, LIMBS, by_count, layout_of
from lab.keypoints.people import Person2D, missing, read_keypoints, write_keypoints


def save(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def triplets(count: int, last: float = 0.5) -> list[float]:
    return [value for joint in range(count) for value in (10.0 + joint, 20.0 + 2 * joint, last)]


def test_layouts_have_their_joints_once_and_are_known_by_their_number() -> None:
    assert {name: len(joints) for name, joints in LAYOUTS.items()} == {
        "BlazePose": 33,
        "BODY_25": 25,
        "COCO_18": 18,
        "COCO_17": 17,
        "LSP": 14,
    }
    for name, joints in LAYOUTS.items():
        assert len(set(joints)) == len(joints)
        assert by_count(len(joints)) == joints
        assert layout_of(joints) == name
    # the published orders: COCO's left wrist is its 10th, OpenPose's right ankle of COCO_18 its 11th
    assert LAYOUTS["COCO_17"][9] == "left_wrist"
    assert LAYOUTS["COCO_18"][10] == "right_ankle"
    assert LAYOUTS["BODY_25"][8] == "mid_hip"
    assert LAYOUTS["BlazePose"][23] == "left_hip"
    known = {joint for joints in LAYOUTS.values() for joint in joints}
    assert {joint for limb in LIMBS for joint in limb} <= known


def test_a_person_keeps_its_arrays_from_being_changed() -> None:
    xy = np.array([[1.0, 2.0], [5.0, 4.0], [100.0, 100.0]])
    person = Person2D(xy, np.array([1.0, 0.5, 0.0]), ("a", "b", "c"))
    xy[0] = 7.0
    assert person.xy[0].tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        person.confidence[0] = 0.0
    assert person.box.tolist() == [1.0, 2.0, 5.0, 4.0], "a joint that is not seen is not in the box"
    assert missing(("a", "b")).box.tolist() == [0.0] * 4
    with pytest.raises(ValueError, match="expected 2 joints"):
        Person2D(xy, np.zeros(3), ("a", "b"))


@settings(max_examples=25)
@given(
    st.sampled_from(list(LAYOUTS.values())),
    st.lists(st.tuples(st.floats(-9e3, 9e3), st.floats(-9e3, 9e3), st.floats(0, 1)), min_size=33, max_size=33),
)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, names: tuple[str, ...], rows: Any) -> None:
    path = tmp_path_factory.mktemp("joints") / "one.json"
    values = np.array(rows)[: len(names)]
    write_keypoints(path, [Person2D(values[:, :2], values[:, 2], names), missing(names)], (480, 640))
    first, second = read_keypoints(path)
    np.testing.assert_allclose(first.xy, values[:, :2], atol=5.1e-4)
    np.testing.assert_allclose(first.confidence, values[:, 2], atol=5.1e-4)
    assert first.names == second.names == names
    assert not second.confidence.any()
    assert json.loads(path.read_text())["image_size"] == [480, 640]


def test_own_names_survive(tmp_path: Path) -> None:
    write_keypoints(tmp_path / "a.json", [Person2D(np.ones((2, 2)), np.ones(2), ("nose", "tail"))])
    assert read_keypoints(tmp_path / "a.json")[0].names == ("nose", "tail")


def test_openpose(tmp_path: Path) -> None:
    people = [{"person_id": [-1], "pose_keypoints_2d": triplets(count)} for count in (25, 18)]
    body, coco = read_keypoints(save(tmp_path / "a.json", {"version": 1.3, "people": people}))
    assert body.names == LAYOUTS["BODY_25"]
    assert coco.names == LAYOUTS["COCO_18"]
    assert body.xy[24].tolist() == [34.0, 68.0]
    assert body.confidence.tolist() == [0.5] * 25


def test_coco_annotations_and_results(tmp_path: Path) -> None:
    labels = triplets(17, 2)
    labels[2], labels[5] = 0, 1  # not labelled; hidden
    annotated = {"images": [{"id": 1}], "annotations": [{"image_id": 1, "bbox": [0, 0, 9, 9], "keypoints": labels}]}
    (person,) = read_keypoints(save(tmp_path / "a.json", annotated))
    assert person.names == LAYOUTS["COCO_17"]
    assert person.confidence[:3].tolist() == [0.0, 0.5, 1.0]
    results = [{"image_id": 1, "score": 0.9, "keypoints": triplets(17, 0.8)}]
    (person,) = read_keypoints(save(tmp_path / "b.json", results))
    assert person.confidence.tolist() == [0.8] * 17


def test_mmpose(tmp_path: Path) -> None:
    instance = {"keypoints": [[float(j), 2.0 * j] for j in range(17)], "keypoint_scores": [0.25] * 17}
    document = {"meta_info": {}, "instance_info": [{"frame_id": 0, "instances": [instance, instance]}]}
    first, second = read_keypoints(save(tmp_path / "a.json", document))
    assert first.xy[3].tolist() == second.xy[3].tolist() == [3.0, 6.0]
    assert first.confidence.tolist() == [0.25] * 17


def test_a_file_may_say_that_there_is_nobody(tmp_path: Path) -> None:
    assert read_keypoints(save(tmp_path / "a.json", {"people": []})) == []


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"people": [{"pose_keypoints_2d": triplets(4)}]}, "it has 4 joints"),
        ({"people": [{"pose_keypoints_2d": triplets(17)[:-1]}]}, "no triplets"),
        ({"people": [{"pose_keypoints_2d": []}]}, "no triplets"),
        ({"people": [{"pose_keypoints_2d": "abc"}]}, "not numbers"),
        ({"people": [{"pose_keypoints_2d": [[1, 2, 3], [1]]}]}, "not numbers"),
        ({"people": [{"pose_keypoints_2d": [*triplets(17)[:-1], 1e300]}]}, "not finite"),
        ({"people": [{"pose_keypoints_2d": {"a": 1}}]}, "not numbers"),
        ({"annotations": [{"keypoints": [[1.0, 2.0]] * 17, "keypoint_scores": [1.0]}]}, "not as many confidences"),
        ({"people": [{"pose_keypoints_2d": triplets(17)}] * 1001}, "more than 1000 people"),
        ({"cats": 3}, "no people"),
        ("nobody", "no people"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(tmp_path: Path, document: Any, reason: str) -> None:
    with pytest.raises(FormatError, match=reason) as caught:
        read_keypoints(save(tmp_path / "people.json", document))
    assert "people.json" in str(caught.value)


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe\x00", b"[" * 100_000, b'{"people": [{"pose_keypoints_2d": NaN}'])
def test_damaged_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(FormatError, match="this is no JSON"):
        read_keypoints(tmp_path / "a.json")


def test_a_missing_file_and_an_empty_one_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").touch()
    with pytest.raises(FormatError, match="is empty"):
        read_keypoints(tmp_path / "a.json")
    with pytest.raises(FormatError, match=r"none\.json"):
        read_keypoints(tmp_path / "none.json")
