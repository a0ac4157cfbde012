"""``./dl3d run``: an activity without a window, from files to files."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lab.array_files import save_arrays
from lab.chapter import ExperimentActivity, find_experiment
from lab.examples import examples
from lab.export import ExportError, export_curves_csv, export_ply_sequence, export_video
from lab.files import atomic_write
from lab.files import explain as explain_os_error
from lab.film import SUFFIXES as FILM_SUFFIXES
from lab.film import film_look
from lab.formats import WRITABLE, FormatError, Loaded, Up, read, write
from lab.inputs import (
    DONE,
    FAILED,
    INTERRUPTED,
    WRONG_REQUEST,
    RequestError,
    check_output,
    check_output_folder,
    find_geometry,
    given_values,
)
from lab.params import ParamError, build, declared
from lab.params import values as values_of
from lab.progress_line import ProgressLine
from lab.run.mailbox import Mailbox
from lab.run.messages import (
    Event,
    Failed,
    Finished,
    Keyframe,
    KeyframeEvery,
    Metrics,
    Noticed,
    Planned,
    Progress,
    RunRequest,
    Stop,
)
from lab.run.recorder import Header, Recording
from lab.run.recording_file import SUFFIX, RecordingError
from lab.run.recording_file import save as save_recording
from lab.run.source import run_headless
from lab.run.warmup import prepare_environment, versions
from lab.run_report import ReportError, run_report, save_document
from lab.scene import Field, Geometry, Mesh, Points

_KEYFRAME_EVERY = 5
_ARRAYS = ".npz"  # of what was found, as against the result's geometry
_FIELD = "field"  # the path of a result that is a radiance field
_BUDGET = "budget"  # the parameter that says how many seconds a run may take


@dataclass(frozen=True)
class Job:
    """A checked request."""

    activity: ExperimentActivity
    params: Any
    inputs: Mapping[str, Geometry]
    files: Mapping[str, Path]
    seed: int
    device: str
    up: Up
    out: Path | None
    mesh: Path | None
    metrics: Path | None
    document: Path | None
    curves: Path | None
    record: Path | None
    video: Path | None
    recording: Path | None
    sequence: Path | None

    @property
    def keeps_keyframes(self) -> bool:
        return any((self.record, self.recording, self.sequence))


def run(options: argparse.Namespace) -> int:
    """Make the run that the options ask for and save what they name. Returns the exit status."""
    line = ProgressLine(sys.stderr, quiet=options.quiet)
    with contextlib.ExitStack() as stack:
        prepare_environment(stack)
        try:
            job = _job(options, line)
        except (RequestError, ParamError, FormatError) as error:
            return give_up("run", line, str(error), options.debug, WRONG_REQUEST)
        return _Run(job, line, options.debug).make()


def give_up(command: str, line: ProgressLine, sentence: str, debug: bool, status: int) -> int:
    """Say why a command cannot go on, with the traceback when debugging. Returns the exit status."""
    line.close()
    if debug:
        sys.stderr.write(traceback.format_exc())
    sys.stderr.write(f"dl3d {command}: {sentence}\n")
    return status


# --- what is asked for --------------------------------------------------------------------------------------------


def _job(options: argparse.Namespace, line: ProgressLine) -> Job:
    """Check everything that can be wrong before the run. Raises RequestError, ParamError or FormatError."""
    activity = find_experiment(options.activity)
    values = given_values(options, activity) | _budget(options, activity)
    files = {
        param.name: find_geometry(values.get(param.name) or activity.examples_of(param.name)[0])
        for param in declared(activity.params)
        if param.kind == "geometry" and (values.get(param.name) or activity.examples_of(param.name))
    }
    outputs = _outputs(options)
    if outputs["video"] is not None and activity.result != _FIELD:
        raise RequestError(f"--video: {activity.title} makes no radiance field to go around; --record films the run.")
    _check_overlap(outputs, files)
    loaded = {name: read_input(path, line) for name, path in files.items()}
    params: Any = build(activity.params, values | {name: str(path) for name, path in files.items()})
    return Job(
        activity=activity,
        params=params,
        inputs={name: one.entity for name, one in loaded.items()},
        files=files,
        seed=options.seed,
        device=_device(options.device),
        up=_up(loaded, files),
        **outputs,
    )


def _outputs(options: argparse.Namespace) -> dict[str, Path | None]:
    wanted = {
        "out": ("--out", options.out, (*WRITABLE, _ARRAYS)),
        "mesh": ("--mesh", options.mesh, WRITABLE),
        "metrics": ("--metrics", options.metrics, (".json",)),
        "document": ("--json", options.json, (".json",)),
        "curves": ("--curves", options.curves, (".csv",)),
        "record": ("--record", options.record, FILM_SUFFIXES),
        "video": ("--video", options.video, FILM_SUFFIXES),
        "recording": ("--save-recording", options.save_recording, (SUFFIX,)),
    }
    outputs = {name: path and check_output(option, path, kinds) for name, (option, path, kinds) in wanted.items()}
    outputs["sequence"] = options.sequence and check_output_folder("--sequence", options.sequence)
    return outputs


def _budget(options: argparse.Namespace, activity: ExperimentActivity) -> dict[str, float]:
    """What ``--minutes`` says, as the activity's own parameter. Raises RequestError where it has none."""
    if options.minutes is None:
        return {}
    if all(param.name != _BUDGET for param in declared(activity.params)):
        raise RequestError(
            f"--minutes: {activity.title} has no time budget; its --{activity.steps} say how long it is."
        )
    if f"param {_BUDGET}" in vars(options):
        raise RequestError("--minutes and --budget both say how long the run may take; give one of them.")
    return {_BUDGET: 60.0 * options.minutes}


def _check_overlap(outputs: Mapping[str, Path | None], files: Mapping[str, Path]) -> None:
    """Raises RequestError when a file would be written over another one of this request."""
    taken = {path.resolve(): "is read by this run" for path in files.values()}
    for path in outputs.values():
        if path is None:
            continue
        if path.resolve() in taken:
            raise RequestError(f"'{path}' {taken[path.resolve()]}; choose another name to save to.")
        taken[path.resolve()] = "is named twice"


def read_input(path: Path, line: ProgressLine) -> Loaded:
    """Read a file that the person named; what was dropped is told."""
    loaded = read(path, progress=lambda fraction, _: line.report(fraction, f"Reading {path.name}"))
    for warning in loaded.warnings:
        line.note(f"Note: {warning}")
    return loaded


def _up(loaded: Mapping[str, Loaded], files: Mapping[str, Path]) -> Up:
    """The axis that points up in the inputs' coordinates, for the film: laser scans have Z there."""
    known = {example.path: example.up for example in examples()}
    return next((known.get(files[name], one.up) for name, one in loaded.items()), "y")


def _device(wanted: str) -> str:
    """The device to run on. Raises RequestError when it is asked for and not there."""
    if wanted == "cpu":
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if wanted == "cuda":
        raise RequestError("--device cuda: this machine has no CUDA device that torch can use; leave the option out.")
    return "cpu"


# --- the run ------------------------------------------------------------------------------------------------------


class _Run:
    """One run: what happens in it, and what is kept of it."""

    def __init__(self, job: Job, line: ProgressLine, debug: bool) -> None:
        self._job = job
        self._line = line
        self._debug = debug
        self._mailbox = Mailbox()
        self._signals = 0
        self._interrupted = 0
        line.total = getattr(job.params, job.activity.steps)
        header = Header(job.activity.key, values_of(job.params), job.seed, job.device, versions(), job.activity.title)
        self._recording = Recording(header, job.inputs, keyframe_every=_KEYFRAME_EVERY)

    def make(self) -> int:
        """The run, and the saving of what it leaves. Returns the exit status."""
        request = RunRequest(
            run_id=1,
            activity=self._job.activity.key,
            values=values_of(self._job.params),
            inputs=self._job.inputs,
            seed=self._job.seed,
            device=self._job.device,
            keyframe_every=_KEYFRAME_EVERY if self._job.keeps_keyframes else 0,
        )
        start = time.monotonic()
        with self._stopping_on_signals():
            end = run_headless(request, self._take, self._mailbox)
            seconds = time.monotonic() - start
            self._line.close()
            self._recording.ending = "failed" if isinstance(end, Failed) else end.reason
            self._recording.outcome = None if isinstance(end, Failed) else end.outcome
            status = self._save(end, seconds)
        if isinstance(end, Failed):
            if self._debug:
                sys.stderr.write(end.details)
            sys.stderr.write(f"dl3d run: {end.sentence}\n")
            status = FAILED
        elif not self._line.quiet:
            sys.stdout.writelines(f"{name}: {figure_text(value)}\n" for name, value in end.outcome.figures.items())
        return self._interrupted or status

    @contextlib.contextmanager
    def _stopping_on_signals(self) -> Iterator[None]:
        """The first Ctrl-C ends the run at its next step and keeps what there is, a second one ends the evaluation
        or the film, too, and a third one everything.
        """

        def stop(number: int, _: object) -> None:
            self._signals += 1
            if self._signals > 1:
                signal.signal(number, signal.SIG_DFL)
            self._interrupted = INTERRUPTED if number == signal.SIGINT else 128 + number
            self._mailbox.post(Stop())

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _take(self, event: Event) -> None:
        if isinstance(event, Metrics):
            self._recording.add_metrics(event)
            losses = event.columns.get("loss", ())
            self._line.stepped(event.steps[-1], event.seconds[-1], losses[-1] if losses else math.nan)
        elif isinstance(event, Keyframe):
            stride = self._recording.add_keyframe(event)
            if stride is not None:
                self._mailbox.post(KeyframeEvery(stride))
        elif isinstance(event, Progress):
            self._line.report(event.fraction, event.text)
        elif isinstance(event, Planned):
            self._line.total = event.steps
        elif isinstance(event, Noticed):
            self._recording.notices.append(event.notice)
            notice = event.notice
            words = f"{notice.level.capitalize()} at step {notice.step}: {notice.text} {notice.advice}"
            self._line.note(words.rstrip())

    # --- what it leaves -------------------------------------------------------------------------------------------

    def _save(self, end: Finished | Failed, seconds: float) -> int:
        """Everything that was asked for; what cannot be saved does not keep the rest from it."""
        status = DONE
        for path, save in self._savers(end, seconds):
            try:
                save(path)
                if not self._line.quiet:
                    self._line.note(f"Saved {path}")
            except (FormatError, RequestError, ExportError, RecordingError, ReportError) as error:
                status = give_up("run", self._line, str(error), self._debug, FAILED)
            except OSError as error:
                sentence = f"'{path}' cannot be saved: {explain_os_error(error)}."
                status = give_up("run", self._line, sentence, self._debug, FAILED)
        return status

    def _savers(self, end: Finished | Failed, seconds: float) -> Iterator[tuple[Path, Callable[[Path], object]]]:
        """What to save, in the order in which it would be missed most. Of a failed run, what it left before."""
        job = self._job
        if isinstance(end, Finished):
            for path in filter(None, (job.out, job.mesh)):
                arrays = path.suffix.lower() == _ARRAYS
                yield (
                    path,
                    partial(save_arrays, values=end.outcome.arrays) if arrays else partial(self._save_result, end),
                )
        if job.metrics is not None:
            yield job.metrics, partial(save_json, run_report(self._recording, end, job.files, seconds))
        if isinstance(end, Finished) and job.document is not None:
            yield job.document, partial(save_document, document=end.outcome.document)
        if job.curves is not None:
            yield job.curves, partial(export_curves_csv, self._recording)
        if job.recording is not None:
            yield job.recording, partial(save_recording, recording=self._recording)
        if job.sequence is not None and self._recording.keyframes:
            yield (
                job.sequence,
                lambda folder: export_ply_sequence(
                    self._recording, folder, job.activity.result, progress=self._line.report
                ),
            )
        if isinstance(end, Finished) and job.video is not None:
            yield job.video, partial(self._save_orbit, end)
        if job.record is not None and self._recording.keyframes:
            yield job.record, self._save_film

    def _save_result(self, end: Finished, path: Path) -> None:
        activity = self._job.activity
        result = end.outcome.entities.get(activity.mesh or activity.result)
        if not isinstance(result, Mesh | Points):
            raise RequestError(f"The run was stopped before there was a result, so '{path}' was not saved.")
        write(path, result)

    def _save_film(self, path: Path) -> None:
        look = film_look(self._recording, self._job.activity.result)
        export_video(self._recording, path, progress=self._film_progress(path), up=self._job.up, **look)

    def _save_orbit(self, end: Finished, path: Path) -> None:
        from lab.fields.out.film import save_orbit

        field = end.outcome.entities.get(self._job.activity.result)
        if not isinstance(field, Field):
            raise RequestError(f"The run was stopped before there was a radiance field, so '{path}' was not saved.")
        save_orbit(path, field, self._film_progress(path))

    def _film_progress(self, path: Path) -> Callable[[float, str], None]:
        """Shows how far a film is; a signal since now ends it."""
        already = self._signals

        def progress(fraction: float, text: str) -> None:
            if self._signals > already:
                raise ExportError(f"The film was stopped while it was made, so '{path}' was not saved.")
            self._line.report(fraction, text)

        return progress


def figure_text(value: float | str | bool) -> str:
    """A figure as the command line prints it."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def save_json(content: Mapping[str, Any], path: Path) -> None:
    """Save a report, atomically. Raises OSError."""
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
