"""Tables as spreadsheets open them: RFC 4180, in UTF-8, with nothing that they would calculate."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

MEDIA_TYPE = "text/csv; charset=utf-8; header=present"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet would calculate, where a cell begins with it."""


def lines(rows: Iterable[Sequence[str]]) -> bytes:
    """Give these lines of a table; of each cell a spreadsheet shows the text."""
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_safe(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
