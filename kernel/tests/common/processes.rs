//! What running processes hold, as the system tells it.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::fs;

/// The memory of a process, in megabytes; what several share is shared out.
pub fn memory(process: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let own = text.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or("0 kB");
    own.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// All processes below one.
pub fn below(process: u32) -> Vec<u32> {
    // A child belongs to the thread that has started it.
    let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let children = tasks.flat_map(|task| {
        let text = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        text.split_whitespace().map(|pid| pid.parse().unwrap()).collect::<Vec<u32>>()
    });
    children.flat_map(|child| [vec![child], below(child)].concat()).collect()
}

/// The value of a variable with which a process has been started.
pub fn variable(process: u32, name: &str) -> Option<String> {
    let variables = fs::read(format!("/proc/{process}/environ")).ok()?;
    let text = String::from_utf8_lossy(&variables).into_owned();
    text.split('\0').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
}
