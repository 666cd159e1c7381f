#!/usr/bin/env bash
# The README never lies: its `tidewatch` commands are executed, in order, in one scratch folder; its configs are
# validated; the files it links to exist. Commands of ./dev are known to ./dev; `doctor` and `run` need a broker: they
# are taken from the README and executed by tests/kafka/readme/readme_test.cc.
set -euo pipefail
root=$PWD
readme=$root/README.md
binary=$TIDEWATCH_BINARY_DIR/tidewatch
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
die() { echo "README.md: $*" >&2; exit 1; }

# The blocks fenced with ```LANGUAGE, indented or not, each ended by a line ----.
blocks() { # language
  awk -v fence="\`\`\`$1" '
    !inside && $0 ~ "^ *" fence "$" { inside = 1; match($0, /^ */); indent = RLENGTH; next }
    inside && $0 ~ /^ *```$/ { inside = 0; print "----"; next }
    inside { print substr($0, indent + 1) }' "$readme"
}

validate() { "$binary" validate --config "$1" || die "not a valid config: $(cat "$1")"; }

# Configs: the first is the example of the docs, word for word, and the one that the commands use.
configs=0
part=$scratch/config-1.yaml
: >"$part"
while IFS= read -r line; do
  if [ "$line" = ---- ]; then
    validate "$part"
    configs=$((configs + 1))
    part=$scratch/config-$((configs + 1)).yaml
    : >"$part"
  else
    printf '%s\n' "$line" >>"$part"
  fi
done < <(blocks yaml)
[ "$configs" -ge 2 ] || die "found $configs configs, expected 2 or more"
diff "$scratch/config-1.yaml" docs/examples/tidewatch.yaml || die "the first config is not docs/examples/tidewatch.yaml"
cp docs/examples/tidewatch.yaml "$scratch/tidewatch.yaml"

# Lines of the Collector's part have the values of the config that was run.
collector=deploy/collector/otel-collector.yaml
for value in $(blocks 'yaml collector' | grep -oE '[a-z_]+: (otlp_[a-z]+|true|\[localhost:9092\])' | tr ' ' '~' | sort -u); do
  grep -qF "${value/\~/ }" "$collector" || die "${value/\~/ } is not in $collector"
done

executed=0
mkdir "$scratch/bin"
ln -s "$binary" "$scratch/bin/tidewatch"
while IFS= read -r line; do
  command=$(sed -E 's/ +#.*//; s/ +$//' <<<"$line")
  case $command in
    '' | ----) ;;
    ./dev\ *)
      verb=$(cut -d' ' -f2 <<<"$command")
      ./dev help | grep -q "^\./dev $verb\b" || die "./dev help does not know \"$verb\"" ;;
    tidewatch\ doctor\ * | tidewatch\ run\ *) ;;
    tidewatch\ *)
      (cd "$scratch" && PATH=$scratch/bin:$PATH bash -euo pipefail -c "$command") >"$scratch/output" 2>&1 ||
        { cat "$scratch/output"; die "failed: $command"; }
      executed=$((executed + 1)) ;;
    *) die "do not know how to check: $command" ;;
  esac
done < <(blocks sh)
[ "$executed" -ge 4 ] || die "only $executed commands were executed"
grep -q '"service"' "$scratch"/results/* || die "the backtest wrote no results"

for target in $(grep -oE '\]\([^)#]+\)' "$readme" | tr -d '()]'); do
  [ -e "$target" ] || die "links to $target, which does not exist"
done
