#!/usr/bin/env bash
# Brings the jars of Apache Kafka to build/kafka/lib (or the folder given) and formats an empty single-node log folder
# as a template beside them, so that a broker starts without the slow format step. Does nothing when both are there.
# Usage: fetch.sh [FOLDER]   (default: build/kafka of this source tree; needs mvn and java 17 or newer)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=${1:-$here/../../../build/kafka}
mkdir -p "$target"
target=$(cd "$target" && pwd)
stamp=$(cat "$here/pom.xml" "$here/server.properties" | sha256sum | cut -d' ' -f1)

exec 9>"$target/.lock"
flock 9
if [[ -f $target/.complete && $(<"$target/.complete") == "$stamp" ]]; then exit 0; fi

rm -rf "$target/lib" "$target/template" "$target/maven" "$target/.complete"
mkdir -p "$target/maven"
log=$target/fetch.log
cp "$here/pom.xml" "$target/maven/"
if ! mvn --batch-mode --quiet -f "$target/maven/pom.xml" dependency:copy-dependencies \
     -DincludeScope=runtime -DoutputDirectory="$target/lib" >"$log" 2>&1; then
  cat "$log" >&2
  echo "fetch.sh: could not fetch Apache Kafka with Maven (log: $log)" >&2
  exit 1
fi

# Ports do not matter for formatting; the broker gets its own when it starts.
sed -e "s|@PORT@|19092|; s|@CONTROLLER_PORT@|19093|; s|@LOGS@|$target/template|" "$here/server.properties" \
  >"$target/format.properties"
kafka() { java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$target/lib/*" "$@"; }
cluster=$(kafka kafka.tools.StorageTool random-uuid 2>>"$log" | tail -1)
if ! kafka kafka.tools.StorageTool format -t "$cluster" -c "$target/format.properties" --standalone >>"$log" 2>&1; then
  cat "$log" >&2
  echo "fetch.sh: could not format the log folder (log: $log)" >&2
  exit 1
fi
echo "$stamp" >"$target/.complete"
