//! `elbo run` with several notebooks. Each has a session, and a session needs a process of its own.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result, bail};

use super::children::Children;
use super::plan::{Plan, Targets};
use super::report::Report;
use super::table::{self, Row};
use crate::commands::RunArgs;
use crate::prelude::{Extent, Prelude, Progress};

/// A notebook and the files to be written for it.
struct Job<'a> {
    notebook: &'a Path,
    targets: Targets,
    extent: Extent,
}

/// Runs the notebooks and sums up how it went.
pub fn run(args: &RunArgs, notebooks: &[PathBuf]) -> Result<ExitCode> {
    for folder in [&args.output, &args.html].into_iter().flatten() {
        fs::create_dir_all(folder).with_context(|| {
            format!("{} is to be the folder of several files, and cannot be made", folder.display())
        })?;
    }
    let jobs = plan(args, notebooks)?;
    if !args.no_prelude {
        // Here and once, where its progress can be seen.
        let extent = jobs.iter().map(|job| job.extent).max().unwrap_or(Extent::Models);
        drop(Prelude::prepare(extent, &mut Progress::Terminal)?);
    }
    let children = Arc::new(Children::default());
    children.pass_on_signals()?;
    let rows = run_all(args, &jobs, &children)?;
    print!("\n{}", table::render(&rows));
    let succeeded = rows.iter().all(|row| row.problem.is_none());
    Ok(if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Finds out about all notebooks what can be found out before the first one runs.
fn plan<'a>(args: &RunArgs, notebooks: &'a [PathBuf]) -> Result<Vec<Job<'a>>> {
    let mut seen: HashMap<PathBuf, &Path> = HashMap::new();
    let mut jobs = Vec::new();
    for notebook in notebooks {
        let plan = Plan::new(args, notebook)?;
        let (extent, targets) = (plan.extent(), plan.targets);
        for target in targets.iter() {
            let place = fs::canonicalize(target).or_else(|_| std::path::absolute(target))?;
            if let Some(other) = seen.insert(place, notebook) {
                bail!(
                    "{} and {} would both be written to {}; run them one by one",
                    other.display(),
                    notebook.display(),
                    target.display()
                );
            }
        }
        jobs.push(Job { notebook, targets, extent });
    }
    Ok(jobs)
}

/// Runs as many at once as asked for; the rows come in the order of the notebooks.
fn run_all(args: &RunArgs, jobs: &[Job<'_>], children: &Children) -> Result<Vec<Row>> {
    let reports = tempfile::tempdir().context("there is no place for temporary files")?;
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(BTreeMap::new());
    let at_once = args.jobs.get().min(jobs.len());
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::SeqCst);
            let Some(job) = jobs.get(index) else { return };
            let report = reports.path().join(index.to_string());
            let row = run_job(args, job, &report, at_once == 1, children);
            rows.lock().unwrap_or_else(PoisonError::into_inner).insert(index, row);
        }
    };
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(work);
        }
    });
    Ok(rows.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect())
}

/// Runs one notebook. What it says is seen at once if it is alone, else when it has ended.
fn run_job(
    args: &RunArgs,
    job: &Job<'_>,
    report: &Path,
    is_alone: bool,
    children: &Children,
) -> Row {
    let notebook = job.notebook.display().to_string();
    if children.are_stopping() {
        return Row { notebook, report: None, problem: Some("not run".to_owned()) };
    }
    if is_alone {
        eprintln!("\n{notebook}");
    }
    let said = command(args, job, report).and_then(|mut command| {
        command.stderr(if is_alone { Stdio::inherit() } else { Stdio::piped() });
        Ok(children.run(&mut command)?)
    });
    let said = match said {
        Ok(said) => said,
        Err(error) => return Row { notebook, report: None, problem: Some(error.to_string()) },
    };
    if !is_alone {
        let mut stderr = std::io::stderr().lock();
        // Nobody is left to be told when standard error is closed.
        let _ = writeln!(stderr, "\n{notebook}").and_then(|()| stderr.write_all(&said.stderr));
    }
    let report = Report::read(report);
    let problem = match &report {
        Some(report) => report.problem.clone(),
        None => Some(format!("ended early ({}); see above", said.status)),
    };
    Row { notebook, report, problem }
}

/// This program for a single notebook.
fn command(args: &RunArgs, job: &Job<'_>, report: &Path) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("run").arg("--report").arg(report).stdin(Stdio::null());
    let options = [("--output", &job.targets.notebook), ("--html", &job.targets.page)];
    let is_in_place = args.output.is_none() && args.html.is_none();
    for (option, target) in options {
        if let Some(target) = target.as_ref().filter(|_| !is_in_place) {
            command.arg(option).arg(target);
        }
    }
    for parameter in &args.params {
        command.arg("--param").arg(parameter.to_string());
    }
    if let Some(limit) = args.timeout {
        command.arg("--timeout").arg(limit.as_secs_f64().to_string());
    }
    if let Some(tolerance) = args.tolerance {
        command.arg("--tolerance").arg(tolerance.to_string());
    }
    let switches = [
        ("--check", args.check),
        ("--allow-errors", args.allow_errors),
        ("--no-prelude", args.no_prelude),
    ];
    command.args(switches.into_iter().filter(|(_, is_on)| *is_on).map(|(switch, _)| switch));
    command.arg("--").arg(job.notebook);
    Ok(command)
}
