"""Messages between the lab's own processes, and the starting of those.

A message is pickled; its large arrays travel beside it, straight from and into their memory. A read-only array that
was sent lately is not sent again: its identity is its version (see lab.scene), so an unchanged triangle list or
target costs nothing, and arrives as the very same object again. What was read-only here is read-only there.

On the wire: the sizes of table and body; the table, one entry an array, in the order in which the body refers to them;
the arrays that the other end does not remember; the body.

Both ends belong to this program and share a private socket pair, so pickle is safe here; files never come this way.
"""

from __future__ import annotations

import ctypes
import io
import os
import pickle
import queue
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from lab.scene import Array

_OUT_OF_BAND = 512  # bytes; smaller arrays travel inside the pickle
_MEMORY_COUNT = 512  # arrays that both ends remember, ...
_MEMORY_BYTES = 256 << 20  # ... and their bytes
_HEADER = struct.Struct("<QQ")
_ROOT = Path(__file__).resolve().parent.parent


class ChannelClosed(EOFError):
    """The other end is gone."""


class _Memory:
    """The arrays sent lately, oldest first. Both ends make the same calls, so they always remember the same ones."""

    def __init__(self) -> None:
        self._arrays: OrderedDict[int, Array] = OrderedDict()
        self._numbers: dict[int, int] = {}  # identity -> number
        self._bytes = 0
        self._next = 0

    def add(self, array: Array) -> int:
        number = self._next
        self._next += 1
        self._arrays[number] = array
        self._numbers[id(array)] = number
        self._bytes += array.nbytes
        while len(self._arrays) > _MEMORY_COUNT or self._bytes > _MEMORY_BYTES:
            _, oldest = self._arrays.popitem(last=False)
            self._numbers.pop(id(oldest), None)
            self._bytes -= oldest.nbytes
        return number

    def use(self, number: int) -> Array:
        self._arrays.move_to_end(number)
        return self._arrays[number]

    def find(self, array: Array) -> int | None:
        return self._numbers.get(id(array))

    def copy(self) -> _Memory:
        twin = _Memory()
        twin._arrays, twin._numbers = self._arrays.copy(), self._numbers.copy()
        twin._bytes, twin._next = self._bytes, self._next
        return twin


@dataclass(frozen=True)
class _Known:
    """Table entry: an array that the other end remembers."""

    number: int


@dataclass(frozen=True)
class _Sent:
    """Table entry: an array that follows. remembered: both ends keep it, as nobody writes to it."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    remembered: bool


def _small_array(data: bytes, dtype: np.dtype[Any], shape: tuple[int, ...]) -> Array:
    return np.ndarray(shape, dtype, buffer=data)  # read-only, as bytes are


def _read_only(content: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(content)


class _Pickler(pickle.Pickler):
    """Pickles a message but for its large arrays, which it leaves in ``arrays`` and describes in ``table``."""

    def __init__(self, file: io.BytesIO, memory: _Memory) -> None:
        super().__init__(file, protocol=5)
        self.memory = memory
        self.table: list[_Known | _Sent] = []
        self.arrays: list[Array] = []

    def persistent_id(self, obj: Any) -> int | None:
        if type(obj) is not np.ndarray or obj.nbytes < _OUT_OF_BAND or obj.dtype.hasobject:
            return None
        self.table.append(self._entry(obj))
        return len(self.table) - 1

    def _entry(self, array: Array) -> _Known | _Sent:
        remembered = not array.flags.writeable
        number = self.memory.find(array) if remembered else None
        if number is not None:
            self.memory.use(number)
            return _Known(number)
        if remembered:
            self.memory.add(array)
        self.arrays.append(array if array.flags.c_contiguous else np.ascontiguousarray(array))
        return _Sent(array.dtype, array.shape, remembered)

    def reducer_override(self, obj: Any) -> Any:
        if type(obj) is np.ndarray and not obj.flags.writeable and not obj.dtype.hasobject:
            return _small_array, (obj.tobytes(), obj.dtype, obj.shape)
        if type(obj) is MappingProxyType:  # pickle does not know it, and many a default value is one
            return _read_only, (dict(obj),)
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, arrays: list[Array]) -> None:
        super().__init__(file)
        self._arrays = arrays

    def persistent_load(self, pid: Any) -> Array:
        return self._arrays[pid]


class Channel:
    """One end of a two-way message channel over a connected stream socket. Sending is thread-safe, receiving is not."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._sending = threading.Lock()
        self._sent = _Memory()
        self._received = _Memory()

    def send(self, message: Any) -> None:
        """Send one message; blocks while the other end does not read.

        Raises ChannelClosed, and whatever pickling raises for a message that cannot be sent; the channel stays usable.
        """
        with self._sending:
            file = io.BytesIO()
            pickler = _Pickler(file, self._sent.copy())
            pickler.dump(message)
            self._sent = pickler.memory  # only now: the other end knows nothing of a message that failed
            body = file.getbuffer()
            table = pickle.dumps(pickler.table, protocol=5)
            try:
                self._socket.sendall(_HEADER.pack(len(table), len(body)) + table)
                for array in pickler.arrays:
                    self._socket.sendall(array.reshape(-1).view(np.uint8).data)
                self._socket.sendall(body)
            except OSError as error:
                raise ChannelClosed(str(error)) from error

    def receive(self) -> Any:
        """The next message; blocks until it is there.

        Raises ChannelClosed when the other end is gone, and whatever unpickling raises for a message that cannot be
        read; the one after it can.
        """
        table_size, body_size = _HEADER.unpack(self._read(bytearray(_HEADER.size)))
        table = pickle.loads(self._read(bytearray(table_size)))
        sent = {i: self._read_array(entry) for i, entry in enumerate(table) if isinstance(entry, _Sent)}
        arrays = [self._remember(entry, sent.get(i)) for i, entry in enumerate(table)]
        return _Unpickler(io.BytesIO(self._read(bytearray(body_size))), arrays).load()

    def _read_array(self, entry: _Sent) -> Array:
        array = np.empty(entry.shape, entry.dtype)
        self._read(array.reshape(-1).view(np.uint8))
        array.flags.writeable = not entry.remembered
        return array

    def _remember(self, entry: _Known | _Sent, array: Array | None) -> Array:
        """The array of a table entry; makes the same calls to the memory as the sender made, in the same order."""
        if isinstance(entry, _Known):
            return self._received.use(entry.number)
        assert array is not None
        if entry.remembered:
            self._received.add(array)
        return array

    def _read(self, target: Any) -> Any:
        view = memoryview(target).cast("B")
        done = 0
        while done < len(view):
            try:
                count = self._socket.recv_into(view[done:], len(view) - done)
            except OSError as error:
                raise ChannelClosed(str(error)) from error
            if count == 0:
                raise ChannelClosed("the other process closed the channel")
            done += count
        return target

    def close(self) -> None:
        """Close this end; the other end's receive, and a receive blocked here, raise ChannelClosed."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:  # already disconnected by the other end
            self._socket.close()
            return
        self._socket.close()


class Outbox:
    """Sends from a thread of its own, so that the caller (the UI thread) never waits for a pipe."""

    def __init__(self, channel: Channel) -> None:
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._channel = channel
        threading.Thread(target=self._work, name="outbox", daemon=True).start()

    def post(self, message: Any) -> None:
        """Queue a message; dropped silently once the channel is closed (its receiver reports the death)."""
        self._queue.put(message)

    def close(self) -> None:
        """Send what is queued, then end the thread."""
        self._queue.put(None)

    def _work(self) -> None:
        while (message := self._queue.get()) is not None:
            try:
                self._channel.send(message)
            except ChannelClosed:
                return


class Child:
    """A process of the lab: ``python -m module`` at the other end of a channel.

    The last lines of its standard error are kept, for the report of a crash. It dies with us; on Linux it dies already
    with the *thread* that started it, so start it in one that lives as long as it is needed.
    """

    def __init__(self, module: str, *, nice: int = 0, env: dict[str, str] | None = None) -> None:
        ours, theirs = socket.socketpair()
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, str(theirs.fileno()), str(nice), str(os.getpid())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                cwd=_ROOT,
                env={**os.environ, **(env or {})},
                # Ctrl-C in the terminal is for the parent, which ends its children itself. Not a session of its own:
                # Linux shares the processor between sessions first, and `nice` would only count within one.
                process_group=0,
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        self.channel = Channel(ours)
        self._tail: deque[str] = deque(maxlen=40)
        self._reader = threading.Thread(target=self._read_errors, name=f"{module} stderr", daemon=True)
        self._reader.start()

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            for line in stream:
                self._tail.append(line.decode(errors="replace").rstrip())

    def errors(self) -> str:
        """The last lines that the process wrote to standard error; after its death, all of them."""
        if self.process.poll() is not None:
            self._reader.join(timeout=1.0)
        return "\n".join(self._tail)

    def close(self, grace: float = 2.0) -> int:
        """Close the channel, wait ``grace`` seconds, then kill. Returns the exit status."""
        self.channel.close()
        try:
            return self.process.wait(grace)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def child_channel() -> Channel:
    """In the child: its end of the channel, from the command line; also sets its priority and ties its life to ours."""
    number, nice, parent = (int(argument) for argument in sys.argv[1:4])
    if sys.platform == "linux":
        set_death_signal = 1  # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)
    os.nice(nice)
    sock = socket.socket(fileno=number)
    sock.set_inheritable(False)
    return Channel(sock)
