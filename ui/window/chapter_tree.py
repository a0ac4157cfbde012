"""The chapters and their activities: where the person chooses what to do."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QWidget

from lab.chapter import chapters

_KEY = Qt.ItemDataRole.UserRole
_ROW_HEIGHT = 24  # px


class ChapterTree(QTreeWidget):
    """All chapters; the one that is open shows its activities below it. One with a single activity is a single row."""

    activityChosen = Signal(str)
    """The key of an activity."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHeaderHidden(True)
        self.setAccessibleName("Chapters")
        self.setIndentation(16)
        self.setRootIsDecorated(False)
        self._items: dict[str, QTreeWidgetItem] = {}
        for chapter in chapters().values():
            heading = _row(f"{chapter.number}   {chapter.title}")
            heading.setToolTip(0, chapter.summary)
            self.addTopLevelItem(heading)
            if len(chapter.activities) == 1:
                self._enter(heading, chapter.activities[0].key)
                continue
            heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
            for activity in chapter.activities:
                row = _row(activity.title)
                row.setToolTip(0, activity.summary)
                heading.addChild(row)
                self._enter(row, activity.key)
        self.currentItemChanged.connect(lambda *_: self._tell())
        self.itemClicked.connect(self._enter_chapter)

    def _enter(self, item: QTreeWidgetItem, key: str) -> None:
        item.setData(0, _KEY, key)
        self._items[key] = item

    def _enter_chapter(self, item: QTreeWidgetItem) -> None:
        """A click on a chapter's heading opens its first activity."""
        if item.data(0, _KEY) is None and item.childCount():
            self.setCurrentItem(item.child(0))  # type: ignore[arg-type] # there is one

    def _tell(self) -> None:
        item = self.currentItem()
        if item is not None and item.data(0, _KEY) is not None:
            self._unfold(item.parent() or item)
            self.activityChosen.emit(item.data(0, _KEY))

    def _unfold(self, chapter: QTreeWidgetItem) -> None:
        for i in range(self.topLevelItemCount()):
            heading = self.topLevelItem(i)
            if heading is not None:
                heading.setExpanded(heading is chapter)

    def choose(self, key: str) -> None:
        """Open an activity; the first one where there is none with this key."""
        self.setCurrentItem(self._items.get(key) or next(iter(self._items.values())))

    def rows(self) -> int:
        """How many rows there are to see at most."""
        headings = [self.topLevelItem(i) for i in range(self.topLevelItemCount())]
        return len(headings) + max(heading.childCount() for heading in headings if heading is not None)


def _row(text: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem([text])
    item.setSizeHint(0, QSize(0, _ROW_HEIGHT))
    return item
