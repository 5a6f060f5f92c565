//! `elbo prepare`: compiles the library before a session needs it.

use anyhow::Result;

use crate::prelude::{Extent, Prelude, Progress};

/// Compiles the whole library, the models first.
pub fn prepare() -> Result<()> {
    for extent in [Extent::Models, Extent::Whole] {
        Prelude::prepare(extent, &mut Progress::Terminal)?;
    }
    println!("All that cells can use is compiled.");
    Ok(())
}
