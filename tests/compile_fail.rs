//! What must not compile, and in which words.

#[test]
fn what_must_not_compile_does_not() {
    let cases = trybuild::TestCases::new();
    // A case that passes makes trybuild build instead of check: constants are evaluated then.
    cases.pass("tests/compile_fail/shapes_that_match.rs");
    cases.compile_fail("tests/compile_fail/images_of_another_size.rs");
    cases.compile_fail("tests/compile_fail/latent_of_another_width.rs");
    cases.compile_fail("tests/compile_fail/latent_map_of_three_dimensions.rs");
    cases.compile_fail("tests/compile_fail/value_without_display.rs");
}
