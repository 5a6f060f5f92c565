//! Cells that ask what a name means: `:doc Vae`, or `?Vae` as in other notebooks.

/// The name that a cell asks for, if that is all it does; empty when it forgot to say which.
pub fn asked_for(code: &str) -> Option<&str> {
    let line = code.trim();
    if line.contains('\n') {
        return None;
    }
    let name = match line.strip_prefix('?') {
        Some(name) => name,
        None => {
            line.strip_prefix(":doc").filter(|rest| rest.is_empty() || rest.starts_with(' '))?
        }
    };
    Some(name.trim().trim_end_matches(';'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_question_asks() {
        for (code, expected) in [
            (":doc Vae", Some("Vae")),
            (" ?Vae::fit \n", Some("Vae::fit")),
            (":doc", Some("")),
            ("?", Some("")),
            (":docs x", None),
            ("vae?", None),
            ("?Vae\n1 + 1", None),
            ("1 + 1", None),
        ] {
            assert_eq!(asked_for(code), expected, "{code}");
        }
    }
}
