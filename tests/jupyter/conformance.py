"""The conformance suite of Jupyter's own project, with everything it knows switched on.

    python tests/jupyter/conformance.py

Needs `jupyter_kernel_test` and an installed kernel `elbo` (see tests/jupyter.sh).
"""

import unittest

import jupyter_kernel_test

# A red dot of one pixel.
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
)


class Kernel(jupyter_kernel_test.KernelTests):
    kernel_name = "elbo"
    language_name = "rust"
    file_extension = ".rs"
    code_hello_world = 'println!("hello, world");'
    code_stderr = 'eprintln!("careful");'
    completion_samples = [
        {"text": "Va", "matches": {"Vae"}},
        {"text": 'String::new().is_em', "matches": {"is_empty()"}},
    ]
    complete_code_samples = ["1 + 1", "let x = 1;", "fn f() -> i32 { 3 }", "use std::fmt;"]
    incomplete_code_samples = ["fn f() {", "let v = vec![1,", 'print!("']
    invalid_code_samples = ["let = 3;", "fn f() }"]
    code_generate_error = "undefined_name"
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": '"a".repeat(2)', "result": '"aa"'},
        {"code": "vec![1, 2]", "result": "[1, 2]"},
        {"code": "6 * 7", "result": "42"},
    ]
    code_display_data = [
        {
            "code": f'println!("EVCXR_BEGIN_CONTENT image/png\\n{PNG}\\nEVCXR_END_CONTENT");',
            "mime": "image/png",
        },
        {"code": 'display::MimeBundle::new("text").with_svg("<svg/>".into()).emit();',
         "mime": "image/svg+xml"},
    ]
    code_history_pattern = "6 *"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Vae"
    code_clear_output = "display::clear(false);"


class Welcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "elbo"
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main(verbosity=2)
