//! Kaplan-Meier curves as pictures, with the numbers at risk under them.

use super::{AtRisk, Counting, KaplanMeier, KaplanMeierGroups, QuantileTime};
use crate::{
    display::{
        MimeBundle, NumbersBelow, RichDisplay, SurvivalCurve, SurvivalCurves, impl_evcxr_display,
        round_times,
    },
    error::Result,
    survival::display::short,
};

impl KaplanMeier {
    /// The curve with its band, marks of censorings, and the numbers at risk.
    pub fn picture(&self, counting: Counting) -> SurvivalCurves {
        let last = self.last();
        picture(
            format!("Kaplan-Meier, {} % band", 100.0 * self.confidence()),
            vec![self.drawn(String::new())],
            last,
            self.at_risk(&round_times(last), counting),
        )
    }

    fn last(&self) -> f64 {
        self.table.times.last().copied().unwrap_or(1.0)
    }

    fn drawn(&self, name: String) -> SurvivalCurve {
        let censored = self.table.times.iter().zip(&self.table.censored);
        SurvivalCurve {
            name,
            times: self.table.times.clone(),
            survival: self.survival.values.clone(),
            band: self.bands.clone(),
            censored: censored.filter(|(_, count)| **count > 0.0).map(|(t, _)| *t).collect(),
            smooth: false,
        }
    }

    /// Such as `median 12.5 months (9 to not reached)`.
    fn median_in_words(&self) -> String {
        let QuantileTime { value, lower, upper } = self.median();
        let word = |time: Option<f64>| time.map_or("not reached".to_owned(), short);
        match (value, lower) {
            (None, None) => "median not reached".to_owned(),
            (None, _) => format!("median not reached ({} or later)", word(lower)),
            _ => {
                let unit = self.unit();
                format!("median {} {unit} ({} to {})", word(value), word(lower), word(upper))
            }
        }
    }
}

impl KaplanMeierGroups {
    /// The curves with their bands, marks of censorings, and the numbers at risk.
    pub fn picture(&self, counting: Counting) -> SurvivalCurves {
        let last = self.curves.iter().map(|(_, curve)| curve.last()).fold(0.0, f64::max);
        picture(
            format!("Kaplan-Meier by {}", self.column),
            self.curves.iter().map(|(name, curve)| curve.drawn(name.clone())).collect(),
            last,
            self.at_risk(&round_times(last), counting),
        )
    }
}

fn picture(title: String, curves: Vec<SurvivalCurve>, end: f64, at_risk: AtRisk) -> SurvivalCurves {
    SurvivalCurves {
        title,
        x_label: at_risk.unit.axis(),
        y_label: "survival".to_owned(),
        end,
        curves,
        below: Some(NumbersBelow {
            caption: capitalised(at_risk.counting.name()),
            times: at_risk.times,
            rows: at_risk.rows.into_iter().map(|row| row.at_risk).collect(),
        }),
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The picture, with the median and the numbers at risk in the text form.
fn bundle(picture: &SurvivalCurves, remarks: &[String], at_risk: &AtRisk) -> Result<MimeBundle> {
    let drawing = picture.mime_bundle()?;
    let numbers = at_risk.mime_bundle()?;
    let text = format!("{}\n{}\n{}", drawing.text(), remarks.join("\n"), numbers.text());
    let out = MimeBundle::new(text);
    Ok(match drawing.svg() {
        Some(svg) => out.with_svg(svg.to_owned()),
        None => out,
    })
}

impl RichDisplay for KaplanMeier {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let counting = Counting::default();
        let at_risk = self.at_risk(&round_times(self.last()), counting);
        bundle(&self.picture(counting), &[self.median_in_words()], &at_risk)
    }
}

impl_evcxr_display!(KaplanMeier);

impl RichDisplay for KaplanMeierGroups {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let counting = Counting::default();
        let picture = self.picture(counting);
        let at_risk = self.at_risk(&round_times(picture.end), counting);
        let curves = self.curves.iter();
        let remarks = curves.map(|(name, curve)| format!("{name}: {}", curve.median_in_words()));
        bundle(&picture, &remarks.collect::<Vec<_>>(), &at_risk)
    }
}

impl_evcxr_display!(KaplanMeierGroups);
