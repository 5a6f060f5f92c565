//! Coefficients with their uncertainty, and tests of the whole model.

use super::Cox;
use crate::{
    display::{Cell, Forest, ForestRow, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::Result,
    linalg::Cholesky,
    survival::{
        display::p_equation,
        statistics::{chi_squared_tail, half_width, two_sided},
    },
};

/// A coefficient.
#[derive(Clone, Debug, PartialEq)]
pub struct Coefficient {
    /// The column.
    pub name: String,
    /// β: the logarithm of the hazard ratio for one unit more.
    pub coefficient: f64,
    /// exp β
    pub hazard_ratio: f64,
    /// Of β.
    pub standard_error: f64,
    /// β in standard errors.
    pub z: f64,
    /// P(|Z| > |z|): how often a coefficient so far from 0 is estimated when it is 0.
    pub p_value: f64,
    /// The ends of the interval of the hazard ratio.
    pub interval: (f64, f64),
}

/// A test of β = 0: χ² with p degrees of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelTest {
    /// χ²
    pub statistic: f64,
    /// p
    pub degrees_of_freedom: usize,
    /// The probability of a statistic this large when β = 0.
    pub p_value: f64,
}

impl ModelTest {
    fn of(statistic: f64, degrees_of_freedom: usize) -> Self {
        let p_value = chi_squared_tail(statistic, degrees_of_freedom);
        Self { statistic, degrees_of_freedom, p_value }
    }
}

impl Cox {
    /// Every coefficient with its interval and test.
    pub fn summary(&self) -> Vec<Coefficient> {
        let z = half_width(self.confidence);
        let errors = self.standard_errors();
        let columns = self.coefficients.iter().zip(&errors).zip(self.design.names());
        let row = |((&coefficient, &standard_error), name): ((&f64, &f64), &String)| Coefficient {
            name: name.clone(),
            coefficient,
            hazard_ratio: coefficient.exp(),
            standard_error,
            z: coefficient / standard_error,
            p_value: two_sided(coefficient / standard_error),
            interval: (
                (coefficient - z * standard_error).exp(),
                (coefficient + z * standard_error).exp(),
            ),
        };
        columns.map(row).collect()
    }

    /// 2 (ℓ(β) − ℓ(0)): the likelihood-ratio test of all coefficients together.
    pub fn likelihood_ratio_test(&self) -> ModelTest {
        let statistic = 2.0 * (self.log_likelihood - self.null_log_likelihood);
        ModelTest::of(statistic, self.coefficients.len())
    }

    /// βᵀ covariance⁻¹ β: the Wald test of all coefficients together. NaN when the covariance is
    /// singular, as a robust one of few clusters is.
    pub fn wald_test(&self) -> ModelTest {
        let beta = self.coefficients.view().insert_axis(ndarray::Axis(1));
        let statistic = Cholesky::new(self.covariance.view())
            .map_or(f64::NAN, |factor| self.coefficients.dot(&factor.solve(beta).column(0)));
        ModelTest::of(statistic, self.coefficients.len())
    }

    /// The score test of all coefficients together, which for one treatment is the log-rank test.
    pub fn score_test(&self) -> ModelTest {
        ModelTest::of(self.score_statistic, self.coefficients.len())
    }

    /// −2 ℓ(β) + 2 p, comparable between models of the same patients and strata. Lower is better.
    pub fn partial_aic(&self) -> f64 {
        2.0 * self.coefficients.len() as f64 - 2.0 * self.log_likelihood
    }

    /// Hazard ratios with their intervals, as a picture.
    pub fn forest(&self) -> Forest {
        let rows = self.summary().into_iter().map(|row| ForestRow {
            name: row.name,
            estimate: row.hazard_ratio,
            interval: row.interval,
        });
        Forest {
            title: format!("Cox regression: {} events", self.events),
            x_label: "hazard ratio".to_owned(),
            confidence: self.confidence,
            rows: rows.collect(),
        }
    }

    fn headline(&self) -> String {
        let test = self.likelihood_ratio_test();
        format!(
            "Cox regression: {} patients, {} events, concordance {:.3}, likelihood ratio χ² = {:.1} \
             on {} ({}){}",
            self.patients,
            self.events,
            self.concordance,
            test.statistic,
            test.degrees_of_freedom,
            p_equation(test.p_value),
            if self.robust { ", robust errors" } else { "" },
        )
    }
}

impl RichDisplay for Cox {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let percent = 100.0 * self.confidence;
        let columns = [
            "column".to_owned(),
            "coefficient".to_owned(),
            "standard error".to_owned(),
            "hazard ratio".to_owned(),
            format!("{percent} % from"),
            "to".to_owned(),
            "z".to_owned(),
            "p".to_owned(),
        ];
        let mut table = Table::new(self.headline(), columns);
        for row in self.summary() {
            table = table.row([
                row.name.into(),
                row.coefficient.into(),
                row.standard_error.into(),
                row.hazard_ratio.into(),
                row.interval.0.into(),
                row.interval.1.into(),
                Cell::decimals(row.z, 2),
                Cell::p_value(row.p_value),
            ]);
        }
        for warning in &self.warnings {
            table.title.push_str(&format!("\nWarning: {warning}"));
        }
        table.mime_bundle()
    }
}

impl_evcxr_display!(Cox);
