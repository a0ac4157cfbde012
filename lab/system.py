"""What the lab needs from the machine below Python: shared libraries, a graphics driver, a font, a display.

Standard library only, and nothing of the lab: the launch script runs ``python -m lab.system`` with a bare Python,
before anything is installed, because Qt and Open3D end the process when they miss a library.
"""

from __future__ import annotations

import ctypes
import glob
import os
import shutil
import socket
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Need = Literal["viewport", "window", "vnc"]


@dataclass(frozen=True)
class Requirement:
    """Something the system must have. package: what to install for it, on Debian 12 and Ubuntu 22.04 and 24.04."""

    name: str
    package: str
    need: Need


def _libraries(need: Need, packages: Mapping[str, str]) -> tuple[Requirement, ...]:
    return tuple(Requirement(name, package, need) for name, package in packages.items())


# What Open3D and Qt link to (their NEEDED entries) and do not bring along, in the order in which it is checked.
LIBRARIES = (
    *_libraries(
        "viewport",
        {
            "libGL.so.1": "libgl1",
            "libEGL.so.1": "libegl1",
            "libX11.so.6": "libx11-6",
            "libgomp.so.1": "libgomp1",
            "libudev.so.1": "libudev1",
        },
    ),
    *_libraries(
        "window",
        {
            "libglib-2.0.so.0": "libglib2.0-0",
            "libgthread-2.0.so.0": "libglib2.0-0",
            "libz.so.1": "zlib1g",
            "libzstd.so.1": "libzstd1",
            "libfontconfig.so.1": "libfontconfig1",
            "libfreetype.so.6": "libfreetype6",
            "libdbus-1.so.3": "libdbus-1-3",
            "libxkbcommon.so.0": "libxkbcommon0",
            "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
            "libX11-xcb.so.1": "libx11-xcb1",
            "libxcb.so.1": "libxcb1",
            "libxcb-cursor.so.0": "libxcb-cursor0",
            "libxcb-glx.so.0": "libxcb-glx0",
            "libxcb-icccm.so.4": "libxcb-icccm4",
            "libxcb-image.so.0": "libxcb-image0",
            "libxcb-keysyms.so.1": "libxcb-keysyms1",
            "libxcb-randr.so.0": "libxcb-randr0",
            "libxcb-render.so.0": "libxcb-render0",
            "libxcb-render-util.so.0": "libxcb-render-util0",
            "libxcb-shape.so.0": "libxcb-shape0",
            "libxcb-shm.so.0": "libxcb-shm0",
            "libxcb-sync.so.1": "libxcb-sync1",
            "libxcb-util.so.1": "libxcb-util1",
            "libxcb-xfixes.so.0": "libxcb-xfixes0",
            "libxcb-xkb.so.1": "libxcb-xkb1",
        },
    ),
    *_libraries("vnc", {"libgssapi_krb5.so.2": "libgssapi-krb5-2", "libbrotlidec.so.1": "libbrotli1"}),
)
FONT = Requirement("a font", "fonts-dejavu-core", "window")
EGL_VENDOR = Requirement("an EGL driver", "libegl-mesa0", "viewport")
GL_DRIVER = Requirement("an OpenGL driver", "libgl1-mesa-dri", "viewport")

_DRIVERS = (
    "/usr/lib/*/dri/*swrast_dri.so",
    "/usr/lib/*/libgallium-*.so",
    "/usr/lib*/dri/*swrast_dri.so",
    "/usr/lib*/libgallium-*.so",
)
_FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
_FONT_SUFFIXES = (".ttf", ".otf", ".ttc")


def missing(needs: Iterable[Need] = ("viewport", "window", "vnc")) -> tuple[Requirement, ...]:
    """What this machine lacks for ``needs``. Loads libraries into this process, as the dynamic linker finds them."""
    wanted = set(needs)
    found = [library for library in LIBRARIES if library.need in wanted and not _loads(library.name)]
    if "viewport" in wanted:
        found += _missing_driver()
    if "window" in wanted and not has_font():
        found.append(FONT)
    return tuple(found)


def _loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def _missing_driver() -> list[Requirement]:
    """Behind libEGL stands a vendor's library, and behind Mesa's a driver; both are found only when first used."""
    if _loads("libEGL_nvidia.so.0"):
        return []
    if not _loads("libEGL_mesa.so.0"):
        return [EGL_VENDOR, GL_DRIVER]
    if any(glob.glob(pattern) for pattern in _DRIVERS) or egl_vendor() is not None:
        return []
    return [GL_DRIVER]


def egl_vendor() -> str | None:
    """What EGL says of itself without a display, such as "Mesa Project 1.5", or None when it does not start."""
    try:
        egl = ctypes.CDLL("libEGL.so.1")
    except OSError:
        return None
    egl.eglGetPlatformDisplay.restype = ctypes.c_void_p
    egl.eglGetPlatformDisplay.argtypes = [ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p]
    egl.eglInitialize.argtypes = [ctypes.c_void_p] * 3
    egl.eglTerminate.argtypes = [ctypes.c_void_p]
    egl.eglQueryString.restype = ctypes.c_char_p
    egl.eglQueryString.argtypes = [ctypes.c_void_p, ctypes.c_int]
    surfaceless, vendor, version = 0x31DD, 0x3053, 0x3054  # EGL_PLATFORM_SURFACELESS_MESA, EGL_VENDOR, EGL_VERSION
    display = egl.eglGetPlatformDisplay(surfaceless, None, None)
    if not display or not egl.eglInitialize(display, None, None):
        return None
    words = [egl.eglQueryString(display, name) or b"" for name in (vendor, version)]
    egl.eglTerminate(display)
    return b" ".join(words).decode(errors="replace")


def has_font(folders: Iterable[str] = _FONTS) -> bool:
    """Whether a font that Qt can draw with is installed."""
    for folder in folders:
        for _, _, names in os.walk(os.path.expanduser(folder)):
            if any(name.lower().endswith(_FONT_SUFFIXES) for name in names):
                return True
    return False


def packages(requirements: Iterable[Requirement]) -> list[str]:
    """The packages that bring ``requirements``, each once."""
    return list(dict.fromkeys(requirement.package for requirement in requirements))


def install_command(requirements: Iterable[Requirement]) -> str:
    """The one command that installs ``requirements`` on a Debian or Ubuntu; elsewhere, what to look for."""
    requirements = tuple(requirements)
    if shutil.which("apt-get"):
        sudo = "sudo " if os.geteuid() else ""
        names = " ".join(packages(requirements))
        return f"{sudo}apt-get update && {sudo}apt-get install -y --no-install-recommends {names}"
    return f"install, with your system's packages, what brings {', '.join(r.name for r in requirements)}"


# --- the display --------------------------------------------------------------------------------------------------


def display(environ: Mapping[str, str] | None = None) -> str | None:
    """The display that a window can open on, such as "Wayland wayland-0" or "X11 :0"; None when none answers."""
    environ = os.environ if environ is None else environ
    wayland = environ.get("WAYLAND_DISPLAY")
    if wayland and _answers(Path(environ.get("XDG_RUNTIME_DIR", "/")) / wayland):
        return f"Wayland {wayland}"
    x11 = environ.get("DISPLAY")
    if x11 and _x11_answers(x11):
        return f"X11 {x11}"
    return None


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True


def _x11_answers(name: str) -> bool:
    """Connect as Qt will, with the person's own authority file."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return False
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(name.encode(), None)
    error = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not error


NO_DISPLAY = (
    "No display was found, so the window cannot open; './dl3d run' works without one, and './dl3d --vnc' opens the "
    "window for a VNC viewer on this machine (from another one, through 'ssh -L 5900:localhost:5900')."
)


def main() -> int:
    """``python -m lab.system [NEED ...]``: a line "package name" for each thing missing; 1 if there is one."""
    needs: list[Need] = [need for need in ("viewport", "window", "vnc") if need in sys.argv[1:]]
    found = missing(needs) if needs else missing()
    sys.stdout.writelines(f"{requirement.package} {requirement.name}\n" for requirement in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
