//! Stock evcxr tries this method on the value of every cell. It goes on when the type has none, but
//! not when the compiler knows a trait that could be imported.

#[allow(unused_imports)]
use elbo::prelude::*;

fn main() {
    let x = 1;
    (x + 1).evcxr_display();
}
