//! The number of components of a mixture by penalised likelihood.

use super::metric::Mega;
use crate::{
    GaussianMixture,
    data::Dataset,
    display::{Cell, LineChart, LineSeries, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::{Error, Result},
    mixture::GaussianMixtureParams,
};

/// One number of components of a [`ComplexityPath`].
#[derive(Clone, Debug, PartialEq)]
pub struct PathEntry {
    /// The fitted mixture.
    pub mixture: GaussianMixture,
    /// K
    pub components: usize,
    /// log p of all rows, in nats.
    pub log_likelihood: f64,
    /// 2MEGA-F, in squared units of the data.
    pub mega: f64,
    /// 2·parameters − 2·log-likelihood.
    pub aic: f64,
    /// log(n)·parameters − 2·log-likelihood.
    pub bic: f64,
}

impl PathEntry {
    /// −2(log-likelihood − α·MEGA), on the scale of AIC and BIC.
    pub fn penalised(&self, alpha: f64) -> f64 {
        -2.0 * (self.log_likelihood - alpha * self.mega)
    }
}

/// What log-likelihood − α·MEGA chooses from some α on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PathChoice {
    /// The smallest α of the choice, in nats for each squared unit of the data.
    pub alpha: f64,
    /// K
    pub components: usize,
}

/// The settings of a [`ComplexityPath`]; made by [`ComplexityPath::params`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ComplexityPathParams {
    draws: Option<(usize, u64)>,
}

impl ComplexityPathParams {
    /// Evaluates MEGA from draws of z, as for models without closed form, instead of exactly.
    pub fn draws(self, draws: usize, seed: u64) -> Self {
        Self { draws: Some((draws, seed)) }
    }

    /// Fits a mixture with each number of components, by the settings that `params` has for it.
    ///
    /// A number with which every start collapses is left out and noted.
    ///
    /// # Errors
    /// Those of [`GaussianMixtureParams::fit`] but for collapse, of which one is returned when no
    /// number of components can be fitted.
    pub fn fit(
        self,
        rows: &(impl Dataset + ?Sized),
        components: impl IntoIterator<Item = usize>,
        params: impl Fn(usize) -> GaussianMixtureParams,
    ) -> Result<ComplexityPath> {
        let rows = rows.matrix()?;
        let (mut entries, mut collapsed) = (Vec::new(), Vec::new());
        let mut last = None;
        for count in components {
            match params(count).fit(&rows.view()) {
                Ok(mixture) => entries.push(self.entry(mixture, &rows.view())?),
                Err(error @ Error::Singular { .. }) => {
                    collapsed.push(count);
                    last = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        match last {
            Some(error) if entries.is_empty() => Err(error),
            _ if entries.is_empty() => {
                Err(Error::setting("components", "none", "there must be at least one number"))
            }
            _ => Ok(ComplexityPath { entries, collapsed }),
        }
    }

    fn entry(self, mixture: GaussianMixture, rows: &ndarray::ArrayView2<f64>) -> Result<PathEntry> {
        let mega = match self.draws {
            None => Mega::exact(&mixture, rows)?,
            Some((draws, seed)) => Mega::params(draws).seed(seed).of(&mixture, rows)?,
        };
        Ok(PathEntry {
            components: mixture.components().len(),
            log_likelihood: mixture.evidence(rows)?.sum(),
            mega: mega.second().value,
            aic: mixture.aic(rows)?,
            bic: mixture.bic(rows)?,
            mixture,
        })
    }
}

/// Mixtures of several sizes on the same rows, and what the criteria choose: log-likelihood − α·MEGA
/// for every α, AIC and BIC. Shown as curves of the criteria.
///
/// Maximum likelihood matches the second moment of the data by itself where the covariances are
/// full: each M-step does so exactly, but for the ridge and the n − 1 of the sample covariance.
/// MEGA then says nothing about the number of components; with [`ComplexityPathParams::draws`] its
/// noise would choose. Restricted covariances leave a gap that components close.
///
/// ```
/// use elbo::{GaussianMixture, LatentModel, mega::ComplexityPath, mixture::{Covariance, Normals}};
/// use ndarray::array;
///
/// let normals = Normals::spherical(array![[0.0, 0.0], [4.0, 4.0], [8.0, 0.0]], array![1.0, 1.0, 1.0])?;
/// let truth = GaussianMixture::from_parts(array![0.4, 0.3, 0.3], normals)?;
/// let rows = truth.draw(400, 7)?.observed;
/// let path = ComplexityPath::params().fit(&rows, 1..=5, |components| {
///     GaussianMixture::params(components).covariance(Covariance::Spherical).restarts(3)
/// })?;
/// assert_eq!(path.by_bic().components, 3);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ComplexityPath {
    /// At least one, in the order in which they were asked for.
    pub entries: Vec<PathEntry>,
    /// Numbers of components with which every start collapsed.
    pub collapsed: Vec<usize>,
}

impl ComplexityPath {
    /// The settings: MEGA exactly.
    pub fn params() -> ComplexityPathParams {
        ComplexityPathParams::default()
    }

    /// The entry with the lowest AIC.
    pub fn by_aic(&self) -> &PathEntry {
        self.lowest(|entry| entry.aic)
    }

    /// The entry with the lowest BIC.
    pub fn by_bic(&self) -> &PathEntry {
        self.lowest(|entry| entry.bic)
    }

    /// The entry with the highest log-likelihood − α·MEGA.
    pub fn by_mega(&self, alpha: f64) -> &PathEntry {
        self.lowest(|entry| entry.penalised(alpha))
    }

    /// The path over α from 0 on: where the choice of [`Self::by_mega`] changes, from the highest
    /// likelihood to the smallest gap. Exact, for the criterion is linear in α. Gaps that differ by
    /// less than a millionth count as equal.
    pub fn choices(&self) -> Vec<PathChoice> {
        let mut current = self.by_mega(0.0);
        let mut alpha = 0.0;
        let mut choices = vec![PathChoice { alpha, components: current.components }];
        loop {
            let crossing = |entry: &PathEntry| {
                (current.log_likelihood - entry.log_likelihood) / (current.mega - entry.mega)
            };
            // Gaps that differ by rounding alone are equal, as with full covariances they all are.
            let smaller = current.mega * (1.0 - 1e-6);
            let better = self.entries.iter().filter(|entry| entry.mega < smaller);
            let next = better
                .min_by(|a, b| crossing(a).total_cmp(&crossing(b)).then(a.mega.total_cmp(&b.mega)));
            let Some(next) = next else { return choices };
            // Rounding must not turn the path back.
            alpha = crossing(next).max(alpha);
            current = next;
            choices.push(PathChoice { alpha, components: current.components });
        }
    }

    /// AIC, BIC and −2(log-likelihood − α·MEGA) for each α, by the number of components, each as a
    /// share of its range: with a large α the penalty is larger than everything else. The lowest
    /// points are marked.
    pub fn criteria(&self, alphas: &[f64]) -> LineChart {
        let line = |name: String, criterion: &dyn Fn(&PathEntry) -> f64| {
            let values = || self.entries.iter().map(criterion);
            let (low, high) =
                values().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
            let share = |value| if high > low { (value - low) / (high - low) } else { 0.0 };
            let counts = self.entries.iter().map(|entry| entry.components as f64);
            let points = counts.zip(values().map(share)).collect();
            let highlight = self.index_of_lowest(criterion);
            LineSeries { name, points, highlight, ..LineSeries::default() }
        };
        let mut lines =
            vec![line("AIC".into(), &|entry| entry.aic), line("BIC".into(), &|entry| entry.bic)];
        lines.extend(alphas.iter().map(|&alpha| {
            let name = format!("MEGA, α = {}", rounded(alpha));
            line(name, &move |entry: &PathEntry| entry.penalised(alpha))
        }));
        LineChart {
            title: "Criteria by the number of components, lower is better".into(),
            x_label: "components".into(),
            y_label: "share of the criterion's range".into(),
            series: lines,
            ..LineChart::default()
        }
    }

    fn lowest(&self, criterion: impl Fn(&PathEntry) -> f64) -> &PathEntry {
        &self.entries[self.index_of_lowest(&criterion).unwrap_or(0)]
    }

    fn index_of_lowest(&self, criterion: &dyn Fn(&PathEntry) -> f64) -> Option<usize> {
        let values = self.entries.iter().map(criterion).enumerate();
        values.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(index, _)| index)
    }

    fn text(&self) -> String {
        let columns = ["components", "log p, nats", "2MEGA-F", "AIC", "BIC"];
        let mut table = Table::new("Mixtures by their number of components", columns);
        for entry in &self.entries {
            let numbers = [entry.log_likelihood, entry.mega, entry.aic, entry.bic];
            let cells = numbers.map(Cell::from);
            table = table.row(std::iter::once(entry.components.into()).chain(cells));
        }
        let (aic, bic) = (self.by_aic().components, self.by_bic().components);
        let choices: Vec<String> = self
            .choices()
            .iter()
            .map(|choice| format!("{} from α = {}", choice.components, rounded(choice.alpha)))
            .collect();
        let mut text = table.to_text();
        text.push_str(&format!("\nAIC {aic}, BIC {bic}, log p − α·MEGA {}", choices.join(", ")));
        if !self.collapsed.is_empty() {
            text.push_str(&format!("\ncollapsed in every start: {:?}", self.collapsed));
        }
        text
    }
}

/// Three significant digits.
fn rounded(alpha: f64) -> String {
    if alpha == 0.0 {
        return "0".to_owned();
    }
    let decimals = (2.0 - alpha.abs().log10().floor()).clamp(0.0, 9.0) as usize;
    format!("{alpha:.decimals$}")
}

impl RichDisplay for ComplexityPath {
    /// The penalised criterion at a value of α within each choice but the first, at most three.
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let starts: Vec<f64> = self.choices().iter().skip(1).map(|choice| choice.alpha).collect();
        let within = |i: usize| match starts.get(i + 1) {
            Some(next) => 0.5 * (starts[i] + next),
            None => 1.5 * starts[i],
        };
        let alphas: Vec<f64> = (0..starts.len()).map(within).collect();
        let most = alphas.len().min(3);
        let chosen: Vec<f64> = (0..most).map(|i| alphas[i * alphas.len() / most]).collect();
        let bundle = MimeBundle::new(self.text());
        match self.criteria(&chosen).mime_bundle()?.svg() {
            Some(svg) => Ok(bundle.with_svg(svg.to_owned())),
            None => Ok(bundle),
        }
    }
}

impl_evcxr_display!(ComplexityPath);
