//! `elbo doctor`: looks whether all that cells need is there, and says how to mend what is not.

mod cache;
mod data;
mod disk;
mod finding;
mod gpu;
mod jupyter;
mod leftovers;
mod library;
mod linker;
mod said;
mod tools;

use std::io::{IsTerminal as _, stdout};
use std::process::ExitCode;

use anyhow::Result;

use self::cache::Cache;
use self::finding::Finding;
use super::DoctorArgs;
use crate::prelude;

/// Prints what was found, one line for each check.
pub fn run(args: &DoctorArgs) -> Result<ExitCode> {
    let colours = stdout().is_terminal();
    let mut cells_can_run = true;
    // One by one: some checks take a second.
    let mut show = |finding: Finding| {
        cells_can_run &= !finding.is_in_the_way();
        println!("{}", finding.render(colours));
    };
    let toolchain = tools::Toolchain::look();
    toolchain.judge().into_iter().for_each(&mut show);
    let folder = prelude::own_folder().or_else(|_| prelude::cache_folder());
    if let (Ok(wanted), Ok(own)) = (prelude::cache_folder(), &folder)
        && wanted != *own
    {
        show(cache::elsewhere(&wanted, own));
    }
    let cache = folder.as_ref().map(|folder| Cache::look(folder));
    match &cache {
        Ok(cache) => show(cache.judge()),
        Err(error) => show(cache::unknown(&error.to_string())),
    }
    // Where nothing can be written, nothing can be compiled: that is known already.
    let place = cache.as_ref().ok().and_then(Cache::writable);
    if let Some(place) = place.filter(|_| toolchain.has_compiler()) {
        show(linker::judge(&linker::try_out(place)));
    }
    let library = library::Library::look(folder.as_ref().ok());
    show(library.judge());
    if let Ok(folder) = &folder {
        show(leftovers::judge(folder, library.current(), args.clean));
    }
    jupyter::judge_all().into_iter().for_each(&mut show);
    gpu::Gpu::look().judge().into_iter().for_each(&mut show);
    show(data::judge_variable());
    Ok(if cells_can_run { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
