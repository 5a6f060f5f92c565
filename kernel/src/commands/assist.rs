//! `elbo assist`: completions and documentation for a session, which calls this.

use anyhow::Result;

use super::AssistArgs;
use crate::engine::{self, Options};
use crate::prelude::{Extent, Prelude, Progress};

/// Answers until its session has no more questions.
pub fn assist(args: &AssistArgs) -> Result<()> {
    engine::assist_session(&args.session, || {
        let extent = if args.whole { Extent::Whole } else { Extent::Models };
        let mut silent = |_: &str| {};
        let mut progress = Progress::Lines { show: &mut silent, is_stopped: &|| false };
        let prelude = (!args.no_prelude).then(|| Prelude::prepare(extent, &mut progress));
        Ok(Options { prelude: prelude.transpose()?, ..Options::default() })
    })
}
