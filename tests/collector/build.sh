#!/usr/bin/env bash
# Builds an OpenTelemetry Collector with the Kafka exporter from Go modules into build/collector, once per manifest and
# prints the path of the binary. Takes some minutes the first time, nothing afterwards.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_folder=$(cd "$here/../.." && pwd)
folder=$source_folder/build/collector
binary=$folder/distribution/otelcol-tidewatch
builder_version=v0.155.0

if [ -x "$binary" ] && cmp -s "$here/manifest.yaml" "$folder/manifest.built.yaml"; then
  echo "$binary"
  exit 0
fi

command -v go >/dev/null || { echo "build.sh: no go in the PATH; install Go 1.25 or newer (that of Debian 12 is too old)" >&2; exit 1; }
mkdir -p "$folder"
cp "$here/manifest.yaml" "$folder/manifest.yaml"
echo "building the OpenTelemetry Collector ${builder_version} (some minutes)" >&2
{
  GOBIN=$folder/bin go install -p 1 "go.opentelemetry.io/collector/cmd/builder@${builder_version}"
  # Compiled with the builder's flags, but one package at a time: on small machines the linker needs the memory.
  (cd "$folder" && GOFLAGS="${GOFLAGS:-} -p=1" CGO_ENABLED=0 bin/builder --config manifest.yaml)
} >&2
cp "$here/manifest.yaml" "$folder/manifest.built.yaml"
echo "$binary"
