#!/usr/bin/env bash
# Makes a Python environment in build/python with what docs/examples and the tests that run Python need, and prints the
# path of its interpreter. Does nothing when it is there. Needs python3 with venv.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=$here/../../../build/python
mkdir -p "$target"
target=$(cd "$target" && pwd)
stamp=$(sha256sum "$here/requirements.txt" | cut -d' ' -f1)

exec 9>"$target/.lock"
flock 9
if [[ ! -f $target/.complete || $(<"$target/.complete") != "$stamp" ]]; then
  rm -rf "$target/environment" "$target/.complete"
  log=$target/install.log
  if ! { python3 -m venv "$target/environment" &&
         "$target/environment/bin/pip" install --disable-pip-version-check -r "$here/requirements.txt"; } >"$log" 2>&1; then
    cat "$log" >&2
    echo "environment.sh: could not install $here/requirements.txt (log: $log)" >&2
    exit 1
  fi
  echo "$stamp" >"$target/.complete"
fi
echo "$target/environment/bin/python"
