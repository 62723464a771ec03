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
source tests/daemon.sh

cat > "$folder/project/a.wf" <<'WF'
event cart { email: email, total: decimal? }
connector shop bearer { token secret("TOKEN") }
webhook score { post "https://192.0.2.1:9/score" auth shop body json { email: event.email, town: contact.town } }
message hello { email { from "shop@example.com" subject "Hello" text "Hello" } }
workflow w { on cart identify by email event.email else create send hello }
WF
tokens() { printf %s "$1" | sha256sum | cut -d' ' -f1; }
cat > "$folder/project/wf.toml" <<TOML
[[tokens]]
name = "all"
sha256 = ["$(tokens schemathesis)"]
scopes = ["ingest", "read", "admin"]
TOML
serve

# What is well-formed may still be refused: an event type that the program does not have, a cursor that no list gave out.
schemathesis run "$url/v1/openapi.json" --url "$url" -H "Authorization: Bearer schemathesis" \
  --checks all --exclude-checks positive_data_acceptance --max-examples "${MAX_EXAMPLES:-25}" --phases examples,coverage,fuzzing "${@:2}"
