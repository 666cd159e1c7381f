"""The package as a package: types, style, wheel, documentation."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tidewatch as tw
from conftest import ROOT, run

SOURCES = ["python", "tests/python", "notebooks"]


def test_types_are_right() -> None:
    run(sys.executable, "-m", "mypy", "--config-file", ROOT / "pyproject.toml", ROOT / "python/tidewatch")


def test_stubs_say_what_is_there() -> None:
    """Names, positions and defaults of the compiled part, against its stub."""
    allowed = ROOT / "tests/python/stubtest_allowlist.txt"
    options = ["--mypy-config-file", str(ROOT / "pyproject.toml"), "--allowlist", str(allowed)]
    done = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "tidewatch._core", *options],
        capture_output=True,
        text=True,
        cwd=ROOT / "build",  # beside python/, the sources would be taken for the package
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_style() -> None:
    sources = [ROOT / source for source in SOURCES]
    run(sys.executable, "-m", "ruff", "check", "--config", ROOT / "pyproject.toml", *sources)
    run(sys.executable, "-m", "ruff", "format", "--check", "--config", ROOT / "pyproject.toml", *sources)


def test_everything_public_is_documented() -> None:
    for name in tw.__all__:
        assert name == "__version__" or getattr(tw, name).__doc__, name
    page = (ROOT / "docs/python.md").read_text()
    missing = [name for name in tw.__all__ if name != "__version__" and f"`{name}" not in page]
    assert not missing, f"docs/python.md says nothing of {missing}"


def test_the_wheel_is_whole_and_stands_alone(tmp_path: Path) -> None:
    wheels = list((ROOT / "build/python-package/wheel").glob("tidewatch-*.whl"))
    assert len(wheels) == 1
    with zipfile.ZipFile(wheels[0]) as wheel:
        names = set(wheel.namelist())
        assert {"tidewatch/__init__.py", "tidewatch/py.typed", "tidewatch/_core.pyi"} <= names
        library = next(name for name in names if re.fullmatch(r"tidewatch/_core\..*\.so", name))
        wheel.extract(library, tmp_path)
        assert not [name for name in names if name.endswith((".cc", ".h", ".a"))]
    needed = re.findall(r"NEEDED.*\[(.*)\]", run("readelf", "-d", tmp_path / library).stdout)
    for each in needed:
        assert each.startswith(("libstdc++", "libgcc_s", "libc.", "libm.", "ld-linux")), f"the wheel needs {each}"


def test_a_clean_environment_needs_numpy_only(tmp_path: Path) -> None:
    """Nothing of pandas or of this environment: the package and numpy, in an isolated interpreter."""
    import numpy

    site = tmp_path / "site"
    site.mkdir()
    with zipfile.ZipFile(next((ROOT / "build/python-package/wheel").glob("*.whl"))) as wheel:
        wheel.extractall(site)
    for part in ("numpy", "numpy.libs"):
        found = Path(numpy.__file__).parents[1] / part
        if found.exists():
            (site / part).symlink_to(found)
    code = (
        f"import sys; sys.path = [p for p in sys.path if 'site-packages' not in p] + [{str(site)!r}]\n"
        "import numpy as np, tidewatch as tw\n"
        "times = np.datetime64('2026-01-01', 'ns') + np.arange(99) * np.timedelta64(300, 's')\n"
        "print(len(tw.Detector('point').run(times, np.ones(99))))\n"
        "try:\n    tw.read_scores('x')\nexcept ImportError as error:\n    print('tidewatch[pandas]' in str(error))\n"
    )
    assert run(sys.executable, "-I", "-S", "-c", code).stdout.split() == ["99", "True"]


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("index", range(len(blocks(ROOT / "docs/python.md"))))
def test_examples_of_the_page_run(index: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All blocks before and with this one, as a reader would paste them."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for code in blocks(ROOT / "docs/python.md")[: index + 1]:
        exec(compile(code, "docs/python.md", "exec"), names)
    if index == 0:
        assert isinstance(names["found"], list) and len(names["found"]) == 1
        assert isinstance(names["verdicts"], np.ndarray)
