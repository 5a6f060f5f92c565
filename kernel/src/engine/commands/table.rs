//! All commands there are, and the help.

use crate::relay::MimeBundle;

/// What a command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Add a crate.
    Dep,
    /// Show the added crates.
    ShowDeps,
    /// Show the variables.
    Vars,
    /// Show the type of a variable.
    Type,
    /// Forget everything.
    Clear,
    /// Begin a new process.
    Restart,
    /// End the session.
    Quit,
    /// How values are shown.
    Fmt,
    /// Whether types are shown.
    Types,
    /// Whether every cell's time is shown.
    Timing,
    /// Show this cell's time.
    Time,
    /// Set an environment variable of cells.
    Env,
    /// Set an environment variable of the compiler.
    BuildEnv,
    /// Whether cargo may use the network.
    Offline,
    /// Whether panics tell how they came about.
    Backtrace,
    /// Which linker to use.
    Linker,
    /// Explain the last error.
    Explain,
    /// Remove compiled crates.
    ClearCache,
    /// Say what this is.
    Version,
    /// Show the help.
    Help,
    /// evcxr does it.
    Evcxr,
    /// Not done here, for the reason given.
    Not(&'static str),
}

/// A command by name, how it is used, and what it does. Those without a description are not in the
/// help.
pub struct Entry {
    /// Its name, with the colon.
    pub name: &'static str,
    /// What stands behind the name.
    pub argument: &'static str,
    /// What it does.
    pub description: &'static str,
    /// What it is.
    pub command: Command,
}

const fn entry(
    name: &'static str,
    argument: &'static str,
    description: &'static str,
    command: Command,
) -> Entry {
    Entry { name, argument, description, command }
}

const KEPT: &str = "added crates are compiled once for all sessions; `:clear_cache` removes them";

/// All commands, in the order of the help.
pub const COMMANDS: &[Entry] = &[
    entry(
        ":dep",
        "NAME = \"1.0\"",
        "use a crate, described as in Cargo.toml; or `:dep ./FOLDER`",
        Command::Dep,
    ),
    entry(":show_deps", "", "the crates at hand and those added", Command::ShowDeps),
    entry(":vars", "", "the variables: type, size, value", Command::Vars),
    entry(":type", "NAME", "the type of a variable", Command::Type),
    entry(":t", "NAME", "", Command::Type),
    entry(":doc", "NAME", "what is known about a name; so does `?NAME`", Command::Evcxr),
    entry(
        ":explain",
        "[CODE]",
        "the compiler's explanation of the last error, or of a code",
        Command::Explain,
    ),
    entry(":time", "[RUST]", "how long this cell takes", Command::Time),
    entry(":timing", "", "show or hide how long each cell takes", Command::Timing),
    entry(":fmt", "[{:#?}]", "how values without a display are written", Command::Fmt),
    entry(":types", "", "show or hide the type of each value", Command::Types),
    entry(":efmt", "[{:?}]", "how the error of a `?` is written", Command::Evcxr),
    entry(":backtrace", "[0|1]", "whether a panic tells how it came about", Command::Backtrace),
    entry(":preserve_vars_on_panic", "[0|1]", "whether variables outlive a panic", Command::Evcxr),
    entry(":opt", "[0-3]", "the level of optimisation of cells", Command::Evcxr),
    entry(
        ":env",
        "NAME=VALUE",
        "set an environment variable for cells and `!` lines",
        Command::Env,
    ),
    entry(
        ":build_env",
        "NAME=VALUE",
        "set an environment variable for the compiler",
        Command::BuildEnv,
    ),
    entry(":offline", "[0|1]", "whether cargo must do without the network", Command::Offline),
    entry(":linker", "[NAME]", "the linker: system, lld, mold", Command::Linker),
    entry(":clear", "", "forget variables, functions, types and added crates", Command::Clear),
    entry(
        ":restart",
        "",
        "begin a new process: variables are lost, all else stays",
        Command::Restart,
    ),
    entry(
        ":clear_cache",
        "",
        "remove the compiled crates that no session uses",
        Command::ClearCache,
    ),
    entry(":quit", "", "leave the prompt", Command::Quit),
    entry(":version", "", "the versions of elbo, evcxr and the compiler", Command::Version),
    entry(":last_compile_dir", "", "where cells are compiled", Command::Evcxr),
    entry(":last_error_json", "", "the compiler's last errors as it gave them", Command::Evcxr),
    entry(":help", "", "this list", Command::Help),
    entry(
        ":toolchain",
        "",
        "",
        Command::Not(
            "cells are compiled by the toolchain that has compiled the library. To use another, start \
             the session with it: `RUSTUP_TOOLCHAIN=nightly elbo repl` (the library is compiled for \
             it then)",
        ),
    ),
    entry(
        ":load_config",
        "",
        "",
        Command::Not("there is no configuration file; put such lines into the first cell"),
    ),
    entry(":cache", "", "", Command::Not(KEPT)),
    entry(":sccache", "", "", Command::Not(KEPT)),
    entry(
        ":allow_static_linking",
        "",
        "",
        Command::Not("the library is linked dynamically, added crates statically"),
    ),
    entry(
        ":codegen_backend",
        "",
        "",
        Command::Not(
            "set it for the compiler: `:build_env RUSTFLAGS=-Zcodegen-backend=cranelift` on a nightly toolchain",
        ),
    ),
    entry(
        ":time_passes",
        "",
        "",
        Command::Not("`:time` tells how long a cell was compiled and how long it ran"),
    ),
    entry(":internal_debug", "", "", Command::Evcxr),
];

impl Command {
    /// The command of this name.
    pub fn named(name: &str) -> Option<Self> {
        COMMANDS.iter().find(|entry| entry.name == name).map(|entry| entry.command)
    }
}

/// The help: as text, and as a table in Markdown.
pub fn help() -> MimeBundle {
    let described = || COMMANDS.iter().filter(|entry| !entry.description.is_empty());
    let usage = |entry: &Entry| format!("{} {}", entry.name, entry.argument).trim_end().to_owned();
    let width = described().map(|entry| usage(entry).chars().count()).max().unwrap_or(0);
    let mut text = String::from("Lines before the first line of Rust may be commands:\n\n");
    let mut markdown =
        String::from("Lines before the first line of Rust may be commands:\n\n|  |  |\n|--|--|\n");
    for entry in described() {
        text.push_str(&format!("  {:width$}  {}\n", usage(entry), entry.description));
        markdown.push_str(&format!(
            "| `{}` | {} |\n",
            usage(entry).replace('|', "\\|"),
            entry.description
        ));
    }
    const REST: [&str; 4] = [
        "`!COMMAND` runs a command of the shell.",
        "The library, ndarray, polars, plotters, rand, serde, image, dfdx and tokio are at hand \
         without `:dep`; `.await` works.",
        "Variables stay from cell to cell. A `static` does not: every cell has its own. A closure is \
         there to the end of its cell.",
        "A loop of your own can be stopped and keep what it has: `if elbo::interrupted() { break }`.",
    ];
    for rest in REST {
        text.push_str(&format!("\n{}", rest.replace('`', "")));
        markdown.push_str(&format!("\n{rest}\n"));
    }
    let mut bundle = MimeBundle::text(text);
    bundle.push("text/markdown".to_owned(), markdown);
    bundle
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// The commands of evcxr 0.22.
    const OF_EVCXR: [&str; 33] = [
        ":internal_debug",
        ":load_config",
        ":version",
        ":vars",
        ":type",
        ":t",
        ":preserve_vars_on_panic",
        ":clear",
        ":restart",
        ":dep",
        ":show_deps",
        ":last_compile_dir",
        ":opt",
        ":fmt",
        ":types",
        ":efmt",
        ":toolchain",
        ":offline",
        ":allow_static_linking",
        ":quit",
        ":timing",
        ":time_passes",
        ":sccache",
        ":cache",
        ":clear_cache",
        ":linker",
        ":codegen_backend",
        ":explain",
        ":build_env",
        ":env",
        ":last_error_json",
        ":help",
        ":doc",
    ];

    #[test]
    fn every_command_of_evcxr_is_known_and_no_name_stands_twice() {
        for name in OF_EVCXR {
            assert!(Command::named(name).is_some(), "{name}");
        }
        let names: HashSet<_> = COMMANDS.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), COMMANDS.len());
    }

    #[test]
    fn the_help_names_what_is_done_and_not_what_is_not() {
        let help = help();
        let text = help.get("text/plain").unwrap();
        assert!(text.contains(":dep NAME = \"1.0\""), "{text}");
        assert!(!text.contains(":toolchain"), "{text}");
        assert!(help.get("text/markdown").unwrap().contains("| `:backtrace [0\\|1]` |"));
    }
}
