//! The rows of a Cox regression in the order in which risk sets are built.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::survival::FollowUp;

/// Rows sorted by stratum and time, with centred and scaled covariates: hazard ratios do not depend
/// on the centre, but sums of exponentials stay in range.
pub(super) struct Rows {
    /// (n, p), every column with mean 0 and standard deviation 1.
    pub x: Array2<f64>,
    pub observed: Vec<bool>,
    /// How often each row counts.
    pub frequencies: Vec<f64>,
    /// The row of the cohort that each row was.
    pub source: Vec<usize>,
    /// Rows of equal time in one stratum, from the first time to the last.
    pub groups: Vec<Group>,
    /// The groups of each stratum.
    pub strata: Vec<Range<usize>>,
    /// The last group of the stratum that is not after the row's entry. Empty without left
    /// truncation.
    pub entered_after: Vec<Option<usize>>,
    /// Rows of each stratum from the latest entry to the first. Empty without left truncation.
    by_entry: Vec<Vec<usize>>,
    entries: Vec<f64>,
}

/// Rows with the same stratum and time.
pub(super) struct Group {
    pub time: f64,
    pub rows: Range<usize>,
    pub events: usize,
    /// The sum of their frequencies.
    pub event_weight: f64,
}

/// The risk set of a time at which `events` happen, with sums of w = f exp(x β) and of w x,
/// f being the frequencies.
pub(super) struct RiskSet<'a> {
    /// The index of the group of this time.
    pub group: usize,
    pub events: usize,
    /// The sum of their frequencies.
    pub event_weight: f64,
    /// Over everybody at risk.
    pub sum: f64,
    pub sum_x: &'a [f64],
    /// Over those with the event.
    pub tied: f64,
    pub tied_x: &'a [f64],
}

/// Means and standard deviations of columns; the deviation of a constant column is 1.
pub(crate) fn location_and_scale(x: ArrayView2<f64>) -> (Array1<f64>, Array1<f64>) {
    let mean = x.mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(x.ncols()));
    let scale = x.std_axis(Axis(0), 0.0).mapv(|sd| if sd > 0.0 { sd } else { 1.0 });
    (mean, scale)
}

impl Rows {
    /// `stratum` of every row counts from 0.
    pub fn new(x: &Array2<f64>, follow_up: &FollowUp, stratum: &[usize], strata: usize) -> Self {
        let times = follow_up.times();
        let mut source: Vec<usize> = (0..times.len()).collect();
        source.sort_by(|&i, &j| stratum[i].cmp(&stratum[j]).then(times[i].total_cmp(&times[j])));
        let observed: Vec<bool> = source.iter().map(|&i| follow_up.observed()[i]).collect();
        let weights = follow_up.frequencies();
        let mut rows = Self {
            x: x.select(Axis(0), &source),
            groups: Vec::new(),
            strata: Vec::new(),
            entered_after: Vec::new(),
            by_entry: Vec::new(),
            entries: Vec::new(),
            observed,
            frequencies: source.iter().map(|&i| weights[i]).collect(),
            source,
        };
        let mut start = 0;
        for index in 0..strata {
            let count = rows.source[start..].iter().take_while(|&&i| stratum[i] == index).count();
            rows.add_stratum(times, start..start + count);
            start += count;
        }
        if let Some(entries) = follow_up.entries() {
            rows.entries = rows.source.iter().map(|&i| entries[i]).collect();
            rows.index_entries();
        }
        rows
    }

    fn add_stratum(&mut self, times: &[f64], range: Range<usize>) {
        let first = self.groups.len();
        let mut start = range.start;
        while start < range.end {
            let time = times[self.source[start]];
            let same = self.source[start..range.end].iter().take_while(|&&i| times[i] == time);
            let rows = start..start + same.count();
            start = rows.end;
            let observed = rows.clone().filter(|&i| self.observed[i]);
            let events = observed.clone().count();
            let event_weight = observed.map(|i| self.frequencies[i]).sum();
            self.groups.push(Group { time, rows, events, event_weight });
        }
        self.strata.push(first..self.groups.len());
    }

    fn index_entries(&mut self) {
        self.entered_after = vec![None; self.source.len()];
        for stratum in self.strata.clone() {
            let groups = &self.groups[stratum.clone()];
            let Some(range) = groups.first().zip(groups.last()) else { continue };
            let mut members: Vec<usize> = (range.0.rows.start..range.1.rows.end).collect();
            for &row in &members {
                let before = groups.partition_point(|group| group.time <= self.entries[row]);
                self.entered_after[row] = before.checked_sub(1).map(|last| stratum.start + last);
            }
            members.sort_by(|&i, &j| self.entries[j].total_cmp(&self.entries[i]));
            self.by_entry.push(members);
        }
    }

    /// Calls `visit` with the risk set of every time of an event, from the last time of a stratum to
    /// its first: O(n p) in all. `weights` are w of the rows.
    pub fn for_each_risk_set(&self, weights: &[f64], mut visit: impl FnMut(RiskSet)) {
        let p = self.x.ncols();
        // Selected rows are contiguous, so the slice is always there.
        let x = self.x.as_slice().unwrap_or_default();
        let row = |i: usize| &x[i * p..(i + 1) * p];
        let (mut sum_x, mut tied_x) = (vec![0.0; p], vec![0.0; p]);
        for (stratum, groups) in self.strata.iter().enumerate() {
            let mut sum = 0.0;
            sum_x.fill(0.0);
            let late = self.by_entry.get(stratum).map(Vec::as_slice).unwrap_or_default();
            let mut late = late.iter().copied().peekable();
            for index in groups.clone().rev() {
                let group = &self.groups[index];
                let mut tied = 0.0;
                tied_x.fill(0.0);
                for i in group.rows.clone() {
                    sum += weights[i];
                    add(&mut sum_x, weights[i], row(i));
                    if self.observed[i] {
                        tied += weights[i];
                        add(&mut tied_x, weights[i], row(i));
                    }
                }
                if group.events == 0 {
                    continue;
                }
                while let Some(i) = late.next_if(|&i| self.entries[i] >= group.time) {
                    sum -= weights[i];
                    add(&mut sum_x, -weights[i], row(i));
                }
                let (sum_x, tied_x) = (&sum_x[..], &tied_x[..]);
                let (events, event_weight) = (group.events, group.event_weight);
                visit(RiskSet { group: index, events, event_weight, sum, sum_x, tied, tied_x });
            }
        }
    }

    /// Running sums over the groups of each stratum, each with its own value in.
    pub fn cumulated(&self, values: &[f64]) -> Vec<f64> {
        let mut out = values.to_vec();
        for stratum in &self.strata {
            let mut sum = 0.0;
            for value in &mut out[stratum.clone()] {
                sum += *value;
                *value = sum;
            }
        }
        out
    }
}

fn add(to: &mut [f64], weight: f64, x: &[f64]) {
    for (to, x) in to.iter_mut().zip(x) {
        *to += weight * x;
    }
}
