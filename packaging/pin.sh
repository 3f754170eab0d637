#!/usr/bin/env bash
# Pins every requirement with the hashes of all its files (x86_64 and aarch64 alike); no address is written.
set -euo pipefail
cd "$(dirname "$0")/.."
pin() { uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate "$@" pyproject.toml; }
pin --extra setup --extra sim -o requirements/run.txt
pin --extra setup --extra sim --extra dev -c requirements/run.txt -o requirements/dev.txt
