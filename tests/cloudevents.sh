#!/usr/bin/env bash
# Sends CloudEvents with the SDK of another language: in the binary and the structured mode, and several as a batch.
#
#   pip install cloudevents
#   tests/cloudevents.sh [path to wf]
set -euo pipefail
cd "$(dirname "$0")/.."
wf=${1:-target/debug/wf}
folder=$(mktemp -d)
daemon=
cleanup() {
  if [ -n "$daemon" ]; then kill "$daemon" 2>/dev/null || true; wait "$daemon" 2>/dev/null || true; fi
  rm -rf "$folder"
}
trap cleanup EXIT

mkdir "$folder/project"
cat > "$folder/project/a.wf" <<'WF'
event cart { email: email, total: decimal?, town: string? }
workflow w { on cart identify by email event.email else create set contact.town = event.town }
WF
"$wf" serve "$folder/project" --data "$folder/data" --listen 127.0.0.1:0 > "$folder/out" 2> "$folder/log" &
daemon=$!
for _ in $(seq 200); do
  url=$(sed -n 's/.* at \(http[^ ]*\)$/\1/p' "$folder/out")
  [ -n "$url" ] && break
  sleep 0.1
done
[ -n "$url" ] || { cat "$folder/log"; exit 1; }
python3 tests/send_cloudevents.py "$url"
