//! How several notebooks went, one line for each.

use super::progress::seconds;
use super::report::Report;

/// How one notebook went.
pub struct Row {
    /// Its path as it was given.
    pub notebook: String,
    /// Missing when the run did not live to write one.
    pub report: Option<Report>,
    /// What went wrong first.
    pub problem: Option<String>,
}

/// The lines, under a line of headings.
pub fn render(rows: &[Row]) -> String {
    let mut table = vec![["notebook", "cells", "time", "result"].map(str::to_owned)];
    table.extend(rows.iter().map(cells));
    let width = |column: usize| {
        let lengths = table.iter().filter_map(|line| line.get(column));
        lengths.map(|text| text.chars().count()).max().unwrap_or(0)
    };
    let (name, count, time) = (width(0), width(1), width(2));
    let lines = table.iter().map(|[notebook, cells, seconds, result]| {
        format!("{notebook:<name$}  {cells:>count$}  {seconds:>time$}  {result}\n")
    });
    lines.collect()
}

fn cells(row: &Row) -> [String; 4] {
    let (count, time) = match &row.report {
        Some(report) => (report.cells.to_string(), duration(report.seconds)),
        None => (String::new(), String::new()),
    };
    let result = row.problem.clone().unwrap_or_else(|| "ok".to_owned());
    [row.notebook.clone(), count, time, result]
}

fn duration(length: f64) -> String {
    // What another process wrote need not be a time.
    std::time::Duration::try_from_secs_f64(length).map(seconds).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_a_missing_report_leaves_them_empty() {
        let report = |cells, seconds| Some(Report { cells, seconds, problem: None });
        let rows = [
            Row { notebook: "a.ipynb".into(), report: report(12, 3.44), problem: None },
            Row {
                notebook: "ä/long.ipynb".into(),
                report: report(3, 61.0),
                problem: Some("cell 3 failed: Panic: no".into()),
            },
            Row { notebook: "b".into(), report: None, problem: Some("not run".into()) },
        ];
        let expected = "\
notebook      cells    time  result
a.ipynb          12   3.4 s  ok
ä/long.ipynb      3  61.0 s  cell 3 failed: Panic: no
b                            not run
";
        assert_eq!(render(&rows), expected);
    }
}
