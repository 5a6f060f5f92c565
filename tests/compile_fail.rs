//! Shapes that do not match do not compile.

#[test]
fn shapes_that_do_not_match_do_not_compile() {
    let cases = trybuild::TestCases::new();
    // A case that passes makes trybuild build instead of check: constants are evaluated then.
    cases.pass("tests/compile_fail/shapes_that_match.rs");
    cases.compile_fail("tests/compile_fail/images_of_another_size.rs");
    cases.compile_fail("tests/compile_fail/latent_of_another_width.rs");
    cases.compile_fail("tests/compile_fail/latent_map_of_three_dimensions.rs");
}
