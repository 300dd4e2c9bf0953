"""Draw the charts of the gallery from the example of the project: PYTHONPATH=. python docs/make_charts.py."""

from __future__ import annotations

from pathlib import Path

import portfolio as pf

DOCS = Path(__file__).parent
DATA = DOCS.parent / "examples" / "data"


def pictures() -> dict[str, str]:
    """Return each SVG of the gallery by its file name; the page is the code that draws them."""
    page = (DOCS / "charts.md").read_text(encoding="utf-8")
    blocks = [block.split("```", 1)[0] for block in page.split("```python\n")[1:]]
    names: dict[str, object] = {}
    for block in blocks:
        exec(block.replace('"examples/data/', f'"{DATA.as_posix()}/'), names)
    return {f"{name}.svg": chart.svg() for name, chart in names.items() if isinstance(chart, pf.Chart)}


def main() -> None:
    """Write the charts beside the page."""
    (DOCS / "charts").mkdir(exist_ok=True)
    for name, svg in pictures().items():
        (DOCS / "charts" / name).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
