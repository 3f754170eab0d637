#!/usr/bin/env bash
# `make run`: starts the box on emulated hardware and says in words what READY says in JSON.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/tongdai run --sim "$@" | .venv/bin/python -c '
import json, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the box; this ends with its output
for line in sys.stdin:
    print(line, end="", flush=True)
    word, _, rest = line.partition(" ")
    if word == "READY":
        box = json.loads(rest)
        print("\n  TongDai Box is up:", box["web"], file=sys.stderr)
        login = box["login"]
        if login["secret"]:
            print("  first login:      ", login["user"], "/", login["secret"], file=sys.stderr)
        for line in box["lines"]:
            print("  hotline:          ", line["number"], "on", line["line"], file=sys.stderr)
        print("  try:               .venv/bin/tongdai sim call --from 0912000222 --to 0901234567 --keys 3:512 --hang-up-after 20", file=sys.stderr)
        print("  stop:              Ctrl-C\n", file=sys.stderr, flush=True)
'
