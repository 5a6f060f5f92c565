//! Compares what a cell shows with what it showed when the notebook was stored.

use jupyter_protocol::media::{Media, MediaType};
use nbformat::v4::Output as Stored;

use super::numbers::{Token, is_whole, tokens, value};

/// How far two numbers may be apart: by the absolute part plus the relative part of the stored one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// Share of the stored number.
    pub relative: f64,
    /// In the number's own unit.
    pub absolute: f64,
}

impl Default for Tolerance {
    /// Six digits of agreement, and zeros that differ by rounding.
    fn default() -> Self {
        Self { relative: 1e-6, absolute: 1e-9 }
    }
}

impl Tolerance {
    /// Written so that NaN is close to nothing, and nothing is close to infinity.
    fn accepts(self, stored: f64, new: f64) -> bool {
        let allowed = self.absolute + self.relative * stored.abs();
        allowed.is_finite() && (new - stored).abs() <= allowed
    }
}

/// The outputs as text, line by line, each under a line that says what it is.
///
/// Of displays and values this is their plain text, of errors their name. Standard error comes
/// last: the system does not say in which order the two streams were written. White space at the
/// end of a line and of an output is left out.
pub fn transcript(outputs: &[Stored]) -> Vec<String> {
    let mut sections: Vec<(&str, String)> = Vec::new();
    let mut standard_error = String::new();
    for output in outputs {
        match output {
            Stored::Stream { name, text } if name == "stderr" => standard_error.push_str(&text.0),
            Stored::Stream { text, .. } => match sections.last_mut() {
                Some(("stdout", before)) => before.push_str(&text.0),
                _ => sections.push(("stdout", text.0.clone())),
            },
            Stored::DisplayData(display) => sections.push(("display", plain(&display.data))),
            Stored::ExecuteResult(result) => sections.push(("display", plain(&result.data))),
            Stored::Error(error) => sections.push(("error", error.ename.clone())),
        }
    }
    sections.push(("stderr", standard_error));
    // A display without text is there all the same; text that cannot be seen is not.
    sections.retain(|(kind, text)| *kind == "display" || !text.trim().is_empty());
    sections.iter().flat_map(|(kind, text)| section(kind, text)).collect()
}

fn section<'t>(kind: &str, text: &'t str) -> impl Iterator<Item = String> + use<'t> {
    let lines = text.trim_end().lines().map(|line| line.trim_end().to_owned());
    std::iter::once(format!("[{kind}]")).chain(lines)
}

fn plain(media: &Media) -> String {
    let is_plain = |form: &MediaType| usize::from(matches!(form, MediaType::Plain(_)));
    match media.richest(is_plain) {
        Some(MediaType::Plain(text)) => text.clone(),
        _ => String::new(),
    }
}

/// Whether two transcripts say the same.
pub fn agree(stored: &[String], new: &[String], tolerance: Tolerance) -> bool {
    stored.len() == new.len()
        && stored.iter().zip(new).all(|(stored, new)| lines_agree(stored, new, tolerance))
}

/// The new lines, but in the stored words where they agree with the stored line at the same place,
/// counted from the beginning or from the end. What then still differs is what is to be shown.
pub fn in_stored_words(stored: &[String], new: &[String], tolerance: Tolerance) -> Vec<String> {
    let word = |(index, line): (usize, &String)| {
        let from_end = (index + stored.len()).checked_sub(new.len());
        let places = [Some(index), from_end].into_iter().flatten();
        let mut same_place = places.filter_map(|place| stored.get(place));
        same_place.find(|other| lines_agree(other, line, tolerance)).unwrap_or(line).clone()
    };
    new.iter().enumerate().map(word).collect()
}

/// Whether two lines say the same: numbers within the tolerance, all else exactly. Around a number
/// that is written differently the amount of white space may differ, as it does in columns.
fn lines_agree(stored: &str, new: &str, tolerance: Tolerance) -> bool {
    if stored == new {
        return true;
    }
    let (stored, new) = (tokens(stored), tokens(new));
    if stored.len() != new.len() {
        return false;
    }
    let pairs: Vec<_> = stored.into_iter().zip(new).collect();
    let is_rewritten = |index: Option<usize>| {
        let pair = index.and_then(|index| pairs.get(index));
        matches!(pair, Some((Token::Number(stored), Token::Number(new))) if stored != new)
    };
    pairs.iter().enumerate().all(|(index, pair)| match pair {
        (Token::Number(stored), Token::Number(new)) => numbers_agree(stored, new, tolerance),
        (Token::Space(stored), Token::Space(new)) => {
            stored == new || is_rewritten(index.checked_sub(1)) || is_rewritten(Some(index + 1))
        }
        (stored, new) => stored == new,
    })
}

/// Whole numbers count something and must be equal; at least one of the others was measured.
fn numbers_agree(stored: &str, new: &str, tolerance: Tolerance) -> bool {
    if stored == new {
        return true;
    }
    if is_whole(stored) && is_whole(new) {
        return false;
    }
    let both = value(stored).zip(value(new));
    both.is_some_and(|(stored, new)| tolerance.accepts(stored, new))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn same(stored: &str, new: &str) -> bool {
        lines_agree(stored, new, Tolerance::default())
    }

    fn outputs(json: serde_json::Value) -> Vec<Stored> {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn numbers_agree_within_the_tolerance_and_words_exactly() {
        assert!(same("loss 1.0000001 nats", "loss 1 nats"));
        assert!(same("1.5e3", "1500.0001"));
        assert!(same("0.0", "-5e-10"), "the absolute part holds around zero");
        assert!(!same("loss 1.00001", "loss 1"));
        assert!(!same("loss 1.0", "Loss 1.0"));
        assert!(!same("12.30000001s", "12.3s"), "part of a word");
        assert!(!same("1.0 2.0", "1.0 2.0 3.0"));
    }

    #[test]
    fn whole_numbers_must_be_equal() {
        assert!(!same("10000000 rows", "10000001 rows"));
        assert!(same("7 rows", "7 rows"));
    }

    #[test]
    fn what_is_not_a_number_is_close_to_nothing_but_itself() {
        assert!(same("NaN", "NaN"));
        assert!(!same("NaN", "1.0"));
        assert!(!same("1e999", "1.0"), "infinite");
        assert!(!same("1.0", "inf"));
    }

    #[test]
    fn columns_may_shift_with_the_width_of_their_numbers_only() {
        assert!(same("a   9.99999999 b", "a  10.00000000 b"));
        assert!(!same("a   9.5 b", "a  9.5 b"));
        assert!(!same("a  b 9.99999999", "a b 10.0"), "not beside the number");
    }

    #[test]
    fn a_transcript_names_what_is_shown_and_ignores_how_streams_were_cut() {
        let whole = outputs(serde_json::json!([
            {"output_type": "stream", "name": "stdout", "text": "a\nb  \n\n"},
            {"output_type": "display_data", "metadata": {},
             "data": {"text/plain": "7", "text/html": "<b>7</b>"}},
            {"output_type": "stream", "name": "stderr", "text": "careful\n"},
            {"output_type": "execute_result", "metadata": {}, "execution_count": 1,
             "data": {"image/png": "AAAA"}},
            {"output_type": "error", "ename": "Panic", "evalue": "at 3", "traceback": []}
        ]));
        let expected = [
            "[stdout]",
            "a",
            "b",
            "[display]",
            "7",
            "[display]",
            "[error]",
            "Panic",
            "[stderr]",
            "careful",
        ];
        assert_eq!(transcript(&whole), expected);

        let cut = outputs(serde_json::json!([
            {"output_type": "stream", "name": "stderr", "text": "care"},
            {"output_type": "stream", "name": "stdout", "text": ["a\n"]},
            {"output_type": "stream", "name": "stdout", "text": "b"},
            {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "7"}},
            {"output_type": "stream", "name": "stderr", "text": "ful"},
            {"output_type": "stream", "name": "stdout", "text": "\n"},
            {"output_type": "display_data", "metadata": {}, "data": {}},
            {"output_type": "error", "ename": "Panic", "evalue": "at 4", "traceback": []}
        ]));
        assert!(agree(&transcript(&whole), &transcript(&cut), Tolerance::default()));
        assert!(!agree(&transcript(&whole), &transcript(&cut[..6]), Tolerance::default()));
    }

    #[test]
    fn only_what_differs_is_left_in_new_words() {
        let lines = |text: &str| text.split('|').map(str::to_owned).collect::<Vec<_>>();
        let (stored, new) = (lines("a 1.0|b 2.0|c 3.0"), lines("a 1.0000001|x|b 2.5|c 3.0000001"));
        let words = in_stored_words(&stored, &new, Tolerance::default());
        assert_eq!(words, ["a 1.0", "x", "b 2.5", "c 3.0"]);
    }

    proptest! {
        #[test]
        fn every_line_agrees_with_itself_and_trailing_space_does_not_count(line in ".{0,60}") {
            prop_assert!(same(&line, &line));
            let shown = |text: String| transcript(&outputs(serde_json::json!(
                [{"output_type": "stream", "name": "stdout", "text": text}])));
            prop_assert_eq!(shown(format!("{line} \n \n")), shown(line.clone()));
        }

        // A tenth and ten times the tolerance: rounding in the last digit decides neither.
        #[test]
        fn a_number_agrees_when_it_moves_by_less_than_the_tolerance_and_not_by_more(
            number in prop_oneof![-1e6_f64..-1e-2, 1e-2_f64..1e6],
            relative in 1e-8_f64..1e-2,
        ) {
            let tolerance = Tolerance { relative, absolute: 0.0 };
            let line = |number: f64| format!("x = {number:e} cm");
            let moved = |share: f64| line(number + number * relative * share);
            prop_assert!(lines_agree(&line(number), &moved(0.1), tolerance));
            prop_assert!(lines_agree(&line(number), &moved(-0.1), tolerance));
            prop_assert!(!lines_agree(&line(number), &moved(10.0), tolerance));
            prop_assert!(!lines_agree(&line(number), &moved(-10.0), tolerance));
        }
    }
}
