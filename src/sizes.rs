//! What sizes in types have to satisfy, checked when a program is compiled.

/// In a `const` block, refuses to compile unless `holds`. The compiler's message is the
/// `requirement`, and points at the block rather than into the standard library.
#[track_caller]
pub(crate) const fn require(holds: bool, requirement: &str) {
    if !holds {
        panic!("{}", requirement)
    }
}
