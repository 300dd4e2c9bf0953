"""A page that is one file: no script, nothing loaded from elsewhere, fit for printing."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 68em; margin: 2em auto;
  padding: 0 1em; }
h1 { font-size: 1.6em; } h2 { font-size: 1.2em; margin-top: 2em; }
table { border-collapse: collapse; margin: 1em 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding-bottom: .3em; }
th, td { padding: .2em .7em; border-bottom: 1px solid #ddd; text-align: left; vertical-align: top; }
th { border-bottom: 2px solid #888; } td.n, th.n { text-align: right; }
.note { border-left: 4px solid #b36b00; padding: .2em 1em; background: #fff7e8; }
.wide { overflow-x: auto; }
@media print { body { max-width: none; margin: 0; font-size: 9pt; } .wide { overflow: visible; }
  thead { display: table-header-group; } tr { break-inside: avoid; } h2 { break-after: avoid; } }
"""


def page(title: str, parts: Iterable[str]) -> str:
    """Put parts, each of them HTML, into a page."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{text(title)}</h1>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def text(words: object) -> str:
    """Write words so that nothing in them is read as HTML."""
    return html.escape(str(words))


def heading(words: str) -> str:
    """Write the heading of a section."""
    return f"<h2>{text(words)}</h2>"


def paragraph(words: str, kind: str = "") -> str:
    """Write a paragraph; `kind` is ``note`` for what must not be overlooked."""
    return f"<p{f' class={kind}' if kind else ''}>{text(words)}</p>"


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[object]], words: int = 1) -> str:
    """Write a table: cells of None stay empty, and all but the first `words` columns are set flush right."""
    kinds = ["" if place < words else ' class="n"' for place in range(len(head))]
    top = "".join(f'<th scope="col"{kind}>{text(name)}</th>' for name, kind in zip(head, kinds, strict=True))
    body = "\n".join(
        "<tr>"
        + "".join(
            f"<td{kind}>{'' if cell is None else text(cell)}</td>"
            for cell, kind in zip(row, kinds, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide"><table><caption>{text(caption)}</caption>\n<thead><tr>{top}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )
