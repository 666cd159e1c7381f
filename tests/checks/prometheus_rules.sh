#!/usr/bin/env bash
# deploy/prometheus: the rules are valid, fire when they should (promtool), name metrics that the sources really count,
# and each says what to do.
set -euo pipefail
rules=deploy/prometheus/tidewatch.rules.yaml
command -v promtool >/dev/null || { echo "promtool is missing (Debian package prometheus)"; exit 1; }

promtool check rules "$rules"
promtool test rules deploy/prometheus/tidewatch.rules.test.yaml

alerts=$(grep -c '^ *- alert:' "$rules")
for text in 'severity: ' 'summary: ' 'runbook: '; do
  [ "$(grep -c "$text" "$rules")" -eq "$alerts" ] || { echo "$rules: $alerts alerts, but not as many with \"$text\""; exit 1; }
done
for name in $(sed -n 's/^ *- alert: //p' "$rules"); do
  grep -q "alertname=\"$name\"" deploy/prometheus/tidewatch.rules.test.yaml || { echo "no test in which $name fires"; exit 1; }
done

is_counted() { # metric's full name: is it counted (…_total) or set (gauge) somewhere
  local name=${1#tidewatch_}
  case $name in
    *_total) grep -rqE "count\(\"${name%_total}\"" stream app ;;
    *) grep -rqE "set\(\"$name\"" stream app ;;
  esac
}
is_counted tidewatch_no_such_thing_total && { echo "the check of names finds what does not exist"; exit 1; }
for metric in $(grep -oE 'tidewatch_[a-z_]+' "$rules" | sort -u); do
  is_counted "$metric" || { echo "$rules: nothing in stream or app counts $metric"; exit 1; }
done
