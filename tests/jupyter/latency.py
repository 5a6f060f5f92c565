"""What a person waits for: the elbo kernel, and stock evcxr_jupyter beside it where it is installed.

    python tests/jupyter/latency.py [--repeats 15] [--with-library] [KERNEL ...]

Drives the kernels through Jupyter's own client and prints a table. Run it on an idle machine.
Stock evcxr_jupyter calls itself `rust`. With --with-library it loads the library as its users have
to, which takes minutes, and is then measured on all cells.
"""

import argparse
import pathlib
import statistics
import time

import jupyter_client
import psutil

PATIENCE = 3600
ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARY = f""":dep elbo = {{ path = "{ROOT}" }}
use elbo::{{ndarray, polars, rand}};
use elbo::prelude::*;
"""


class Session:
    """A kernel from its start to its end."""

    def __init__(self, name):
        self.started = time.monotonic()
        self.manager = jupyter_client.KernelManager(kernel_name=name)
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)
        self.ready = time.monotonic() - self.started

    def run(self, code):
        """Runs a cell; returns the seconds until the kernel is idle again, and what was printed."""
        begun = time.monotonic()
        request = self.client.execute(code)
        printed = []
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                printed.append(content["text"])
            elif kind == "error":
                raise RuntimeError(f"{code!r}: {content['evalue']}")
            elif kind == "status" and content["execution_state"] == "idle":
                break
        self.client.get_shell_msg(timeout=PATIENCE)
        return time.monotonic() - begun, "".join(printed)

    def median(self, code, repeats):
        return statistics.median(self.run(code)[0] for _ in range(repeats))

    def complete(self, code):
        """Asks what could follow; returns the seconds until the answer."""
        begun = time.monotonic()
        self.client.complete(code, reply=True, timeout=PATIENCE)
        return time.monotonic() - begun

    def resident(self):
        """Megabytes held by the kernel and the processes below it."""
        own = psutil.Process(self.manager.provisioner.pid)
        processes = [own, *own.children(recursive=True)]
        return sum(process.memory_info().rss for process in processes) / 2**20

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel()


FIT = """
let images = data::handwriting().writers(20).repeats(2).images::<28>();
let mut model = Vae::<784, 2>::params().hidden([64]).build()?;
let history = model.fit(&images, Fit::new().epochs(2))?;
println!("trained {}", history.seconds);
"""


def measure(name, repeats, with_library):
    rows = {}
    session = Session(name)
    rows["kernel_info answered after the start"] = f"{session.ready:.2f} s"
    has_library = name == "elbo" or with_library
    if name != "elbo" and with_library:
        session.run(LIBRARY)
    if has_library:
        session.run("let vae = Vae::<784, 2>::params().hidden([16]).build()?;")
        since_start = time.monotonic() - session.started
        rows["first cell that names a model, done after the start"] = f"{since_start:.2f} s"
    session.run("let x = 1;")
    rows["resident memory before the first completion"] = f"{session.resident():.0f} MB"
    # The usual rhythm: look at the last output, then go on.
    waits = []
    for pause in (2, 3, 5):
        time.sleep(pause)
        waits.append(session.run("x + 1")[0])
    rows["x + 1, 2 to 5 s after the last cell, slowest"] = f"{max(waits):.2f} s"
    # Whatever a kernel reads for completions it has read after the first one.
    rows["first completion"] = f"{session.complete('x.'):.2f} s"
    rows["completion"] = f"{session.complete('x.is_'):.2f} s"
    rows["resident memory, idle, after a completion"] = f"{session.resident():.0f} MB"
    rows["x + 1, median"] = f"{session.median('x + 1', repeats):.2f} s"
    rows["let y = x * 2, median"] = f"{session.median('let y = x * 2;', repeats):.2f} s"
    if has_library:
        waits = []
        for _ in range(3):
            seconds, printed = session.run(FIT)
            waits.append(seconds - float(printed.split("trained")[1]))
        rows["building and fitting a model, over the training"] = (
            f"{statistics.median(waits):.2f} s"
        )
        frame = 'use polars::prelude::*;\ndf!("a" => [1, 2, 3], "b" => [0.5, 1.5, 2.5])?'
        rows["use polars::prelude::* and a data frame"] = f"{session.median(frame, 3):.2f} s"
        seconds, _ = session.run('let frame = df!("a" => [1, 2, 3])?;')
        rows["let frame = df!(...)"] = f"{seconds:.2f} s"
    session.end()
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kernels", nargs="*")
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--with-library", action="store_true")
    arguments = parser.parse_args()
    installed = jupyter_client.kernelspec.KernelSpecManager().find_kernel_specs()
    wanted = arguments.kernels or [name for name in ("elbo", "rust") if name in installed]
    results = {
        name: measure(name, arguments.repeats, arguments.with_library) for name in wanted
    }
    rows = dict.fromkeys(row for result in results.values() for row in result)
    print("| |", " | ".join(wanted), "|")
    print("|---|" + "---|" * len(wanted))
    for row in rows:
        cells = [results[name].get(row, "") for name in wanted]
        print(f"| {row} |", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
