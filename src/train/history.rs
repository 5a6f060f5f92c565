//! What a training leaves behind.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde::{Deserialize, Serialize};

use crate::{
    display::{Curves, MimeBundle, Panel, RichDisplay, Series, Table, impl_evcxr_display},
    error::Result,
};

/// What a training ascends and its two parts, in nats a row: means over rows and draws.
///
/// Of a VAE this is the evidence lower bound. Models without an approximate posterior have a `kl` of
/// zero, and as `elbo` what their [`Criterion`] says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// `reconstruction` − `kl`. Higher is better.
    pub elbo: f64,
    /// E\_q log p(x|z).
    pub reconstruction: f64,
    /// KL(q(z|x) ‖ p(z)), or its Monte Carlo estimate.
    pub kl: f64,
    /// What [`crate::Fit::mega`] penalises, before its weight; none where nothing is penalised, and
    /// never a part of `elbo`.
    #[serde(default)]
    pub mega: Option<f64>,
    /// What the objective of a semi-supervised model is made of; `elbo` is then that objective, and
    /// `kl` the part of it that diverges.
    #[serde(default)]
    pub semi_supervised: Option<SemiSupervised>,
    /// The share of validation rows whose class is the most probable one; none for models that do
    /// not classify, and for the rows that train.
    #[serde(default)]
    pub accuracy: Option<f64>,
}

/// The parts of a semi-supervised objective (lecture, eq. 17 to 21), in nats a row: each a mean over
/// the rows that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SemiSupervised {
    /// L(x, y), the bound of log p(x, y), of rows with their labels; none where the objective has no
    /// bound.
    pub labelled: Option<f64>,
    /// U(x), the bound of log p(x), of rows without their labels; none where there are none.
    pub unlabelled: Option<f64>,
    /// log q(y|x) of rows with their labels.
    pub classification: f64,
}

impl SemiSupervised {
    /// All parts; not a number for none.
    pub(crate) fn parts(self) -> [f64; 3] {
        let [labelled, unlabelled] =
            [self.labelled, self.unlabelled].map(|part| part.unwrap_or(f64::NAN));
        [labelled, unlabelled, self.classification]
    }

    /// From all parts.
    pub(crate) fn from_parts([labelled, unlabelled, classification]: [f64; 3]) -> Self {
        let [labelled, unlabelled] =
            [labelled, unlabelled].map(|part| Some(part).filter(|part| !part.is_nan()));
        Self { labelled, unlabelled, classification }
    }
}

impl Terms {
    /// The bound from its parts.
    pub(crate) fn new(reconstruction: f64, kl: f64) -> Self {
        Self { elbo: reconstruction - kl, reconstruction, kl, ..Self::default() }
    }

    /// The mean of means, each over `rows` rows.
    pub(crate) fn mean(parts: &[(usize, Terms)]) -> Self {
        let rows: usize = parts.iter().map(|(rows, _)| rows).sum();
        let mean = |part: fn(&Terms) -> f64| {
            parts.iter().map(|(rows, terms)| *rows as f64 * part(terms)).sum::<f64>() / rows as f64
        };
        let mega = parts.iter().all(|(_, terms)| terms.mega.is_some()) && rows > 0;
        let mega = mega.then(|| mean(|terms| terms.mega.unwrap_or(f64::NAN)));
        let semi = |part: usize| {
            parts
                .iter()
                .map(|(rows, terms)| *rows as f64 * semi_supervised(terms, part))
                .sum::<f64>()
                / rows as f64
        };
        let semi_supervised = parts.first().and_then(|(_, terms)| terms.semi_supervised);
        let semi_supervised =
            semi_supervised.map(|_| SemiSupervised::from_parts([semi(0), semi(1), semi(2)]));
        Self {
            mega,
            semi_supervised,
            ..Self::new(mean(|terms| terms.reconstruction), mean(|terms| terms.kl))
        }
    }

    /// Whether all of them are numbers to compute with.
    pub(crate) fn is_finite(&self) -> bool {
        self.elbo.is_finite() && self.mega.is_none_or(f64::is_finite)
    }
}

/// What a training ascends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Criterion {
    /// The evidence lower bound.
    #[default]
    Elbo,
    /// The log-likelihood.
    LogLikelihood,
    /// The negative squared error of a row, in squared units of the data.
    SquaredError,
    /// The semi-supervised objective: bounds, and the log-likelihood of the labels.
    SemiSupervised,
}

impl Criterion {
    /// The name and the value of what is told of an epoch.
    pub(crate) fn told(self, terms: Terms) -> (&'static str, f64) {
        match self {
            Criterion::Elbo => ("ELBO", terms.elbo),
            Criterion::LogLikelihood => ("log-likelihood", terms.elbo),
            Criterion::SquaredError => ("squared error", -terms.elbo),
            Criterion::SemiSupervised => ("objective", terms.elbo),
        }
    }

    /// The unit of all its parts.
    fn unit(self) -> &'static str {
        match self {
            Criterion::SquaredError => "",
            _ => "nats",
        }
    }

    /// What stands behind a value.
    fn per_row(self) -> &'static str {
        match self {
            Criterion::SquaredError => " a row",
            _ => " nats a row",
        }
    }

    /// What is drawn of it.
    fn parts(self) -> &'static [Part] {
        match self {
            Criterion::Elbo => &[
                ("ELBO", |terms| terms.elbo),
                ("reconstruction", |terms| terms.reconstruction),
                ("KL", |terms| terms.kl),
            ],
            Criterion::LogLikelihood => &[("log-likelihood", |terms| terms.elbo)],
            Criterion::SquaredError => &[("squared error", |terms| -terms.elbo)],
            Criterion::SemiSupervised => &SEMI_SUPERVISED,
        }
    }
}

/// What is drawn of a semi-supervised training. Parts that the objective does not have are left out.
const SEMI_SUPERVISED: [Part; 4] = [
    ("objective", |terms| terms.elbo),
    ("labelled bound", |terms| semi_supervised(terms, 0)),
    ("unlabelled bound", |terms| semi_supervised(terms, 1)),
    ("log q(y|x)", |terms| semi_supervised(terms, 2)),
];

fn semi_supervised(terms: &Terms, part: usize) -> f64 {
    terms.semi_supervised.map_or(f64::NAN, |of| of.parts()[part])
}

/// A part's name and how to read it.
type Part = (&'static str, fn(&Terms) -> f64);

/// Why a training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StopReason {
    /// All epochs are done.
    Finished,
    /// The validation ELBO stopped improving.
    EarlyStopping,
    /// Ctrl-C, or the notebook's stop button.
    Interrupted,
    /// The callback asked for it.
    Callback,
}

/// The curves of a training, over all calls of `fit` that it took. Shown as a plot in a notebook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// What the training ascends.
    #[serde(default)]
    pub criterion: Criterion,
    /// An entry a whole epoch: means over the training rows, during the epoch.
    pub train: Vec<Terms>,
    /// An entry an epoch: means over the validation rows, after the epoch. Empty without them.
    pub validation: Vec<Terms>,
    /// The epoch with the highest validation ELBO, counted from 1.
    pub best_epoch: Option<usize>,
    /// Why the last call ended.
    pub stopped: StopReason,
    /// Steps of the optimiser, those of an interrupted epoch too.
    pub steps: usize,
    /// Wall-clock time of the training, in seconds.
    pub seconds: f64,
    #[serde(skip)]
    shown: Shown,
}

/// Whether the curves have just been seen, because they grew during the training. The cell that
/// trained need not show them a second time as its value.
#[derive(Clone, Debug, Default)]
struct Shown(Arc<AtomicBool>);

impl PartialEq for Shown {
    /// What was seen makes no history different.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl History {
    /// Of a training that has not yet begun.
    pub(crate) fn new(criterion: Criterion) -> Self {
        Self {
            criterion,
            train: Vec::new(),
            validation: Vec::new(),
            best_epoch: None,
            stopped: StopReason::Finished,
            steps: 0,
            seconds: 0.0,
            shown: Shown::default(),
        }
    }

    /// The same curves, which nobody has seen yet.
    pub(crate) fn unseen(&self) -> Self {
        Self { shown: Shown::default(), ..self.clone() }
    }

    /// Takes note that the curves are on the screen already: the next display is a line of text.
    pub(crate) fn was_shown(&self, shown: bool) {
        self.shown.0.store(shown, Ordering::Relaxed);
    }

    /// The curves as a table: epoch, and a column for each term of each set of rows.
    ///
    /// # Errors
    /// When polars refuses the columns.
    #[cfg(feature = "polars")]
    pub fn to_frame(&self) -> Result<polars::prelude::DataFrame> {
        use polars::prelude::{Column, DataFrame};

        let epochs: Vec<u32> = (1..=self.train.len() as u32).collect();
        let mut columns = vec![Column::new("epoch".into(), epochs)];
        for (rows, terms) in [("train", &self.train), ("validation", &self.validation)] {
            if terms.is_empty() {
                continue;
            }
            for (name, part) in self.parts(terms) {
                let values: Vec<f64> = terms.iter().map(part).collect();
                columns.push(Column::new(format!("{rows}_{name}").into(), values));
            }
        }
        DataFrame::new(self.train.len(), columns).map_err(crate::Error::drawing)
    }

    fn curves(&self) -> Curves {
        let series = |label: &str, terms: &[Terms], part: fn(&Terms) -> f64| Series {
            name: label.to_owned(),
            values: terms.iter().map(part).collect(),
        };
        let panel = |&(name, part): &Part| {
            let mut all = vec![series("train", &self.train, part)];
            // The penalty is not evaluated on validation rows.
            if self.validation.iter().any(|terms| part(terms).is_finite()) {
                all.push(series("validation", &self.validation, part));
            }
            let unit = if name == MEGA.0 { "" } else { self.criterion.unit() };
            Panel { name: name.to_owned(), unit: unit.to_owned(), series: all }
        };
        let validated = self.parts(&self.validation).any(|part| part.0 == ACCURACY.0);
        let accuracy = validated.then(|| Panel {
            name: ACCURACY.0.to_owned(),
            series: vec![series("validation", &self.validation, ACCURACY.1)],
            ..Panel::default()
        });
        Curves {
            title: self.title(),
            panels: self.parts(&self.train).map(panel).chain(accuracy).collect(),
            marker: self.best_epoch,
            ..Curves::default()
        }
    }

    /// The terms that these rows have.
    fn parts(&self, terms: &[Terms]) -> impl Iterator<Item = &'static Part> {
        let penalised = terms.iter().any(|terms| terms.mega.is_some());
        let known = |&&(_, part): &&Part| {
            terms.is_empty() || terms.iter().any(|terms| !part(terms).is_nan())
        };
        let classified = terms.iter().any(|terms| terms.accuracy.is_some());
        let more = penalised.then_some(&MEGA).into_iter().chain(classified.then_some(&ACCURACY));
        self.criterion.parts().iter().filter(known).chain(more)
    }

    /// How long the training was and why it ended, in a line.
    pub(crate) fn title(&self) -> String {
        let reason = match self.stopped {
            StopReason::Finished => "",
            StopReason::EarlyStopping => ", stopped early",
            StopReason::Interrupted => ", interrupted",
            StopReason::Callback => ", stopped by the callback",
        };
        let (epochs, steps) = (self.train.len(), self.steps);
        format!("{epochs} epochs, {steps} steps in {:.1} s{reason}", self.seconds)
    }
}

/// Adds to the facts of a model how it was trained.
pub(crate) fn fit_facts(table: Table, history: Option<&History>) -> Table {
    let Some(history) = history else {
        return table.row(["training".into(), "none yet".into()]);
    };
    let mut table = table.row(["training".into(), history.title().into()]);
    for (rows, terms) in [("training", &history.train), ("validation", &history.validation)] {
        if let Some(&terms) = terms.last() {
            let (name, value) = history.criterion.told(terms);
            let value = format!("{value:.2}{}", history.criterion.per_row());
            table = table.row([format!("{name}, {rows} rows").into(), value.into()]);
            if let Some(accuracy) = terms.accuracy {
                let value = format!("{accuracy:.4}").into();
                table = table.row([format!("accuracy, {rows} rows").into(), value]);
            }
        }
    }
    table
}

/// The share of rows whose class is the most probable one; not a number where it is not known.
const ACCURACY: Part = ("accuracy", |terms| terms.accuracy.unwrap_or(f64::NAN));

/// What was penalised; not a number where nothing was.
const MEGA: Part = ("MEGA", |terms| terms.mega.unwrap_or(f64::NAN));

impl RichDisplay for History {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        if self.shown.0.swap(false, Ordering::Relaxed) {
            return Ok(MimeBundle::new(self.title()));
        }
        self.curves().mime_bundle()
    }
}

impl_evcxr_display!(History);
