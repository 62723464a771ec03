# A daemon for the scripts beside this one, to be sourced. The script has set `wf` to the program and calls `serve`; the daemon
# and its folder go when the script ends.

folder=$(mktemp -d)
daemon=
cleanup() {
  if [ -n "$daemon" ]; then kill "$daemon" 2>/dev/null || true; wait "$daemon" 2>/dev/null || true; fi
  rm -rf "$folder"
}
trap cleanup EXIT
mkdir "$folder/project"

# Serves "$folder/project" on a free port; `url` is its address then. What is added are further arguments.
serve() {
  "$wf" serve "$folder/project" --data "$folder/data" --listen 127.0.0.1:0 "$@" > "$folder/out" 2> "$folder/log" &
  daemon=$!
  for _ in $(seq 200); do
    url=$(sed -n 's/.* at \(http[^ ]*\)$/\1/p' "$folder/out")
    if [ -n "$url" ]; then return; fi
    sleep 0.1
  done
  cat "$folder/log"
  return 1
}
