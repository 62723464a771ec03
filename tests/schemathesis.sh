#!/usr/bin/env bash
# Tries the HTTP API with requests that schemathesis makes from its OpenAPI document: what the daemon answers must be what the
# document says, whatever is asked.
#
#   pip install schemathesis
#   tests/schemathesis.sh [path to wf]
#
# MAX_EXAMPLES says how many requests each operation gets (25 unless set).
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
event cart { email: email, total: decimal? }
connector shop bearer { token secret("TOKEN") }
webhook score { post "https://192.0.2.1:9/score" auth shop body json { email: event.email, town: contact.town } }
message hello { email { from "shop@example.com" subject "Hello" text "Hello" } }
workflow w { on cart identify by email event.email else create send hello }
WF
tokens() { printf %s "$1" | sha256sum | cut -d' ' -f1; }
cat > "$folder/project/wf.toml" <<TOML
listen = "127.0.0.1:0"
[[tokens]]
name = "all"
sha256 = ["$(tokens schemathesis)"]
scopes = ["ingest", "read", "admin"]
TOML
"$wf" serve "$folder/project" --data "$folder/data" > "$folder/out" 2> "$folder/log" &
daemon=$!
for _ in $(seq 200); do
  url=$(sed -n 's/.* at \(http[^ ]*\)$/\1/p' "$folder/out")
  [ -n "$url" ] && break
  sleep 0.1
done
[ -n "$url" ] || { cat "$folder/log"; exit 1; }

# What is well-formed may still be refused: an event type that the program does not have, a cursor that no list gave out.
schemathesis run "$url/v1/openapi.json" --url "$url" -H "Authorization: Bearer schemathesis" \
  --checks all --exclude-checks positive_data_acceptance --max-examples "${MAX_EXAMPLES:-25}" --phases examples,coverage,fuzzing "${@:2}"
