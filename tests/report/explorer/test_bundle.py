"""Modules become one, in an order in which each finds what it needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from portfolio.report.explorer import bundle

FILES = {
    "explorer.js": """import { a } from "./a.js";
import {
  b,
} from "./b.js";

export function mount() {
  return a + b;
}
export default { mount };
""",
    "a.js": 'import { b } from "./b.js";\nexport const a = b + 1;\n',
    "b.js": 'export const b = 1;\n// import and export are words: "export const"\n',
}


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_modules_are_joined_each_before_those_that_import_it(tmp_path: Path) -> None:
    joined = bundle.module(written(tmp_path, FILES))
    assert joined == (
        'const b = 1;\n// import and export are words: "export const"\n\nconst a = b + 1;\n\n\n'
        "export function mount() {\n  return a + b;\n}\nexport default { mount };\n"
    )


def test_modules_that_import_each_other_are_refused(tmp_path: Path) -> None:
    circle = FILES | {"b.js": 'import { a } from "./a.js";\nexport const b = a;\n'}
    with pytest.raises(ValueError, match=r"explorer\.js -> a\.js -> b\.js -> a\.js"):
        bundle.module(written(tmp_path, circle))


def test_the_page_is_one_module_that_imports_nothing() -> None:
    joined = bundle.module()
    assert "export default" in joined
    assert "\nimport " not in joined
    assert joined.count("\nexport ") == 3
    assert bundle.style()
