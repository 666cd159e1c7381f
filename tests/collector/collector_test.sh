#!/usr/bin/env bash
# The test with a real OpenTelemetry Collector (collector_test.py says what it checks). Builds the Collector and a Python
# environment in build/collector the first time. Needs java, mvn, python3 with venv, and a built tidewatch; installs Go where there is none.
# Usage: collector_test.sh [TIDEWATCH]   (default: build/release/tidewatch)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
tidewatch=${1:-build/release/tidewatch}
[ -x "$tidewatch" ] || { echo "collector_test.sh: $tidewatch is not built" >&2; exit 1; }
collector=$(tests/collector/build.sh)

python=build/collector/python
if ! cmp -s tests/collector/requirements.txt "$python/requirements.txt"; then
  rm -rf "$python"
  python3 -m venv "$python"
  "$python/bin/pip" install --quiet --disable-pip-version-check -r tests/collector/requirements.txt
  cp tests/collector/requirements.txt "$python/requirements.txt"
fi
"$python/bin/python" tests/collector/collector_test.py "$PWD" "$collector" "$tidewatch"
