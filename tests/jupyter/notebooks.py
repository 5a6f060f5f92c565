"""All notebooks through nbclient, the way Jupyter's own tools execute them, with `quick` set.

    python tests/jupyter/notebooks.py [NOTEBOOK ...]
"""

import pathlib
import sys
import time

import nbformat
from nbclient import NotebookClient


def main():
    own = pathlib.Path(__file__).resolve().parents[2] / "notebooks"
    for path in [pathlib.Path(name) for name in sys.argv[1:]] or sorted(own.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        at = next(
            at for at, cell in enumerate(notebook.cells)
            if "parameters" in cell.metadata.get("tags", [])
        )
        notebook.cells.insert(at + 1, nbformat.v4.new_code_cell("let quick = true;"))
        begun = time.monotonic()
        client = NotebookClient(
            notebook, timeout=1200, kernel_name="elbo", startup_timeout=1200,
            resources={"metadata": {"path": str(path.parent)}},
        )
        client.execute()
        print(f"{path.name}: {len(notebook.cells)} cells in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
