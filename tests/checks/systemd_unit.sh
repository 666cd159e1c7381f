#!/usr/bin/env bash
# deploy/systemd/tidewatch.service is a unit that systemd accepts, and one that is hardened. Where systemd-analyze is
# missing only the latter is checked. First proves on a planted mistake that it can find one.
set -euo pipefail
unit=deploy/systemd/tidewatch.service

for line in DynamicUser=yes ProtectSystem=strict NoNewPrivileges=yes Restart=on-failure CapabilityBoundingSet= \
  'ExecReload=/bin/kill -HUP $MAINPID' StartLimitIntervalSec=0 'RestartPreventExitStatus=64 78'; do
  grep -qxF "$line" "$unit" || { echo "$unit: the line $line is missing"; exit 1; }
done
grep -q '^TimeoutStopSec=' "$unit" || { echo "$unit: no TimeoutStopSec"; exit 1; }

command -v systemd-analyze >/dev/null || { echo "systemd-analyze is not installed: the unit's syntax was not checked"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# The command is checked to exist: the place of the built binary instead of the installed one.
binary=$TIDEWATCH_BINARY_DIR/tidewatch
prepare() { sed "s|/usr/local/bin/tidewatch|$binary|" "$unit"; }

verify() { systemd-analyze verify --man=no "$1" 2>&1 | grep -F "$(basename "$1")" || true; }

mkdir "$folder/planted"
prepare | sed 's|^DynamicUser=.*|DynamicUsr=yes|' >"$folder/planted/tidewatch.service"
[ -n "$(verify "$folder/planted/tidewatch.service")" ] || { echo "systemd-analyze does not find a planted mistake"; exit 1; }

prepare >"$folder/tidewatch.service"
found=$(verify "$folder/tidewatch.service")
[ -z "$found" ] || { printf '%s\n' "$found"; exit 1; }
