"""Can this machine draw? Asks EGL itself, before Filament would end the process over the answer.

Filament draws through EGL's default display. Which one that is depends on the environment: without a window system Mesa
needs to be told ``EGL_PLATFORM=surfaceless``, while NVIDIA's driver is found without it. So each way is tried, and the
first that works is left in the environment.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_OPENGL_API, _OPENGL_BIT, _PBUFFER_BIT = 0x30A2, 0x0008, 0x0001
_SURFACE_TYPE, _RENDERABLE_TYPE, _NONE = 0x3033, 0x3040, 0x3038
_MAJOR, _MINOR, _PROFILE, _CORE = 0x3098, 0x30FB, 0x30FD, 0x0001
_WIDTH, _HEIGHT = 0x3057, 0x3056
_GL_VENDOR, _GL_RENDERER, _GL_VERSION = 0x1F00, 0x1F01, 0x1F02
_NEEDED = (4, 1)  # the OpenGL version that Filament asks for
_SOFTWARE = ("llvmpipe", "softpipe", "swrast", "swiftshader")


class NoOpenGL(RuntimeError):
    """Nothing here can draw. The message is a sentence for a person; ``details`` says what was tried."""

    def __init__(self, sentence: str, details: str) -> None:
        super().__init__(sentence)
        self.details = details


@dataclass(frozen=True)
class OpenGL:
    """The driver's own words, and the EGL platform that led to it (None: the default one)."""

    vendor: str
    renderer: str
    version: str
    platform: str | None

    @property
    def software(self) -> bool:
        """Whether the processor does the drawing."""
        return any(name in self.renderer.lower() for name in _SOFTWARE)


def find_opengl() -> OpenGL:
    """The OpenGL that Filament will find, with EGL_PLATFORM set so that it does. Raises NoOpenGL.

    Elsewhere than on Linux there is no EGL to ask, and the answer only says so.
    """
    if sys.platform != "linux":
        return OpenGL("", "the system's OpenGL", "", None)
    tried: list[str] = []
    for platform in _platforms():
        _set_platform(platform)
        try:
            return _ask(platform)
        except (OSError, AttributeError, NoOpenGL) as error:
            tried.append(f"EGL_PLATFORM={platform or '(default)'}: {error}")
    if not _loadable("libEGL.so.1"):
        missing = "The 3D view needs the library libEGL.so.1, which is not on this computer."
        raise NoOpenGL(
            f"{missing} On Debian and Ubuntu: sudo apt install libegl1 libgl1 libgl1-mesa-dri", "\n".join(tried)
        )
    raise NoOpenGL(
        "No graphics driver on this computer offers OpenGL 4.1, not even Mesa's software one. "
        "On Debian and Ubuntu: sudo apt install libegl1 libgl1-mesa-dri",
        "\n".join(tried),
    )


def _platforms() -> Iterator[str | None]:
    """The values of EGL_PLATFORM to try, None for none: the person's own first."""
    own = os.environ.get("EGL_PLATFORM")
    nvidia = Path("/proc/driver/nvidia/version").exists()
    order: list[str | None] = [own] if own else []
    order += [None, "surfaceless"] if nvidia else ["surfaceless", None]
    yield from dict.fromkeys(order)


def _set_platform(platform: str | None) -> None:
    if platform is None:
        os.environ.pop("EGL_PLATFORM", None)
    else:
        os.environ["EGL_PLATFORM"] = platform


def _loadable(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _ask(platform: str | None) -> OpenGL:
    """Make a context and ask it who it is. Raises NoOpenGL or OSError."""
    egl = _egl()
    with _context(egl):
        egl.eglGetProcAddress.restype = ctypes.c_void_p
        address = egl.eglGetProcAddress(b"glGetString")
        if not address:
            raise NoOpenGL("glGetString is missing", "")
        get_string = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_uint)(address)
        vendor, renderer, version = (
            (get_string(name) or b"").decode(errors="replace") for name in (_GL_VENDOR, _GL_RENDERER, _GL_VERSION)
        )
    return OpenGL(vendor, renderer, version, platform)


def _egl() -> ctypes.CDLL:
    egl = ctypes.CDLL("libEGL.so.1")
    pointer, integer = ctypes.c_void_p, ctypes.c_int
    for name, result, arguments in (
        ("eglGetDisplay", pointer, [pointer]),
        ("eglInitialize", integer, [pointer, pointer, pointer]),
        ("eglBindAPI", integer, [integer]),
        ("eglChooseConfig", integer, [pointer, pointer, pointer, integer, pointer]),
        ("eglCreatePbufferSurface", pointer, [pointer, pointer, pointer]),
        ("eglCreateContext", pointer, [pointer, pointer, pointer, pointer]),
        ("eglMakeCurrent", integer, [pointer, pointer, pointer, pointer]),
        ("eglDestroyContext", integer, [pointer, pointer]),
        ("eglDestroySurface", integer, [pointer, pointer]),
        ("eglTerminate", integer, [pointer]),
    ):
        function = getattr(egl, name)
        function.restype, function.argtypes = result, arguments
    return egl


@contextmanager
def _context(egl: ctypes.CDLL) -> Iterator[None]:
    """An OpenGL context, current in this thread."""

    def needed(answer: int | None, what: str) -> int:
        if not answer:
            raise NoOpenGL(f"{what} failed with EGL error {egl.eglGetError():#06x}", "")
        return answer

    display = needed(egl.eglGetDisplay(None), "eglGetDisplay")
    needed(egl.eglInitialize(display, None, None), "eglInitialize")
    try:
        needed(egl.eglBindAPI(_OPENGL_API), "eglBindAPI")
        wanted = (ctypes.c_int * 5)(_SURFACE_TYPE, _PBUFFER_BIT, _RENDERABLE_TYPE, _OPENGL_BIT, _NONE)
        config, count = ctypes.c_void_p(), ctypes.c_int()
        needed(
            egl.eglChooseConfig(display, wanted, ctypes.byref(config), 1, ctypes.byref(count)) and count.value,
            "eglChooseConfig",
        )
        version = (ctypes.c_int * 7)(_MAJOR, _NEEDED[0], _MINOR, _NEEDED[1], _PROFILE, _CORE, _NONE)
        context = needed(egl.eglCreateContext(display, config, None, version), "eglCreateContext")
        size = (ctypes.c_int * 5)(_WIDTH, 1, _HEIGHT, 1, _NONE)
        surface = needed(egl.eglCreatePbufferSurface(display, config, size), "eglCreatePbufferSurface")
        needed(egl.eglMakeCurrent(display, surface, surface, context), "eglMakeCurrent")
        try:
            yield
        finally:
            egl.eglMakeCurrent(display, None, None, None)
            egl.eglDestroySurface(display, surface)
            egl.eglDestroyContext(display, context)
    finally:
        egl.eglTerminate(display)
