#!/usr/bin/env bash
# Holds a real difference (WF names the program, else it is built) to its schema, and the action, the hooks and the recipes of `wf init` to the schemas of those who read them. Needs Python's
# `check-jsonschema` and `pre-commit` (pip install check-jsonschema pre-commit).
set -euo pipefail
cd "$(dirname "$0")/.."
check-jsonschema --builtin-schema vendor.github-actions action.yml
check-jsonschema --builtin-schema vendor.github-workflows src/cli/init/project/check.yml
check-jsonschema --builtin-schema vendor.gitlab-ci src/cli/init/project/gitlab-ci.yml
check-jsonschema --check-metaschema lang-spec/diff.schema.json
pre-commit validate-manifest .pre-commit-hooks.yaml
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
wf=${WF:-target/debug/wf}
[ -x "$wf" ] || cargo build
git archive HEAD examples/post-promo-code | tar -x -C "$folder"
cp -r "$folder/examples/post-promo-code" "$folder/after"
sed -i 's/promo\.example\.com/promo.example.net/; s/wait 1h/wait 2d/' "$folder"/after/*.wf
"$wf" diff --files "$folder/examples/post-promo-code" "$folder/after" --format json > "$folder/diff.json"
check-jsonschema --schemafile lang-spec/diff.schema.json "$folder/diff.json"
# SARIF, of both who write it, to the schema of OASIS.
sarif=https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json
"$wf" diff --files "$folder/examples/post-promo-code" "$folder/after" --format sarif > "$folder/diff.sarif"
printf 'event x { a: mail }\n' > "$folder/after/wrong.wf"
"$wf" check "$folder/after" --format sarif > "$folder/check.sarif" || true
check-jsonschema --schemafile "${SARIF_SCHEMA:-$sarif}" "$folder/diff.sarif" "$folder/check.sarif"
