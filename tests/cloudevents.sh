#!/usr/bin/env bash
# Sends CloudEvents with the SDK of another language: in the binary and the structured mode, and several as a batch.
#
#   pip install cloudevents
#   tests/cloudevents.sh [path to wf]
set -euo pipefail
cd "$(dirname "$0")/.."
wf=${1:-target/debug/wf}
source tests/daemon.sh

cat > "$folder/project/a.wf" <<'WF'
event cart { email: email, total: decimal?, town: string? }
workflow w { on cart identify by email event.email else create set contact.town = event.town }
WF
serve
python3 tests/send_cloudevents.py "$url"
