#!/usr/bin/env bash
# On a machine with an NVIDIA card, its driver and nvcc: builds with CUDA, checks every model's
# result against the CPU's, and times a training step.
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in nvidia-smi nvcc; do
    if ! command -v "$tool" >/dev/null; then
        echo "$tool is not on the PATH; install the NVIDIA driver and the CUDA toolkit" >&2
        exit 1
    fi
done
nvidia-smi --query-gpu=name,driver_version,compute_cap --format=csv,noheader

cargo test --release -p elbo --features cuda --test cuda -- --nocapture
# The benchmark computes on the best device, which is the card in this build.
cargo bench -p elbo --features cuda --bench step
