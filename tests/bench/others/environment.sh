#!/usr/bin/env bash
# Makes what the comparisons of tests/bench need in build/bench: a Python environment with the other detectors and the
# packages that bring labelled series, and AWS Random Cut Forest with a compiled RcfScores. Prints the path of the
# interpreter. Does nothing when all is there. Needs python3 with venv, mvn and a JDK.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=$here/../../../build/bench
mkdir -p "$target"
target=$(cd "$target" && pwd)
stamp=$(cat "$here"/*.txt "$here"/rcf/* | sha256sum | cut -d' ' -f1)

exec 9>"$target/.lock"
flock 9
if [[ ! -f $target/.complete || $(<"$target/.complete") != "$stamp" ]]; then
  rm -rf "$target/environment" "$target/rcf" "$target/.complete"
  mkdir -p "$target/rcf"
  cp "$here/rcf/pom.xml" "$target/rcf/"
  log=$target/install.log
  # The packages that are here for their data alone come without what their code needs.
  if ! { python3 -m venv "$target/environment" &&
         "$target/environment/bin/pip" install --disable-pip-version-check -r "$here/requirements.txt" &&
         "$target/environment/bin/pip" install --disable-pip-version-check --no-deps -r "$here/data_requirements.txt" &&
         mvn --batch-mode --quiet -f "$target/rcf/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
           -DoutputDirectory="$target/rcf/lib" &&
         javac -cp "$target/rcf/lib/*" -d "$target/rcf/classes" "$here/rcf/RcfScores.java"; } >"$log" 2>&1; then
    cat "$log" >&2
    echo "environment.sh: could not install what the comparisons need (log: $log)" >&2
    exit 1
  fi
  echo "$stamp" >"$target/.complete"
fi
echo "$target/environment/bin/python"
