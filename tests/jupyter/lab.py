"""JupyterLab in a browser: a cell that trains, its picture changing meanwhile, an interrupt, the
model used afterwards, and a restart.

    python tests/jupyter/lab.py [--screenshots FOLDER]

Needs jupyterlab and playwright, a Chromium (CHROMIUM, else /usr/bin/chromium) and an installed
kernel `elbo` (see tests/jupyter.sh).
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from playwright.sync_api import sync_playwright

PORT = 8941
TOKEN = "elbo"
PATIENCE = 180_000

CELLS = [
    "let digits = data::handwriting().writers(30).repeats(4).images::<28>();\n"
    "let mut vae = Vae::<784, 2>::params().hidden([64]).build()?;",
    "let history = vae.watch(|vae| vae.sample(16)).fit(&digits, Fit::new().epochs(100_000))?;",
    'println!("stopped after {} epochs", history.train.len());\nvae.sample(8)',
    "1 + 1",
]


def notebook():
    cells = [
        {"cell_type": "code", "id": f"cell-{at}", "metadata": {}, "execution_count": None,
         "outputs": [], "source": source}
        for at, source in enumerate(CELLS)
    ]
    kernel = {"name": "elbo", "display_name": "Rust (elbo)", "language": "rust"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def wait_for_server():
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/api?token={TOKEN}", timeout=2)
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    sys.exit("JupyterLab does not start")


class Page:
    """The notebook in the browser."""

    def __init__(self, page, screenshots):
        self.page = page
        self.screenshots = screenshots

    def shoot(self, name):
        self.page.screenshot(path=str(self.screenshots / f"{name}.png"))

    def cell(self, number):
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number)

    def run(self, number):
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def output(self, number):
        return self.cell(number).locator(".jp-OutputArea").first

    def prompt(self, number):
        return self.cell(number).locator(".jp-InputPrompt").first

    def wait_until_run(self, number):
        self.page.wait_for_function(
            """number => {
                const cell = document.querySelectorAll('.jp-Notebook .jp-Cell')[number];
                return /\\[\\d+\\]/.test(cell.querySelector('.jp-InputPrompt').textContent);
            }""",
            arg=number,
            timeout=PATIENCE,
        )

    def command(self, name):
        """A command of JupyterLab, by its name in the palette."""
        self.page.keyboard.press("Control+Shift+C")
        self.page.keyboard.type(name)
        self.page.keyboard.press("Enter")


def steps_shown(html):
    found = re.search(r"(\d+)/\d+ steps", html)
    return int(found.group(1)) if found else 0


def check(lab):
    lab.run(0)
    lab.wait_until_run(0)
    assert "Error" not in lab.output(0).inner_text(), lab.output(0).inner_text()
    lab.run(1)
    lab.page.wait_for_function(
        "() => document.querySelectorAll('.jp-Notebook .jp-Cell')[1]"
        ".querySelectorAll('.jp-OutputArea-output').length >= 2",
        timeout=PATIENCE,
    )
    first = lab.output(1).inner_html()
    lab.shoot("1-training")
    time.sleep(3)
    second = lab.output(1).inner_html()
    lab.shoot("2-training-goes-on")
    assert steps_shown(second) > steps_shown(first) > 0, "the bar does not move"
    pictures = [re.findall(r"data:image/png;base64,[^\"]+", html) for html in (first, second)]
    assert pictures[0] and pictures[0] != pictures[1], "the picture does not change"

    lab.page.locator(".jp-Notebook").first.click(position={"x": 5, "y": 5})
    lab.page.keyboard.press("Escape")
    lab.page.keyboard.press("i")
    lab.page.keyboard.press("i")
    lab.wait_until_run(1)
    lab.shoot("3-interrupted")
    assert "interrupted" in lab.output(1).inner_html(), "the curves do not say why they end"

    lab.run(2)
    lab.wait_until_run(2)
    text = lab.output(2).inner_text()
    assert re.search(r"stopped after \d+ epochs", text), text
    assert lab.output(2).locator("img").count() == 1, "the model's samples are not shown"
    lab.shoot("4-the-model-is-kept")

    lab.page.keyboard.press("Escape")
    lab.page.keyboard.press("0")
    lab.page.keyboard.press("0")
    accept = lab.page.locator(".jp-Dialog .jp-mod-accept")
    accept.wait_for(timeout=PATIENCE)
    accept.click()
    lab.page.wait_for_timeout(3000)
    lab.run(3)
    lab.page.wait_for_function(
        "() => /\\[1\\]/.test(document.querySelectorAll('.jp-Notebook .jp-Cell')[3]"
        ".querySelector('.jp-InputPrompt').textContent)",
        timeout=PATIENCE,
    )
    assert lab.output(3).inner_text().strip().endswith("2")
    lab.shoot("5-restarted")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--screenshots", type=pathlib.Path, default=pathlib.Path("target/lab"))
    screenshots = parser.parse_args().screenshots
    screenshots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "lab.ipynb").write_text(json.dumps(notebook()))
        environment = dict(os.environ, JUPYTER_CONFIG_DIR=f"{folder}/.jupyter")
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={PORT}",
             f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}"],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        try:
            wait_for_server()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
                    args=["--no-sandbox", "--disable-gpu", "--disable-quic",
                          "--disable-background-networking"],
                )
                page = browser.new_page(viewport={"width": 1100, "height": 1000})
                page.goto(f"http://127.0.0.1:{PORT}/lab/tree/lab.ipynb?token={TOKEN}")
                page.locator(".jp-Notebook .jp-Cell").nth(len(CELLS) - 1).wait_for(timeout=PATIENCE)
                # A cell that is run before the kernel has answered is forgotten.
                page.get_by_text("| Idle").wait_for(timeout=PATIENCE)
                page.wait_for_timeout(2000)
                lab = Page(page, screenshots)
                try:
                    check(lab)
                except BaseException:
                    lab.shoot("failed")
                    raise
                browser.close()
        finally:
            server.terminate()
            server.wait()
    print(f"JupyterLab: all well; screenshots in {screenshots}")


if __name__ == "__main__":
    main()
