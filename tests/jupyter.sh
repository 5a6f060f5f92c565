#!/usr/bin/env bash
# The kernel in front of Jupyter's own software: the conformance suite, what people type, all notebooks through
# nbclient, and JupyterLab in a browser. Installs what it needs into a Python environment of its
# own (ELBO_JUPYTER, else in the user's cache folder).
#
#     tests/jupyter.sh [FOLDER FOR SCREENSHOTS]
set -euo pipefail
cd "$(dirname "$0")/.."

screenshots="${1:-${CARGO_TARGET_DIR:-target}/lab}"
environment="${ELBO_JUPYTER:-${XDG_CACHE_HOME:-$HOME/.cache}/elbo-jupyter}"
if [ ! -x "$environment/bin/jupyter-lab" ]; then
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet jupyter_kernel_test nbclient jupyterlab playwright psutil
fi
if [ -z "${CHROMIUM:-}" ] && [ ! -x /usr/bin/chromium ]; then
    apt-get update -qq && apt-get install -y -qq chromium
fi

cargo run --release --bin elbo -- install --prefix "$environment"
cargo run --release --bin elbo -- prepare
"$environment/bin/python" tests/jupyter/conformance.py
"$environment/bin/python" tests/jupyter/cells.py
"$environment/bin/python" tests/jupyter/notebooks.py
"$environment/bin/python" tests/jupyter/lab.py --screenshots "$screenshots"
