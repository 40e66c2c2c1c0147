"""The comparison as a picture: SVG, drawn here."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from benchmarks.comparison import LIMIT, Compared, Comparison

COLOURS = {"bare": "#9aa5b1", "without a ledger": "#2f6f9f", "with it": "#1b3a57"}
NAMES = {
    "bare": "hand-written",
    "without a ledger": "Sekisho without its ledger",
    "with it": "Sekisho",
}
LEFT, WIDTH, RIGHT = 250, 520, 110
BAR, GAP, TOP = 14, 16, 70
_FONT = "font-family='system-ui, sans-serif' font-size='12'"


def draw(comparisons: Sequence[Comparison], file: Path) -> None:
    """Write how many times the hand-written endpoint's CPU each request takes, query by query."""
    groups = [(shown.engine, each) for shown in comparisons for each in shown.compared]
    most = max(LIMIT, *(each.times(kind) for _, each in groups for kind in COLOURS))
    height = TOP + len(groups) * (len(COLOURS) * BAR + GAP) + 10
    whole = LEFT + WIDTH + RIGHT
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {whole} {height}' {_FONT}>",
        f"<rect width='{whole}' height='{height}' fill='white'/>",
        _text(16, 24, "CPU of a request, times that of a hand-written endpoint", "bold"),
        *_legend(),
    ]
    for number, (engine, each) in enumerate(groups):
        top = TOP + number * (len(COLOURS) * BAR + GAP)
        parts += _group(f"{engine}: {each.query.kind}", each, top, WIDTH / most)
    at = LEFT + LIMIT * WIDTH / most
    parts.append(
        f"<path d='M{at:.1f} {TOP - 8}V{height - 10}' stroke='#c0392b' stroke-dasharray='4'/>"
    )
    parts.append(_text(at + 4, TOP - 10, f"bar: {LIMIT}", colour="#c0392b"))
    file.write_text("\n".join([*parts, "</svg>", ""]))


def _group(name: str, compared: Compared, top: float, scale: float) -> Iterator[str]:
    yield _text(16, top + 1.9 * BAR, name)
    for row, (kind, colour) in enumerate(COLOURS.items()):
        times, y = compared.times(kind), top + row * BAR
        width = times * scale
        yield (f"<rect x='{LEFT}' y='{y}' width='{width:.1f}' height='{BAR - 2}' fill='{colour}'/>")
        told = f"{times:.2f} ({compared.best(kind).cpu:.2f} ms)"
        yield _text(LEFT + width + 6, y + BAR - 4, told)


def _legend() -> Iterator[str]:
    for number, (kind, colour) in enumerate(COLOURS.items()):
        x = LEFT + number * 190
        yield f"<rect x='{x}' y='34' width='12' height='12' fill='{colour}'/>"
        yield _text(x + 18, 44, NAMES[kind])


def _text(x: float, y: float, said: str, weight: str = "normal", colour: str = "#222") -> str:
    place = f"x='{x:.1f}' y='{y:.1f}'"
    return f"<text {place} fill='{colour}' font-weight='{weight}'>{escape(said)}</text>"
