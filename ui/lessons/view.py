"""An activity's lesson: text, typeset equations, and links that reach into the form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from lab.chapter import Activity
from lab.number_files import parse_numbers
from lab.params import ParamError, declared, with_components
from ui.lessons.equation import EquationArt, EquationView
from ui.lessons.text import Block, Card, Equation, Heading, Item, LessonError, Paragraph, parse, to_html
from ui.look.theme import ThemeManager

_SLICE_MS = 4  # how long the lesson is built before other events have their turn
_WIDEST = 560  # px; longer lines are hard to read
_TEXT = (
    Qt.TextInteractionFlag.TextSelectableByMouse
    | Qt.TextInteractionFlag.LinksAccessibleByMouse
    | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
)


class LessonView(QScrollArea):
    """The lesson of an activity. It is built when it is first shown, in slices: the window never waits for it."""

    termClicked = Signal(str)
    termHovered = Signal(object)
    """The key of the loss term under the pointer, or None."""
    presetRequested = Signal(str)
    """The title of a preset to apply."""
    valuesRequested = Signal(dict)
    """{parameter name: value} to set in the form."""
    built = Signal()
    """The whole lesson stands."""

    def __init__(self, activity: Activity, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._activity = activity
        self._themes = themes
        self._terms = {term.key: term for term in activity.terms}
        self._labels: list[tuple[QLabel, str]] = []
        self._headings: dict[str, _Heading] = {}
        self._equations: list[EquationView] = []
        self._lit: str | None = None
        self._last: Block | None = None
        self._todo: Iterator[Block] | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(f"Lesson: {activity.title}")
        self._content = QWidget()
        self._layout = QVBoxLayout(self._content)
        self._layout.setContentsMargins(16, 12, 16, 24)
        self._layout.setSpacing(10)
        self._layout.addStretch(1)
        self.setWidget(self._content)
        themes.changed.connect(self._dress)

    # --- what the window asks ------------------------------------------------------------------------------------

    def highlight(self, term: str | None) -> None:
        """Let a term stand out in all equations and headings; None for none."""
        self._lit = term
        for equation in self._equations:
            equation.highlight(term)
        for key, heading in self._headings.items():
            heading.set_lit(key == term)

    def show_term(self, term: str) -> None:
        """Scroll to the section about a term."""
        self._build_rest()
        if term in self._headings:
            self._layout.activate()
            self._content.resize(self._content.width(), self._layout.heightForWidth(self._content.width()))
            self.verticalScrollBar().setValue(self._headings[term].y() - 8)

    def equations(self) -> tuple[EquationView, ...]:
        """The equations, from top to bottom."""
        return tuple(self._equations)

    # --- building ------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._todo is None:
            self._todo = iter(parse(self._activity.lesson_path.read_text(encoding="utf-8")))
            QTimer.singleShot(0, self, self._build_some)

    def _build_some(self) -> None:
        clock = QElapsedTimer()
        clock.start()
        while clock.elapsed() < _SLICE_MS:
            block = next(self._todo, None) if self._todo else None
            if block is None:
                self.built.emit()
                return
            self._add(block)
        QTimer.singleShot(0, self, self._build_some)

    def _build_rest(self) -> None:
        if self._todo is None:
            self._todo = iter(parse(self._activity.lesson_path.read_text(encoding="utf-8")))
        for block in self._todo:
            self._add(block)

    def _add(self, block: Block) -> None:
        widget = self._widget(block)
        widget.setMaximumWidth(_WIDEST)
        at = self._layout.count() - 1
        if isinstance(block, Heading) and block.level > 1:
            self._layout.insertSpacing(at, 12)
            at += 1
        if isinstance(block, Item) and isinstance(self._last, Item):
            self._layout.insertSpacing(at, -4)  # items of one list stand closer than paragraphs
            at += 1
        self._last = block
        self._layout.insertWidget(at, widget)

    def _widget(self, block: Block) -> QWidget:
        match block:
            case Heading():
                return self._heading(block)
            case Equation():
                return self._equation(block)
            case Card():
                return self._card(block)
            case Item():
                return self._item(block)
            case Paragraph():
                return self._label(block.text)

    def _heading(self, block: Heading) -> QWidget:
        if block.term is not None and block.term not in self._terms:
            raise LessonError(f"heading {block.text!r}: the activity has no term {block.term!r}")
        heading = _Heading(block)
        heading.clicked.connect(self.termClicked)
        heading.hovered.connect(self._hovered)
        heading.dress(self._hue(block.term) if block.term else None)
        if block.term:
            self._headings[block.term] = heading
        return heading

    def _equation(self, block: Equation) -> QWidget:
        path = self._activity.lesson_path
        art = EquationArt.load(path.parent / "equations" / f"{path.stem}-{block.name}.svg")
        view = EquationView(art, self._themes, self._hue)
        view.termClicked.connect(self.termClicked)
        view.termHovered.connect(self._hovered)
        view.highlight(self._lit)
        self._equations.append(view)
        return view

    def _card(self, block: Card) -> QWidget:
        card = QFrame()
        card.setProperty("role", "card")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.addWidget(self._label(block.text))
        return card

    def _item(self, block: Item) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(4, 0, 0, 0)
        layout.setSpacing(8)
        bullet = QLabel("•")
        bullet.setProperty("role", "muted")
        layout.addWidget(bullet, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._label(block.text), 1)
        return row

    def _label(self, text: str) -> QLabel:
        label = QLabel()
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setTextInteractionFlags(_TEXT)
        label.linkActivated.connect(self._open)
        label.linkHovered.connect(self._link_hovered)
        self._labels.append((label, text))
        label.setText(self._html(text))
        return label

    def _html(self, text: str) -> str:
        inline = to_html(text, self._link_color, self._themes.theme.muted)
        return f'<p style="line-height:132%; margin:0">{inline}</p>'

    # --- colours and links ---------------------------------------------------------------------------------------

    def _hue(self, term: str) -> str:
        return self._themes.term_color(self._terms[term])

    def _link_color(self, target: str) -> str:
        kind, _, name = target.partition(":")
        return self._hue(name) if kind == "term" else self._themes.theme.accent

    def _dress(self) -> None:
        for label, text in self._labels:
            label.setText(self._html(text))
        for term, heading in self._headings.items():
            heading.dress(self._hue(term))

    def _hovered(self, term: str | None) -> None:
        self.highlight(term)
        self.termHovered.emit(term)

    def _link_hovered(self, target: str) -> None:
        kind, _, name = target.partition(":")
        self._hovered(name if kind == "term" else None)

    def _open(self, target: str) -> None:
        kind, _, name = target.partition(":")
        actions: dict[str, Callable[[], None]] = {
            "term": partial(self.termClicked.emit, name),
            "preset": partial(self.presetRequested.emit, name),
            "set": lambda: self.valuesRequested.emit(_assignment(self._activity, name)),
        }
        actions[kind]()


class _Heading(QFrame):
    """A heading; that of a loss term has a bar in its hue and can be clicked."""

    clicked = Signal(str)
    hovered = Signal(object)

    def __init__(self, block: Heading) -> None:
        super().__init__()
        self._term = block.term
        self._lit = False
        self._color: str | None = None
        self._label = QLabel(block.text)
        self._label.setProperty("role", "title" if block.level == 1 else "heading")
        self._label.setWordWrap(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10 if block.term else 0, 2, 0, 2)
        layout.addWidget(self._label)
        self.setObjectName("heading")
        if block.term:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setToolTip("Show its slider and its curve")

    def dress(self, color: str | None) -> None:
        self._color = color
        if color:
            red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
            ground = f"rgba({red}, {green}, {blue}, 41)" if self._lit else "transparent"
            self.setStyleSheet(
                f"#heading {{ border: none; border-left: 4px solid {color}; background: {ground}; }}"
                f"QLabel {{ color: {color}; background: transparent; }}"
            )

    def set_lit(self, lit: bool) -> None:
        if lit != self._lit:
            self._lit = lit
            self.dress(self._color)

    def enterEvent(self, event: object) -> None:
        if self._term:
            self.hovered.emit(self._term)

    def leaveEvent(self, event: object) -> None:
        if self._term:
            self.hovered.emit(None)

    def mouseReleaseEvent(self, event: object) -> None:
        if self._term:
            self.clicked.emit(self._term)


def _assignment(activity: Activity, text: str) -> dict[str, object]:
    """``edge_weight=0.5`` as {"edge_weight": 0.5}, checked. Raises ParamError.

    Several numbers are ``pose=10,20`` or ``pose[5]=20``, in degrees where the parameter counts them.
    """
    name, _, value = text.partition("=")
    whole, component, _ = name.partition("[")
    param = next((param for param in declared(activity.params) if param.name == whole), None)
    if param is None:
        raise ParamError(f"the lesson sets '{name}', which is no parameter of {activity.title}")
    if param.kind == "switch" and value not in ("on", "off"):
        raise ParamError(f"the lesson sets the switch '{name}' to '{value}', which is neither on nor off")
    if param.kind != "numbers":
        return {name: param.check(value == "on" if param.kind == "switch" else value)}
    if not component:
        return {name: parse_numbers(value, param)}
    number = parse_numbers(value, param)[0]
    param.check(with_components({name: number}, {whole: param.default})[whole])
    return {name: number}
