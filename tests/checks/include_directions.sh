#!/usr/bin/env bash
# Includes follow the direction of flow: core <- sketch <- baseline, detect; core <- decide; core <- estimate; detect,
# decide <- watch; stream <- app.
# Stages read no clock, file or random device. First proves on a planted violation that it can find one.
set -euo pipefail

violations() { # folder of the tree
  local root=$1
  rule() { # folder, extended regex of what it must not contain, why
    [ -d "$root/$1" ] || return 0
    grep -rnE --include='*.h' --include='*.cc' "$2" "$root/$1" | sed "s|\$|   <- $3|" || true
  }
  rule detectors 'include "(stream|app|tidewatch/v1)/' 'detectors stand alone'
  rule detectors 'include <(fstream|iostream|random|thread|librdkafka|spdlog)|_clock::now\(' 'detectors are pure'
  rule detectors/core 'include "detectors/(sketch|baseline|detect|decide|estimate|watch)/' 'core includes nothing above it'
  rule detectors/sketch 'include "detectors/(baseline|detect|decide|estimate|watch)/' 'sketch includes core only'
  rule detectors/baseline 'include "detectors/(detect|decide|estimate|watch)/' 'baseline includes core and sketch only'
  rule detectors/detect 'include "detectors/(decide|estimate|watch)/' 'detect does not know decide or estimate'
  rule detectors/decide 'include "detectors/(sketch|baseline|detect|estimate|watch)/' 'decide includes core only'
  rule detectors/estimate 'include "detectors/(sketch|baseline|detect|decide|watch)/' 'estimate includes core only'
  rule python 'include "(stream|app|tidewatch/v1)/' 'the Python package binds detectors alone'
  rule stream 'include "app/' 'stream does not know app'
  local stage
  for stage in ingest signals window rollout observe assemble session detect alert evaluate notify outbound; do
    rule "stream/$stage" 'include <(librdkafka|spdlog|fstream|random|thread)|_clock::now\(' 'stages are pure'
  done
}

planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
mkdir -p "$planted/detectors/core" "$planted/stream/window"
echo '#include "detectors/sketch/quantile.h"' >"$planted/detectors/core/planted.h"
echo 'auto now = std::chrono::system_clock::now();' >"$planted/stream/window/planted.cc"
[ "$(violations "$planted" | wc -l)" -eq 2 ] || { echo "the check does not find planted violations"; exit 1; }

found=$(violations .)
[ -z "$found" ] || { printf 'include directions violated:\n%s\n' "$found"; exit 1; }
