#!/bin/bash
# sample.sh CLONE SECONDS COMMAND...: runs the commands in a fresh copy of a clone, in a login shell each.
set -euo pipefail
clone=$1
seconds=$2
shift 2
trial=$(mktemp -d "${TMPDIR:-/tmp}/palier-sample.XXXXXX")
trap 'rm -rf "$trial"' EXIT
git clone --quiet --shared "$clone" "$trial/sample"
cd "$trial/sample"
for command in "$@"; do
    echo "+ $command"
    timeout "$seconds" bash -lc "$command" </dev/null 2>&1 | cat || {
        code=$?
        [ "$code" -ne 124 ] || echo "not finished within $seconds s" >&2
        echo "$command: exit code $code" >&2
        exit "$code"
    }
done
