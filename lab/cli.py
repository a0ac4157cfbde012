"""The command line: what can be asked for, and who carries it out.

Parsing imports nothing heavy: ``--help`` needs the standard library, ``list`` and ``run CHAPTER --help`` need numpy
besides. The window itself is not of this package; ``main.py`` opens it for the commands "open" and "probe".
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from lab import __version__
from lab.inputs import DONE, FAILED, INTERRUPTED, WRONG_REQUEST, can_save_json, slug

if TYPE_CHECKING:
    from lab.chapter import Activity, Chapter
    from lab.params import Param

VNC_PORT = 5900

_NEGATIVE = re.compile(r"^-\.?\d[-+.,\deE]*$")

_OVERVIEW = """\
usage: dl3d [FILE ...]            open the lab, with these meshes and point clouds in it
       dl3d run ACTIVITY [options] run it without a window and save what comes out
       dl3d study ACTIVITY [options] what a study shows for these values: figures, pictures, tables
       dl3d convert IN OUT        convert a mesh or point cloud into another format or variant
       dl3d inspect FILE          what is in a file: its header, its parts, its text and what it means
       dl3d list [--json]         the chapters, and every parameter of theirs
       dl3d bench [NAME ...]      measure the lab's operators against PyTorch3D's
       dl3d probe ACTIVITY        open the window, use it, and measure how smooth it stays
       dl3d doctor [--json FILE]  what a report of a problem needs: versions, devices, what is missing
       dl3d test [...]            check and test the program itself; the arguments go to pytest

Opening the lab:
  --in-process     run chapters in the window's own process, for a debugger
  --vnc [PORT]     no display: serve the window to a VNC viewer on this machine (port 5900)

  -h, --help       this text; after a command, the help of that command
  --version        the version
  --debug          show the traceback of an error

Exit status: 0 done, 1 the run failed, 2 the request was wrong, 130 stopped by Ctrl-C.
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, and where the help is."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=_Formatter, **options)
        self._negative_number_matcher = _NEGATIVE  # numbers that begin with a minus are no option

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_REQUEST, f"{self.prog}: {message} (see '{self.prog} --help')\n")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """What is asked for: ``command`` is "open" or one of the commands above. Exits with 0 for help, 2 for a mistake."""
    command = argv[0] if argv else "open"
    if command in ("-h", "--help", "help"):
        sys.stdout.write(_OVERVIEW)
        sys.exit(DONE)
    if command == "--version":
        sys.stdout.write(f"DL3D Lab {__version__}\n")
        sys.exit(DONE)
    if command not in _COMMANDS:
        return _open_parser().parse_args(argv, argparse.Namespace(command="open"))
    rest = argv[1:]
    parser = _COMMANDS[command]()
    if command == "run" and rest and (activity := _find(rest[0])):  # its own parser names it in what it has to say
        parser, rest = _activity_parser(activity), rest[1:]
    elif command in ("run", "study") and rest and (study := _find_study(rest[0])):
        parser, rest = _study_activity_parser(study, command), rest[1:]
    return parser.parse_args(rest, argparse.Namespace(command=command))


def guard(options: argparse.Namespace, carry_out: Callable[[argparse.Namespace], int]) -> int:
    """The exit status of ``carry_out``; whatever goes wrong in it is told in a sentence, with --debug in full."""
    try:
        status = carry_out(options)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if options.debug:
            raise
        reason = str(error).strip().partition("\n")[0]
        sentence = f"{type(error).__name__}: {reason}" if reason else type(error).__name__
        sys.stderr.write(f"dl3d: an unexpected error ({sentence}); --debug shows where.\n")
        return FAILED
    return status


def execute(options: argparse.Namespace) -> int:
    """Carry out any command but "open" and "probe". Returns the exit status."""
    status: int = options.execute(options)
    return status


# --- the commands -------------------------------------------------------------------------------------------------


def _open_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="dl3d", usage="dl3d [--in-process] [--vnc [PORT]] [FILE ...]")
    parser.add_argument("files", nargs="*", metavar="FILE", help="meshes and point clouds to open")
    parser.add_argument("--in-process", action="store_true", help="run chapters in the window's process")
    parser.add_argument("--vnc", type=_port, nargs="?", const=VNC_PORT, metavar="PORT", help="serve the window to VNC")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser


def _list_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="dl3d list", description="The chapters, and with --json all that is declared of them.")
    parser.add_argument("--json", action="store_true", help="everything that is declared, for a program to read")
    parser.set_defaults(execute=_list, debug=False)
    return parser


def _bench_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="dl3d bench", description="Measure the lab against PyTorch3D's operators, in turns.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure; everything when left out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="save the figures")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser.set_defaults(execute=_bench)
    return parser


def _probe_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="dl3d probe",
        usage="dl3d probe ACTIVITY|viewport [options]",
        description="Open the real window, use it as a person would, and measure how fluid it stays: a run is\n"
        "watched, each control and handle of a study is dragged, a file is opened in the viewport and turned.",
    )
    names = [*_runnable(), *_studies(), "viewport"]
    parser.add_argument("activity", choices=names, metavar="ACTIVITY", help=", ".join(names))
    parser.add_argument("--file", metavar="FILE", help="what to open, for 'viewport' (needed) and for studies")
    words = "how long it is used (a run 15, the viewport 5, a study 2.5 for each control)"
    parser.add_argument("--seconds", type=_seconds, help=words)
    words = "of the viewport (800x600) or a study's stage (that of a window of 1440x900)"
    parser.add_argument("--size", type=_size, metavar="WxH", help=words)
    parser.add_argument("--blame", action="store_true", help="tell what the UI thread did in gaps of more than 16 ms")
    parser.add_argument("--json", type=Path, metavar="FILE", help="save the figures")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser


def _doctor_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="dl3d doctor", description="What a report of a problem needs; nothing in it is private.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="save the report")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser.set_defaults(execute=_doctor, window_check=[sys.executable, "-m", "ui.qt_check"])
    return parser


def _run_parser() -> argparse.ArgumentParser:
    return _choosing_parser("run", "Make a run, or ask a study,", [*_runnable(), *_studies()])


def _choosing_parser(command: str, doing: str, keys: Sequence[str]) -> argparse.ArgumentParser:
    """Of a command whose activity is missing or unknown: one that is known has a parser of its own."""
    from lab.chapter import find

    names = "\n".join(f"  {key:<20}{find(key).summary}" for key in keys)
    parser = _Parser(
        prog=f"dl3d {command}",
        usage=f"dl3d {command} ACTIVITY [options]",
        description=f"{doing} without a window. 'dl3d {command} ACTIVITY --help' shows its options.",
        epilog=f"activities:\n{names}",
    )
    parser.add_argument("activity", choices=keys, metavar="ACTIVITY", help="see below")
    return parser


def _activity_parser(activity: Activity) -> argparse.ArgumentParser:
    prog = f"dl3d run {activity.key}"
    parser = _Parser(prog=prog, usage=f"{prog} [options]", description=activity.summary)
    add_activity_options(parser, activity)
    parser.set_defaults(execute=_run, activity=activity.key)
    return parser


def _study_parser() -> argparse.ArgumentParser:
    return _choosing_parser("study", "Ask a study", _studies())


def _study_activity_parser(activity: Any, command: str) -> argparse.ArgumentParser:
    """Of a study: ``study`` saves all that it shows, ``run`` one of its results, too."""
    prog = f"dl3d {command} {activity.key}"
    parser = _Parser(prog=prog, usage=f"{prog} [options]", description=activity.summary)
    outputs = parser.add_argument_group("What to save")
    if command == "run":
        words = "the first result that suits the ending: geometry .ply .obj .glb .stl, numbers .npz .json, an animation"
        words += " .glb (before a mesh, if there is one), a film .mp4 .gif, a picture .png .exr"
        _add_output(outputs, activity, "--out", "FILE", words)
        _add_output(outputs, activity, "--mesh", "FILE", "the first result that is geometry")
        outputs.add_argument("--result", metavar="NAME", help="the result that --out (or --mesh alone) saves")
    _add_output(outputs, activity, "--save", "FOLDER", "all it shows: geometry, pictures, tables, texts")
    _add_output(outputs, activity, "--figures", "FILE", "figures and parameters, as .json")
    _add_params(parser, activity)
    conduct = parser.add_argument_group("How to answer")
    _add_preset(conduct, activity)
    if activity.actions:
        words = "; ".join(f"{action.key}: {_plain(action.tip)}" for action in activity.actions)
        conduct.add_argument("--action", choices=[a.key for a in activity.actions], metavar="NAME", help=words)
    conduct.add_argument("--seed", type=_seed, default=0, help="the same seed gives the same result (default 0)")
    conduct.add_argument("--quiet", action="store_true", help="no progress, only what is wrong")
    conduct.add_argument("--debug", action="store_true", help="show the traceback of an error")
    defaults = {} if command == "run" else {"out": None, "mesh": None, "result": None}
    parser.set_defaults(execute=_study, activity=activity.key, action=None, **defaults)
    return parser


def _convert_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="dl3d convert",
        usage="dl3d convert IN OUT [options]",
        description="Convert a mesh or point cloud; the names' endings say the formats. What is lost is told.",
    )
    parser.add_argument("source", metavar="IN", help="the file to read, or the name of an example")
    parser.add_argument("target", type=Path, metavar="OUT", help="the file to save; one that is there is replaced")
    parser.add_argument("--scale", type=_scale, default=1.0, metavar="X", help="multiply: 0.001 for millimetres")
    axes = ("x", "y", "z", "-x", "-y", "-z")
    words = "the axis of IN that points up; it becomes y (z for laser scans and CAD, --up=-z)"
    parser.add_argument("--up", choices=axes, default="y", metavar="AXIS", help=words)
    parts = ("normals", "colors", "textures", "scalars", "faces")
    words = f"leave it out: {', '.join(parts)}; again for several"
    parser.add_argument("--drop", choices=parts, action="append", metavar="PART", help=words)
    ply = parser.add_argument_group("PLY")
    ply.add_argument("--encoding", choices=("ascii", "little", "big"), help="text, or binary (default: little)")
    ply.add_argument("--spelling", choices=("old", "new"), help="float and uchar, or float32 and uint8 (default: old)")
    names = ("vertex_indices", "vertex_index")
    ply.add_argument("--face-list", choices=names, help="the name of the faces' list (default: vertex_indices)")
    words = "256 levels, or single precision, which few programs read (default: uchar)"
    ply.add_argument("--colors", choices=("uchar", "float"), help=words)
    obj = parser.add_argument_group("OBJ")
    obj.add_argument("--relative", action="store_true", help="negative indices, which count back from the last vertex")
    conduct = parser.add_argument_group("How to work")
    conduct.add_argument("--quiet", action="store_true", help="say nothing but what is wrong")
    conduct.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser.set_defaults(execute=_convert)
    return parser


def _inspect_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="dl3d inspect",
        usage="dl3d inspect FILE [options]",
        description="What is in a file: its header and parts, its text with the meaning, and what reading it keeps.",
    )
    parser.add_argument("file", metavar="FILE", help="a mesh, a point cloud, a material list, or an example's name")
    parser.add_argument("--first", type=_whole(1, 10**12), default=1, metavar="N", help="the first line to print (1)")
    parser.add_argument("--lines", type=_whole(0, 10_000), default=24, metavar="N", help="how many lines (24)")
    parser.add_argument("--quick", action="store_true", help="do not read it as geometry")
    parser.add_argument("--json", type=Path, metavar="FILE", help="save all that is known")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser.set_defaults(execute=_inspect)
    return parser


_COMMANDS: dict[str, Callable[[], argparse.ArgumentParser]] = {
    "convert": _convert_parser,
    "inspect": _inspect_parser,
    "run": _run_parser,
    "study": _study_parser,
    "list": _list_parser,
    "bench": _bench_parser,
    "probe": _probe_parser,
    "doctor": _doctor_parser,
}


def _chapters() -> Any:
    from lab.chapter import chapters

    return chapters()


def _runnable() -> list[str]:
    """The keys of the activities that make runs."""
    from lab.chapter import ExperimentActivity, activities

    return [key for key, activity in activities().items() if isinstance(activity, ExperimentActivity)]


def _studies() -> list[str]:
    """The keys of the activities that answer at once."""
    from lab.chapter import StudyActivity, activities

    return [key for key, activity in activities().items() if isinstance(activity, StudyActivity)]


def _find_study(key: str) -> Any:
    """The activity that answers at once with this key, or None."""
    from lab.chapter import find_study

    try:
        return find_study(key)
    except (KeyError, ImportError):
        return None


def _find(key: str) -> Any:
    """The activity that makes runs with this key, or None."""
    from lab.chapter import find_experiment

    try:
        return find_experiment(key)
    except (KeyError, ImportError):
        return None


# --- the options of an activity -------------------------------------------------------------------------------------


def add_activity_options(parser: argparse.ArgumentParser, activity: Activity) -> None:
    """The options of ``run ACTIVITY``: what to save, how to run, and every parameter, as it was declared."""
    _add_outputs(parser, activity)
    _add_conduct(parser, activity)
    _add_params(parser, activity)


def _add_params(parser: argparse.ArgumentParser, activity: Activity) -> None:
    """Every parameter, as it was declared."""
    from lab.params import declared

    groups: dict[str, Any] = {}
    for param in declared(activity.params):
        if param.group not in groups:
            groups[param.group] = parser.add_argument_group(param.group or "Parameters")
        _add_param(groups[param.group], param, " ".join(activity.examples_of(param.name)))


def _add_outputs(parser: argparse.ArgumentParser, activity: Activity) -> None:
    outputs = parser.add_argument_group("What to save")
    words = "the result, as .ply, .obj, .glb or .stl; or what it found as arrays, .npz"
    for option, metavar, text in (
        ("--out", "FILE", words),
        ("--mesh", "FILE", "the result's geometry, beside --out"),
        ("--metrics", "FILE", "figures, parameters and versions, as .json"),
        ("--json", "FILE", "what it found, such as cameras, as .json"),
        ("--curves", "FILE", "every metric at every step, as .csv"),
        ("--record", "FILE", "a film of the run, as .mp4 or .gif"),
        ("--video", "FILE", "a film around the radiance field that was made, as .mp4 or .gif"),
        ("--save-recording", "FILE", "the run for the window, as .dl3d"),
        ("--sequence", "FOLDER", "the result at each keyframe, as numbered .ply"),
    ):
        _add_output(outputs, activity, option, metavar, text)


def _add_output(outputs: Any, activity: Activity, option: str, metavar: str, words: str) -> None:
    """An option that names a file to save; a parameter of the same name takes its place, and then there is none."""
    from lab.params import declared

    dest = option.removeprefix("--").replace("-", "_")
    outputs.set_defaults(**{dest: None})
    if all(param.option != option for param in declared(activity.params)):
        outputs.add_argument(option, type=Path, metavar=metavar, dest=dest, help=words)


def _add_conduct(parser: argparse.ArgumentParser, activity: Activity) -> None:
    conduct = parser.add_argument_group("How to run")
    _add_preset(conduct, activity)
    conduct.add_argument("--seed", type=_seed, default=0, help="the same seed gives the same result (default 0)")
    conduct.add_argument("--device", choices=("cpu", "cuda", "auto"), default="auto", help="default: auto")
    words = "end the run after so many minutes, where the activity has a time budget (--budget, in seconds)"
    conduct.add_argument("--minutes", type=_minutes, metavar="M", help=words)
    conduct.add_argument("--quiet", action="store_true", help="no progress, only what is wrong")
    conduct.add_argument("--debug", action="store_true", help="show the traceback of an error")


def _add_preset(conduct: Any, activity: Activity) -> None:
    if activity.presets:
        titles = ", ".join(f"'{slug(preset.title)}'" for preset in activity.presets)
        conduct.add_argument(
            "--preset",
            choices=[slug(preset.title) for preset in activity.presets],
            type=slug,
            metavar="NAME",
            help=f"start from these values, which the options below change: {titles}",
        )


def _add_param(group: Any, param: Param, example: str) -> None:
    help_text = _plain(param.doc)
    options: dict[str, Any] = {"dest": f"param {param.name}", "default": argparse.SUPPRESS}
    if param.hidden:  # of the window's handles and buttons; whoever knows it may set it
        checked = {"action": argparse.BooleanOptionalAction} if param.kind == "switch" else {"type": _checked(param)}
        group.add_argument(param.option, help=argparse.SUPPRESS, **checked, **options)
        return
    if param.kind == "switch":
        group.add_argument(
            param.option,
            action=argparse.BooleanOptionalAction,
            help=f"{help_text} (default: {'on' if param.default else 'off'})",
            **options,
        )
        return
    if param.kind in ("geometry", "geometries", "file"):
        default = f" (default: the example {example})" if example else ""
        if param.kind == "geometries":
            options["nargs"] = "+"
        group.add_argument(param.option, metavar="FILE", help=help_text + default, **options)
        return
    if param.kind == "numbers":
        group.add_argument(param.option, type=_checked(param), metavar="NUMBERS", help=_of_numbers(param), **options)
        return
    if param.kind == "text":
        group.add_argument(param.option, metavar="TEXT", help=help_text, **options)
        return
    if param.kind == "choice":
        words = f"one of {', '.join(param.choices)}; default: {param.default}"
        options |= {"choices": param.choices, "metavar": "NAME"}
    else:
        unit = _plain(param.unit and f" {param.unit}")
        words = f"{param.minimum:g} to {param.maximum:g}{unit}, default: {param.default:g}"
        options |= {"metavar": "N" if param.kind == "integer" else "X"}
    group.add_argument(param.option, type=_checked(param), help=f"{help_text} ({words})", **options)


def _of_numbers(param: Param) -> str:
    """What an option for several numbers takes."""
    count = len(param.default)
    unit = "degrees" if param.degrees else _plain(param.unit)
    low, high = (math.degrees(limit or 0.0) if param.degrees else limit for limit in (param.minimum, param.maximum))
    words = f"{count} numbers from {low:g} to {high:g}{unit and ' '}{unit}, separated by commas; those left out at the"
    radians = ", in radians" if param.degrees else ""
    file = f"or a file .npz or .json with an array '{param.name}'{radians}"
    return f"{_plain(param.doc)} ({words} end keep their defaults; {file})"


def _checked(param: Param) -> Callable[[str], Any]:
    from lab.number_files import parse_numbers
    from lab.params import ParamError

    def convert(text: str) -> Any:
        try:
            return parse_numbers(text, param) if param.kind == "numbers" else param.check(text)
        except ParamError as error:
            raise argparse.ArgumentTypeError(str(error).removeprefix(f"{param.label}: ")) from None

    return convert


def _plain(text: str) -> str:
    return text.replace("%", "%%")  # argparse formats its help


def _seed(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) < 2**32:
        return int(text)
    raise argparse.ArgumentTypeError(f"expected a whole number from 0 to {2**32 - 1}, found '{text}'")


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 1024 <= int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"expected a port from 1024 to 65535, found '{text}'")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if 0.5 <= seconds <= 3600:
        return seconds
    raise argparse.ArgumentTypeError(f"expected 0.5 to 3600 seconds, found '{text}'")


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if 0 < minutes < math.inf:
        return minutes
    raise argparse.ArgumentTypeError(f"expected a number of minutes above 0, found '{text}'")


def _whole(low: int, high: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        if text.isascii() and text.isdigit() and low <= int(text[:20]) <= high:
            return int(text)
        raise argparse.ArgumentTypeError(f"expected a whole number from {low:,} to {high:,}, found '{text}'")

    return convert


def _scale(text: str) -> float:
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if 1e-12 <= factor <= 1e12:
        return factor
    raise argparse.ArgumentTypeError(f"expected a number above zero, found '{text}'")


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if width.isdecimal() and height.isdecimal() and 64 <= int(width) <= 4096 and 64 <= int(height) <= 4096:
        return int(width), int(height)
    raise argparse.ArgumentTypeError(f"expected a size such as 800x600, found '{text}'")


# --- carrying out -------------------------------------------------------------------------------------------------


def _list(options: argparse.Namespace) -> int:
    chapters = _chapters().values()
    if options.json:
        sys.stdout.write(json.dumps([describe(chapter) for chapter in chapters], indent=2) + "\n")
        return DONE
    width = max(len(activity.key) for chapter in chapters for activity in chapter.activities)
    for chapter in chapters:
        sys.stdout.write(f"{chapter.number:>2}  {chapter.title}\n")
        for activity in chapter.activities:
            sys.stdout.write(f"    {activity.key:<{width}}  {activity.summary}\n")
    return DONE


def describe(chapter: Chapter) -> dict[str, Any]:
    """All that a chapter declares, as JSON can hold it."""
    return {
        "key": chapter.key,
        "number": chapter.number,
        "title": chapter.title,
        "summary": chapter.summary,
        "activities": [_describe(activity) for activity in chapter.activities],
    }


def _describe(activity: Activity) -> dict[str, Any]:
    from lab.chapter import ExperimentActivity
    from lab.params import declared

    return {
        "key": activity.key,
        "kind": "experiment" if isinstance(activity, ExperimentActivity) else "study",
        "title": activity.title,
        "summary": activity.summary,
        "parameters": [
            {"option": param.option} | {k: v for k, v in dataclasses.asdict(param).items() if v not in (None, "", ())}
            for param in declared(activity.params)
        ],
        "presets": [
            {"name": slug(p.title), "title": p.title, "doc": p.doc, "values": dict(p.values)} for p in activity.presets
        ],
        "terms": [dataclasses.asdict(term) for term in activity.terms],
        "example": dict(activity.example),
    }


def _run(options: argparse.Namespace) -> int:
    from lab import headless

    return headless.run(options)


def _study(options: argparse.Namespace) -> int:
    from lab.studies import headless

    return headless.run(options)


def _convert(options: argparse.Namespace) -> int:
    from lab import file_commands

    return file_commands.run_convert(options)


def _inspect(options: argparse.Namespace) -> int:
    from lab import file_commands

    return file_commands.run_inspect(options)


def _bench(options: argparse.Namespace) -> int:
    from lab import bench

    return bench.main(options.names, options.json) if can_save_json(options) else WRONG_REQUEST


def _doctor(options: argparse.Namespace) -> int:
    from lab import doctor

    if not can_save_json(options):
        return WRONG_REQUEST
    return doctor.main(options.json, options.window_check)
