"""Play a notebook without Jupyter: its code cells in order in a clean namespace, with what they print and show.

``python tests/notebook.py examples/planner.ipynb`` plays it from the folder above `examples` and writes what its cells say into it; ``make examples`` does that for all.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def code_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def play(notebook: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """What each code cell prints and shows.

    Raises:
        Exception: whatever a cell raises.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    return [_one(f"cell {at}", "".join(cell["source"]), names) for at, cell in enumerate(code_cells(notebook), start=1)]


def _one(name: str, source: str, names: dict[str, Any]) -> list[dict[str, Any]]:
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed, value = io.StringIO(), None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, name, "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), name, "eval"), names)
    said = printed.getvalue()
    found = [{"output_type": "stream", "name": "stdout", "text": said.splitlines(keepends=True)}] if said else []
    return found if value is None else [*found, {"output_type": "display_data", "metadata": {}, "data": _shown(value)}]


def _shown(value: Any) -> dict[str, Any]:
    if hasattr(value, "savefig"):
        picture = io.BytesIO()
        value.savefig(picture, dpi=110, metadata={"Software": None})
        return {"image/png": base64.b64encode(picture.getvalue()).decode(), "text/plain": ["a figure"]}
    shown = {"text/plain": repr(value).splitlines(keepends=True)}
    return (
        {"text/html": value._repr_html_().splitlines(keepends=True), **shown}
        if hasattr(value, "_repr_html_")
        else shown
    )


def refresh(path: Path) -> None:
    """Write into a notebook what its cells say today."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for number, (cell, outputs) in enumerate(zip(code_cells(notebook), play(notebook), strict=True), start=1):
        cell["execution_count"], cell["outputs"] = number, outputs
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    for one in sys.argv[1:]:
        refresh(Path(one))
