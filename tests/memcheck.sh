#!/usr/bin/env bash
# Runs the tests of the module with the unsafe code under valgrind's memcheck: an access outside a
# tensor's storage, or to freed storage, fails.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v valgrind >/dev/null; then
    echo "valgrind is missing; install it with your system's package manager" >&2
    exit 1
fi

binary=$(cargo test --release --lib --no-run --message-format=json |
    python3 -c '
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message.get("executable") and message["target"]["name"] == "elbo":
        print(message["executable"])')

# One thread: rayon is told so too, or memcheck spends its time on threads that wait.
RAYON_NUM_THREADS=1 valgrind --error-exitcode=9 --leak-check=no --quiet \
    "$binary" --test-threads=1 ops::storage
echo "memcheck: no errors in ops::storage"
