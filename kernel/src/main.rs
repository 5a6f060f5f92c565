//! The program `elbo`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser as _;
use elbo_kernel::commands::Cli;
use elbo_kernel::{cells, compiler, relay};

fn main() -> ExitCode {
    // The same program is started again as the relay, by the relay to run the cells, and by
    // evcxr as cargo. All must be recognised before anything else happens.
    if let Some(socket) = std::env::var_os(relay::RELAY_VARIABLE) {
        return ended(relay::run(socket.as_ref()));
    }
    if let Some(role) = compiler::Role::of_this_process() {
        return role.play().unwrap_or_else(|error| report(&error));
    }
    if cells::is_this_process() {
        return ended(cells::run());
    }
    match Cli::parse().run() {
        Ok(code) => code,
        Err(error) => report(&error),
    }
}

/// The exit code of a process that ends with this status.
fn ended(status: anyhow::Result<i32>) -> ExitCode {
    match status {
        Ok(status) => ExitCode::from(u8::try_from(status).unwrap_or(1)),
        Err(error) => report(&error),
    }
}

fn report(error: &anyhow::Error) -> ExitCode {
    eprintln!("elbo: {error:#}");
    ExitCode::FAILURE
}
