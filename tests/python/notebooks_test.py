"""The notebooks run from top to bottom, and their pictures are those of the documentation."""

from __future__ import annotations

import struct
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT
from nbclient import NotebookClient

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
IMAGES = ROOT / "docs/images"
MOST_BYTES = 60_000


def test_there_are_notebooks() -> None:
    names = ["calibration", "detectors", "multivariate", "quality", "season", "tune_on_your_past"]
    assert [path.stem for path in NOTEBOOKS] == names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_its_outputs(path: Path) -> None:
    """What it shows depends on the machine; the pictures are in docs/images."""
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, binary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = tmp_path / "images"
    images.mkdir()
    monkeypatch.setenv("TIDEWATCH_IMAGES", str(images))
    monkeypatch.setenv("TIDEWATCH_BINARY", str(binary))
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    names = {image.name for image in images.iterdir()}
    shown = [
        cell for cell in notebook.cells if any("image/png" in out.get("data", {}) for out in cell.get("outputs", []))
    ]
    assert len(names) == len(shown) >= 1, "every picture is shown and kept"
    for image in images.iterdir():
        assert image.stat().st_size < MOST_BYTES, f"{image.name}: {image.stat().st_size} bytes"
        assert (IMAGES / image.name).is_file(), f"docs/images/{image.name} is missing: ./dev notebooks --images"
        size = struct.unpack(">II", image.read_bytes()[16:24])
        kept = struct.unpack(">II", (IMAGES / image.name).read_bytes()[16:24])
        assert size == kept, f"docs/images/{image.name} is of another picture: ./dev notebooks --images"


def test_every_picture_is_of_a_notebook_and_in_the_documentation() -> None:
    pages = "".join(page.read_text() for page in (ROOT / "docs").rglob("*.md"))
    sources = "".join(path.read_text() for path in NOTEBOOKS)
    for image in IMAGES.glob("*.png"):
        if any(image.stem.startswith(path.stem.split("_")[0]) for path in NOTEBOOKS):
            assert f'\\"{image.stem}\\"' in sources, f"no notebook makes {image.name}"
            assert image.name in pages, f"no page shows {image.name}"
            assert image.stat().st_size < MOST_BYTES
