//! The graphics card, and whether models are to run on it.

use super::finding::Finding;
use super::said::first_line;

const TOPIC: &str = "gpu";
const VARIABLE: &str = "ELBO_FEATURES";
const FEATURE: &str = "cuda";

/// What is there and what is wanted.
#[derive(Clone, Debug, Default)]
pub struct Gpu {
    /// What `ELBO_FEATURES` says.
    features: String,
    card: Option<String>,
    compiler: Option<String>,
}

impl Gpu {
    /// Asks the driver and the compiler.
    pub fn look() -> Self {
        let query = ["--query-gpu=name,driver_version", "--format=csv,noheader"];
        Self {
            features: std::env::var(VARIABLE).unwrap_or_default(),
            card: first_line("nvidia-smi", &query),
            compiler: first_line("nvcc", &["--version"]),
        }
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        self.features.split([',', ' ']).filter(|word| !word.is_empty())
    }

    /// Whether what is wanted is possible, and what is possible is wanted.
    pub fn judge(&self) -> Vec<Finding> {
        let unknown = self.words().find(|word| *word != FEATURE).map(|word| {
            Finding::note(TOPIC, format!("{VARIABLE} asks for {word:?}, which is not known"))
                .advise(format!("the only feature is {FEATURE}"))
        });
        unknown.into_iter().chain([self.judge_card()]).collect()
    }

    fn judge_card(&self) -> Finding {
        let is_wanted = self.words().any(|word| word == FEATURE);
        let off = "models run on the CPU";
        match (is_wanted, &self.card, &self.compiler) {
            (false, None, _) => Finding::ok(TOPIC, format!("no NVIDIA card; {off}")),
            (false, Some(card), None) => Finding::note(TOPIC, format!("{card}; {off}"))
                .advise(format!("install the CUDA toolkit (nvcc) and set {VARIABLE}={FEATURE}")),
            (false, Some(card), Some(_)) => Finding::note(TOPIC, format!("{card}; {off}"))
                .advise(format!("set {VARIABLE}={FEATURE} to use it")),
            (true, _, None) => Finding::obstacle(
                TOPIC,
                format!("{VARIABLE} asks for {FEATURE}, but nvcc does not run"),
                format!("install the CUDA toolkit and put nvcc on the PATH, or unset {VARIABLE}"),
            ),
            (true, None, Some(_)) => Finding::problem(
                TOPIC,
                format!("{VARIABLE} asks for {FEATURE}, but nvidia-smi shows no card"),
                format!("install the driver, or unset {VARIABLE}"),
            ),
            (true, Some(card), Some(_)) => Finding::ok(TOPIC, format!("{card}; models can use it")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(features: &str, card: bool, compiler: bool) -> Vec<Finding> {
        let there = |is_there: bool| is_there.then(|| "H200, 580".to_owned());
        Gpu { features: features.into(), card: there(card), compiler: there(compiler) }.judge()
    }

    #[test]
    fn only_a_wanted_card_that_nothing_can_be_compiled_for_is_in_the_way() {
        for (features, card, compiler, word, blocks) in [
            ("", false, false, "ok", false),
            ("", true, false, "note", false),
            ("", true, true, "note", false),
            ("cuda", true, true, "ok", false),
            ("cuda", false, true, "problem", false),
            ("cuda", true, false, "problem", true),
            ("cuda", false, false, "problem", true),
        ] {
            let findings = judge(features, card, compiler);
            let [finding] = findings.as_slice() else { panic!("{findings:?}") };
            assert!(finding.render(false).starts_with(word), "{finding:?}");
            assert_eq!(finding.is_in_the_way(), blocks, "{finding:?}");
        }
    }

    #[test]
    fn a_feature_that_is_not_known_is_named() {
        let findings = judge("gpu, cuda", true, true);
        assert!(findings[0].render(false).contains("\"gpu\""), "{findings:?}");
        assert_eq!(findings.len(), 2);
    }
}
