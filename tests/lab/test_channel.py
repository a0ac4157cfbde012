"""Messages between processes arrive whole, arrays that did not change arrive as the same object."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lab.channel import _MEMORY_COUNT, Channel, ChannelClosed, Child, Outbox
from lab.scene import Array, Mesh

Pair = tuple[Channel, Channel]


@pytest.fixture
def pair() -> Iterator[Pair]:
    left, right = socket.socketpair()
    ends = Channel(left), Channel(right)
    yield ends
    for end in ends:
        end.close()


def carry(pair: Pair, message: Any) -> Any:
    """The message as it arrives; sent from another thread, as a large one does not fit into the socket."""
    sender = threading.Thread(target=pair[0].send, args=(message,))
    sender.start()
    received = pair[1].receive()
    sender.join()
    return received


def frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array


def wire_bytes(message: Any, *before: Any) -> int:
    """How many bytes a message takes on the wire, after the ones before it."""
    left, right = socket.socketpair()
    channel = Channel(left)
    counted: list[int] = []

    def count() -> None:
        while chunk := right.recv(1 << 20):
            counted.append(len(chunk))

    reader = threading.Thread(target=count)
    reader.start()
    for one in before:
        channel.send(one)
    time.sleep(0.05)
    start = sum(counted)
    channel.send(message)
    channel.close()
    reader.join()
    right.close()
    return sum(counted) - start


NUMBERS = st.one_of(
    *(hnp.boolean_dtypes(), hnp.integer_dtypes(), hnp.unsigned_integer_dtypes()),
    *(hnp.floating_dtypes(), hnp.complex_number_dtypes()),
)
"""Not dates: numpy itself does not keep the byte order of some of them."""


@given(
    hnp.arrays(
        st.one_of(NUMBERS, hnp.unicode_string_dtypes(min_len=1), hnp.byte_string_dtypes(min_len=1)),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=12),
    ),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_any_array_arrives_as_it_was(array: Array, writable: bool, transposed: bool) -> None:
    array = array.T if transposed else array
    array.flags.writeable = writable
    left, right = socket.socketpair()
    pair = Channel(left), Channel(right)
    received = carry(pair, array)
    assert received.dtype == array.dtype
    assert received.shape == array.shape
    assert received.tobytes() == array.tobytes()
    assert received.flags.writeable == writable
    for end in pair:
        end.close()


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((0, 3), np.float32),
        np.array(3.5),
        np.array("w" * 300),  # 0-d and yet large
        np.arange(4000.0).reshape(40, 100)[::3, ::2],
        np.asfortranarray(np.arange(6000.0).reshape(30, 200)),
        np.broadcast_to(np.arange(300.0), (4, 300)),
        np.zeros(100, [("name", "U5"), ("value", ">f8", (2,))]),
        np.arange(1000, dtype=">i4"),
        np.array([{"a": 1}, None], dtype=object),
    ],
    ids=["empty", "0-d", "large 0-d", "strided", "fortran", "broadcast", "structured", "big-endian", "objects"],
)
def test_unusual_arrays(pair: Pair, array: Array) -> None:
    received = carry(pair, {"array": array})["array"]
    assert received.dtype == array.dtype
    assert received.shape == array.shape
    assert np.array_equal(received, array)


def test_a_read_only_array_is_sent_once_and_arrives_as_the_same_object(pair: Pair) -> None:
    faces = frozen(np.arange(30_000, dtype=np.int32).reshape(-1, 3))
    first = carry(pair, {"faces": faces, "again": faces})
    second = carry(pair, [faces])
    assert first["faces"] is first["again"] is second[0]
    assert not second[0].flags.writeable
    assert wire_bytes([faces]) > faces.nbytes
    assert wire_bytes([faces], [faces]) < 500


def test_an_entity_keeps_the_identity_of_what_did_not_change(pair: Pair) -> None:
    faces = frozen(np.zeros((500, 3), np.int32))
    meshes = [Mesh(np.full((400, 3), i, np.float32), faces, scalars={"s": np.full(400, i, np.float32)}) for i in (1, 2)]
    first, second = (carry(pair, mesh) for mesh in meshes)
    assert first.faces is second.faces
    assert first.verts is not second.verts
    assert second.verts[0, 0] == second.scalars["s"][0] == 2
    assert all(not array.flags.writeable for array in second.arrays())  # the small ones as well


def test_read_only_dictionaries_travel(pair: Pair) -> None:
    received = carry(pair, {"empty": MappingProxyType({}), "full": MappingProxyType({"a": np.zeros(100)})})
    assert type(received["full"]) is MappingProxyType
    assert received["empty"] == {}
    assert received["full"]["a"].shape == (100,)


def test_a_writable_array_is_sent_again_with_its_new_content(pair: Pair) -> None:
    array = np.zeros(1000)
    first = carry(pair, array)
    array[:] = 7
    second = carry(pair, array)
    assert first.sum() == 0
    assert second.sum() == 7000
    second[0] = 1  # a copy of its own
    assert array[0] == 7


def test_both_ends_forget_the_same_arrays(pair: Pair) -> None:
    kept = frozen(np.zeros(200))
    others = [frozen(np.full(200, i, float)) for i in range(2 * _MEMORY_COUNT)]
    arrived = carry(pair, kept)
    for other in others[:_MEMORY_COUNT]:
        assert carry(pair, [other, kept])[1] is arrived  # used each time, so never the oldest
    for other in others[_MEMORY_COUNT:]:
        assert np.array_equal(carry(pair, other), other)
    again = carry(pair, kept)
    assert again is not arrived  # forgotten, sent again
    assert np.array_equal(again, kept)
    crowd = carry(pair, [*others, kept, *others])  # more in one message than is remembered
    assert [a[0] for a in crowd] == [*range(2 * _MEMORY_COUNT), 0, *range(2 * _MEMORY_COUNT)]
    assert [a[0] for a in carry(pair, others)] == list(range(2 * _MEMORY_COUNT))


@given(st.lists(st.lists(st.integers(0, 99), max_size=40), max_size=12))
@settings(max_examples=40, deadline=None)
def test_any_sequence_of_repeated_arrays(messages: list[list[int]]) -> None:
    pool = [frozen(np.full(80, i, float)) for i in range(100)]
    left, right = socket.socketpair()
    pair = Channel(left), Channel(right)
    for message in messages:
        assert [a[0] for a in carry(pair, [pool[i] for i in message])] == message
    for end in pair:
        end.close()


def test_memory_is_bounded_by_bytes(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.channel._MEMORY_BYTES", 10_000)
    big, small = frozen(np.zeros(2000)), frozen(np.zeros(100))
    first = carry(pair, [small, big])  # 16,800 bytes: neither may stay
    assert carry(pair, small) is not first[0]
    assert carry(pair, small) is carry(pair, small)


def test_a_message_that_cannot_be_sent_leaves_the_channel_in_order(pair: Pair) -> None:
    array = frozen(np.ones(300))
    with pytest.raises((pickle.PicklingError, AttributeError, TypeError)):
        pair[0].send([array, lambda: None])
    assert np.array_equal(carry(pair, array), array)  # the other end never saw it


class Unreadable:
    def __reduce__(self) -> Any:
        return int, ("not a number",)


def test_a_message_that_cannot_be_read_leaves_the_channel_in_order(pair: Pair) -> None:
    array, later = frozen(np.ones(300)), frozen(np.zeros(300))
    pair[0].send([Unreadable(), array])
    with pytest.raises(ValueError, match="not a number"):
        pair[1].receive()
    assert [a.sum() for a in carry(pair, [later, array])] == [0, 300]


def test_many_threads_send_at_once(pair: Pair) -> None:
    shared = frozen(np.arange(5000.0))
    threads = [
        threading.Thread(target=lambda n=n: [pair[0].send((n, i, np.full(200 + n, i), shared)) for i in range(60)])
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    last = dict.fromkeys(range(6), -1)
    for _ in range(360):
        number, index, array, same = pair[1].receive()
        assert index == last[number] + 1  # each thread's own order
        assert array.shape == (200 + number,)
        assert (array == index).all()
        assert same[-1] == 4999
        last[number] = index
    for thread in threads:
        thread.join()


def test_the_other_end_closed(pair: Pair) -> None:
    pair[0].send("last words")
    pair[0].close()
    pair[0].close()  # twice is once
    assert pair[1].receive() == "last words"
    with pytest.raises(ChannelClosed):
        pair[1].receive()
    with pytest.raises(ChannelClosed):
        pair[1].send(np.zeros(1_000_000))  # more than a socket holds
    with pytest.raises(ChannelClosed):
        pair[0].send(1)


def test_closing_wakes_a_receive_blocked_in_another_thread(pair: Pair) -> None:
    woken = threading.Event()

    def wait() -> None:
        with pytest.raises(ChannelClosed):
            pair[0].receive()
        woken.set()

    threading.Thread(target=wait, daemon=True).start()
    time.sleep(0.05)
    pair[0].close()
    assert woken.wait(5)


def test_an_outbox_never_waits_and_keeps_the_order(pair: Pair) -> None:
    outbox = Outbox(pair[0])
    start = time.monotonic()
    for i in range(50):
        outbox.post((i, np.zeros(100_000)))  # 40 MB, far more than a socket holds
    assert time.monotonic() - start < 1.0  # nobody reads yet: waiting would last for ever
    outbox.close()
    assert [pair[1].receive()[0] for _ in range(50)] == list(range(50))
    pair[0].close()
    outbox.post("into the void")


def test_a_child_answers_reports_its_errors_and_leaves(child_module: str) -> None:
    child = Child(child_module, nice=3)
    process = psutil.Process(child.process.pid)
    array = frozen(np.arange(1000.0))
    child.channel.send(("echo", array))
    kind, first = child.channel.receive()
    child.channel.send(("echo", array))
    assert kind == "echo"
    assert child.channel.receive()[1] is first
    assert process.nice() == min(psutil.Process().nice() + 3, 19)
    if hasattr(os, "getsid"):  # between sessions, Linux does not look at niceness
        assert os.getsid(process.pid) == os.getsid(0)
        assert os.getpgid(process.pid) != os.getpgid(0), "Ctrl-C is for the parent"
    child.channel.send(("raise", "the reason"))
    with pytest.raises(ChannelClosed):
        child.channel.receive()
    assert child.close() == 1
    assert child.errors().endswith("ValueError: the reason")
    assert not process.is_running()


def test_a_child_that_ignores_the_end_is_killed(child_module: str) -> None:
    child = Child(child_module)
    child.channel.send(("hang", None))
    assert child.channel.receive() == ("hanging", None)
    assert child.close(grace=0.2) == -signal.SIGKILL


def test_a_child_dies_with_its_parent(child_module: str) -> None:
    code = (
        "import sys, time\nfrom lab.channel import Child\n"
        f"child = Child({child_module!r})\nchild.channel.send(('hang', None))\nchild.channel.receive()\n"
        "sys.stdout.write(f'{child.process.pid}\\n')\nsys.stdout.flush()\ntime.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        grandchild = psutil.Process(int(parent.stdout.readline()))
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    psutil.wait_procs([grandchild], timeout=5)
    assert not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE


@pytest.fixture
def child_module() -> str:
    return "tests.lab.echo_child"
