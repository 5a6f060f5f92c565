"""What people type: each cell of one session, and what is to come of it; and a front end that has
stopped reading.

    python tests/jupyter/cells.py

Needs jupyter_client and an installed kernel `elbo` (see tests/jupyter.sh).
"""

import time
import unittest

import zmq
from jupyter_client.manager import start_new_kernel

PATIENCE = 600

# A cell, and the text of its value, of its output, or of its error.
CELLS = [
    ("let few = vec![1, 2];", None),
    ("let forgotten = few.len()", None),
    ("forgotten", "2"),
    ("few", "[1, 2]"),
    ("few.iter().sum::<i32>()", "3"),
    ("few", "[1, 2]"),
    ('for i in 0..2 { println!("{i}"); }', "0\n1\n"),
    ("let mut all = Vec::new();\nfor i in &few {\n    all.push(i * 10);\n}", None),
    ("all", "[10, 20]"),
    ("all.push(3)", None),
    ("all.len()", "3"),
    ("let moved = vec![1]; let kept = moved; kept.len()", "1"),
    ("kept", "[1]"),
    ("let mut count = 0; while count < 3 { count += 1; }", None),
    ("count += 4", None),
    ("count", "7"),
    ("{ let double = |x: i32| 2 * x; double(4) }", "8"),
    ("let (a, b) = (1, String::from(\"two\"));", None),
    ("b", '"two"'),
    ("let again = vec![1]; let (again, _) = (again.len(), 2);", None),
    ("again", "1"),
    ("struct Point { x: f64 }\nlet point = Point { x: 2.0 };\npoint.x", "2.0"),
    ('if count > 3 { println!("big") }', "big\n"),
    ('match count { 7 => "seven", _ => "other" }', '"seven"'),
    ("let number = \"12\".parse::<i32>()?; number", "12"),
    ('"twelve".parse::<i32>()?', "invalid digit found in string"),
    ("few", "[1, 2]"),
    ("use std::collections::HashMap;\nlet mut ages = HashMap::new();\nages.insert(\"ann\", 30);", None),
    ("ages[\"ann\"]", "30"),
    ("let matrix = ndarray::arr2(&[[1.0, 2.0], [3.0, 4.0]]); matrix.sum()", "10.0"),
    ("let frame = polars::df!(\"age\" => [30, 40])?;", None),
    ("frame.height()", "2"),
    ("let mut vae = Vae::<4, 2>::params().hidden([3]).build()?;", None),
    ("vae.latent_dimensions()", "2"),
    ("let handwriting = data::handwriting().writers(2).images::<28>();", None),
    ("vae.fit(&handwriting, Fit::new())", "must be the number of pixels"),
    ("let vaes = Vae::<0, 2>::params();", "at least one dimension on either side"),
    ("polars::prelude::IntoLazy::lazy(frame.clone())", "LazyFrame of 1 column"),
    ("fn at(values: &[i32], i: usize) -> i32 { values[i] }", None),
    ("at(&few, 2)", "of an earlier cell: index out of bounds"),
    ("few", "[1, 2]"),
    (":doc few", "Vec<i32>"),
    ("?few", "Vec<i32>"),
    ("?nobody", "nothing is known about `nobody`"),
    ("let cube = |x: f64| x * x * x;\nlet cubes: Vec<_> = [1.0, 2.0].into_iter().map(cube).collect();", None),
    ("cubes", "[1.0, 8.0]"),
    ("cube(2.0)", "`cube` was there in its own cell only"),
    ("let borrowed = few.iter(); let most = borrowed.max(); most.copied()", "Some(2)"),
    ("most", "clone or collect what it refers to"),
    ("let few = |x: i32| x;", "variable `few`"),
    ("let few = &forgotten;", "its type `&usize` borrows"),
    ("let lock = std::sync::Mutex::new(1); let inside = lock.lock()?; *inside", "borrows"),
    ("let unknown = undefined_name;", "cannot find value `undefined_name`"),
    ("few", "[1, 2]"),
]


class Session(unittest.TestCase):
    def setUp(self):
        self.manager, self.client = start_new_kernel(kernel_name="elbo", startup_timeout=PATIENCE)

    def tearDown(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def run_cell(self, code):
        """Everything a reader sees of a cell, as text."""
        seen = []

        def see(message):
            content = message["content"]
            if message["msg_type"] == "stream":
                seen.append(content["text"])
            elif message["msg_type"] == "error":
                seen.append("\n".join(content["traceback"]))
            elif "data" in content:
                seen.append(content["data"].get("text/plain", ""))

        self.client.execute_interactive(code, output_hook=see, timeout=PATIENCE)
        return "".join(seen)

    def test_cells_do_what_their_authors_expect(self):
        for code, expected in CELLS:
            with self.subTest(code=code):
                seen = self.run_cell(code)
                if expected is None:
                    self.assertEqual(seen, "")
                else:
                    self.assertIn(expected, seen)
        reply = self.client.complete("few.le", reply=True, timeout=PATIENCE)
        self.assertIn("len()", reply["content"]["matches"])

    def test_a_front_end_that_has_stopped_reading_stops_nobody(self):
        # A suspended console: connected, subscribed, and asleep.
        context = zmq.Context()
        asleep = context.socket(zmq.SUB)
        asleep.setsockopt(zmq.RCVHWM, 1)
        asleep.setsockopt(zmq.RCVBUF, 4096)
        asleep.subscribe(b"")
        asleep.connect(f"tcp://127.0.0.1:{self.client.iopub_port}")
        time.sleep(0.5)
        flood = 'for i in 0..400_000 { println!("{i} {}", "x".repeat(200)); }'
        self.assertIn("399999 x", self.run_cell(flood)[-300:])
        self.assertEqual(self.run_cell("1 + 1"), "2")
        begun = time.monotonic()
        self.manager.shutdown_kernel()
        self.assertLess(time.monotonic() - begun, 10)
        context.destroy(linger=0)
        self.client.stop_channels()
        self.setUp()


if __name__ == "__main__":
    unittest.main(verbosity=2)
