#!/usr/bin/env bash
# Holds a real difference (WF names the program, else it is built) to its schema, and the action, the hooks and the recipes of
# `wf init` to the schemas of those who read them; their scripts to bash, and the lines for GitHub to how its runner reads
# them. Needs Python's `check-jsonschema` and `pre-commit` (pip install check-jsonschema pre-commit), and the network for a
# schema, unless SARIF_SCHEMA names a copy.
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
sed -i 's#https://#https://new-#; s/wait [0-9]*[a-z]*$/wait 2d/' "$folder"/after/*.wf
"$wf" diff --files "$folder/examples/post-promo-code" "$folder/after" --format json > "$folder/diff.json"
grep --quiet '"slug": "host-added"' "$folder/diff.json" && grep --quiet '"slug": "wait-changed"' "$folder/diff.json"
check-jsonschema --schemafile lang-spec/diff.schema.json "$folder/diff.json"
# SARIF, of both who write it, to the schema of OASIS.
sarif=https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json
"$wf" diff --files "$folder/examples/post-promo-code" "$folder/after" --format sarif > "$folder/diff.sarif"
printf 'event x { a: mail }\n' > "$folder/after/wrong.wf"
"$wf" check "$folder/after" --format sarif > "$folder/check.sarif" || true
check-jsonschema --schemafile "${SARIF_SCHEMA:-$sarif}" "$folder/diff.sarif" "$folder/check.sarif"
# Annotations: `::LEVEL file=…,line=…,…::MESSAGE`, as the runner takes them apart.
rm "$folder/after/wrong.wf"
"$wf" diff --files "$folder/examples/post-promo-code" "$folder/after" --format github > "$folder/diff.github"
printf 'event x { a: mail }\n' > "$folder/after/wrong.wf"
"$wf" check "$folder/after" --format github > "$folder/check.github" || true
python3 - "$folder" <<'PYTHON'
import pathlib, re, subprocess, sys
import yaml

folder = pathlib.Path(sys.argv[1])
command = re.compile(r"::(error|warning|notice) ((?:[A-Za-z]+=[^,:\r\n]*,)*[A-Za-z]+=[^,:\r\n]*)::(.+)")
for name in ["diff.github", "check.github"]:
    lines = (folder / name).read_text().splitlines()
    assert lines, f"{name} has no line"
    for line in lines:
        found = command.fullmatch(line)
        assert found, f"{name}: {line}"
        properties = dict(pair.split("=", 1) for pair in found[2].split(","))
        known = {"file", "line", "endLine", "col", "endColumn", "title"}
        assert properties.keys() <= known and "title" in properties, f"{name}: {line}"
        if "file" in properties:
            text = (folder / name).parent.joinpath(properties["file"])
            path = text if text.is_file() else pathlib.Path(properties["file"])
            assert 1 <= int(properties["line"]) <= len(path.read_text().splitlines()), f"{name}: {line}"

# The scripts in the action and in the recipes.
def scripts(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("run", "script", "before_script"):
                yield "\n".join(value) if isinstance(value, list) else value
            else:
                yield from scripts(value)
    elif isinstance(node, list):
        for value in node:
            yield from scripts(value)

for path in ["action.yml", "src/cli/init/project/check.yml", "src/cli/init/project/gitlab-ci.yml"]:
    found = [text for text in scripts(yaml.safe_load(pathlib.Path(path).read_text())) if isinstance(text, str)]
    assert found, f"{path} has no script"
    for text in found:
        text = re.sub(r"\$\{\{.*?\}\}", "x", text)
        subprocess.run(["bash", "-n"], input=text, text=True, check=True)
print("annotations and scripts: ok")
PYTHON
