#!/usr/bin/env bash
# Makes a Python environment in build/python-package with what the tests of the package and the notebooks need, builds
# the wheel of the package from this tree, installs it there, and prints the path of the interpreter. What is there and
# up to date is kept. Needs python3 with venv and its headers.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
target=$root/build/python-package
mkdir -p "$target"
stamp=$(sha256sum "$here/requirements.txt" | cut -d' ' -f1)
python=$target/environment/bin/python

step() { # what... : its output is shown when it fails
  local log=$target/install.log
  "$@" >"$log" 2>&1 || { cat "$log" >&2; echo "environment.sh: failed: $*" >&2; exit 1; }
}

exec 9>"$target/.lock"
flock 9
if [[ ! -f $target/.complete || $(<"$target/.complete") != "$stamp" ]]; then
  rm -rf "$target/environment" "$target/.complete"
  step python3 -m venv "$target/environment"
  step "$python" -m pip install --disable-pip-version-check -r "$here/requirements.txt"
  echo "$stamp" >"$target/.complete"
fi
rm -rf "$target/wheel"
# Without isolation: the build tools stay at one path, so that only what changed is compiled again.
step env PATH="$target/environment/bin:$PATH" "$python" -m pip wheel --disable-pip-version-check --no-build-isolation --no-deps --wheel-dir "$target/wheel" "$root"
step "$python" -m pip install --disable-pip-version-check --no-deps --force-reinstall "$target"/wheel/tidewatch-*.whl
echo "$python"
