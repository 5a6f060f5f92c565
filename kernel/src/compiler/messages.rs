//! rustc's messages in the form in which they speak of the cell.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The code of errors in constants: what the model library requires of sizes is checked there.
const CONSTANT: &str = "E0080";
/// How rustc says, in a note of its own, on whose behalf it has evaluated a constant.
const ON_BEHALF_OF: &str = "the above error was encountered while instantiating";
/// What stands before a note that passes through evcxr, which hands on nothing but helps.
const NOTE: &str = "note: ";
/// How the notes begin that say nothing about the cell.
const IDLE_NOTES: [&str; 3] =
    ["this error originates in the macro", "`#[", "the full name for the type has been written to"];

/// Takes what rustc says of a cell whose code is in `file`. A note that stands by itself is no
/// error and would hide the one before it, because evcxr shows only what speaks of the cell; so the
/// place it tells becomes the error's, in the place of the library's own lines.
pub fn told(messages: Vec<Value>, file: &str) -> Vec<Value> {
    let mut errors: Vec<Value> = Vec::with_capacity(messages.len());
    for mut message in messages {
        let text = message["message"].as_str().unwrap_or_default();
        if matches!(message["level"].as_str(), Some("note" | "help" | "failure-note")) {
            if let Some(error) = errors.last_mut()
                && text.starts_with(ON_BEHALF_OF)
                && error["code"]["code"] == CONSTANT
                && !speaks_of(error, file)
                && speaks_of(&message, file)
            {
                error["spans"] = message["spans"].take();
                // The requirement is the message already.
                error["children"] = json!([]);
            }
            continue;
        }
        if message["code"]["code"] == CONSTANT {
            state_requirement(&mut message, file);
        }
        for child in message["children"].as_array_mut().into_iter().flatten() {
            keep_words(child);
        }
        errors.push(message);
    }
    errors
}

/// Of what stands below an error evcxr hands on the text of each help. A note that speaks of no
/// other place, as the author of a trait may write one, passes as such a help, and the alternatives
/// that a help lists at their places become part of its text.
fn keep_words(child: &mut Value) {
    let text = child["message"].as_str().unwrap_or_default();
    let spans = child["spans"].as_array().map_or(&[][..], Vec::as_slice);
    match child["level"].as_str() {
        Some("note")
            if spans.is_empty() && !IDLE_NOTES.iter().any(|idle| text.starts_with(idle)) =>
        {
            child["message"] = json!(format!("{NOTE}{text}"));
            child["level"] = json!("help");
        }
        Some("help") if spans.iter().all(|span| span["suggested_replacement"].is_null()) => {
            let listed: Vec<_> = spans.iter().filter_map(|span| span["label"].as_str()).collect();
            if !listed.is_empty() {
                child["message"] = json!(format!("{text}: {}", listed.join(", ")));
            }
        }
        _ => {}
    }
}

/// The text of a note that passed as a help.
pub fn as_note(help: &str) -> Option<&str> {
    help.strip_prefix(NOTE)
}

/// The lints that tell of something that is most likely not meant. All others are a matter of style,
/// or wrong about cells: what one cell does not use the next one may.
const LINTS: [&str; 14] = [
    "ambiguous_wide_pointer_comparisons",
    "arithmetic_overflow",
    "dangling_pointers_from_temporaries",
    "for_loops_over_fallibles",
    "invalid_nan_comparisons",
    "invalid_reference_casting",
    "invalid_value",
    "let_underscore_lock",
    "overflowing_literals",
    "unconditional_panic",
    "unconditional_recursion",
    "unused_comparisons",
    "unused_must_use",
    "useless_ptr_null_checks",
];

/// A warning about a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What it says.
    pub message: String,
    /// What it says of the place.
    pub label: Option<String>,
    /// The code that it is about.
    pub code: String,
}

/// The warnings that matter among rustc's messages.
pub fn warnings(messages: &[Value], file: &str) -> Vec<Warning> {
    messages.iter().filter_map(|message| read_warning(message, file)).collect()
}

fn read_warning(message: &Value, file: &str) -> Option<Warning> {
    let is_wanted = LINTS.contains(&message["code"]["code"].as_str()?);
    let spans = message["spans"].as_array().filter(|_| is_wanted)?;
    let own = |span: &&Value| span["is_primary"] == true && span["file_name"] == file;
    let span = spans.iter().find(own)?;
    let line = &span["text"][0];
    let column = |key: &str| usize::try_from(line[key].as_u64()?).ok()?.checked_sub(1);
    let (start, end) = (column("highlight_start")?, column("highlight_end")?);
    let characters = line["text"].as_str()?.chars();
    Some(Warning {
        message: message["message"].as_str()?.to_owned(),
        label: span["label"].as_str().map(str::to_owned),
        code: characters.skip(start).take(end.checked_sub(start)?).collect(),
    })
}

fn speaks_of(message: &Value, file: &str) -> bool {
    let spans = message["spans"].as_array();
    spans.is_some_and(|spans| spans.iter().any(|span| span["file_name"] == file))
}

/// What a failed assertion says is the error; where the library makes it is not the reader's concern.
fn state_requirement(message: &mut Value, file: &str) {
    let text = message["message"].as_str().unwrap_or_default();
    let Some(requirement) = text.strip_prefix("evaluation panicked: ").map(str::to_owned) else {
        return;
    };
    if !speaks_of(message, file) {
        message["rendered"] = json!(format!("error[{CONSTANT}]: {requirement}\n"));
    }
    message["message"] = json!(requirement);
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELL: &str = "src/lib.rs";

    fn message(level: &str, text: &str, file: &str) -> Value {
        let code = if level == "error" { json!({"code": CONSTANT}) } else { Value::Null };
        json!({"level": level, "message": text, "code": code, "rendered": "long",
            "spans": [{"file_name": file}], "children": [{"message": "inside"}]})
    }

    #[test]
    fn a_requirement_of_the_library_is_told_at_the_cells_own_line() {
        let error = message("error", "evaluation panicked: sizes differ", "/elbo/src/rows.rs");
        let inner = message("note", "erroneous constant encountered", "/elbo/src/rows.rs");
        let of = message("note", &format!("{ON_BEHALF_OF} `fn fit`"), CELL);
        let told = told(vec![error, inner, of], CELL);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["message"], "sizes differ");
        assert_eq!(told[0]["spans"][0]["file_name"], CELL);
    }

    #[test]
    fn without_such_a_line_the_requirement_alone_is_told() {
        let error = message("error", "evaluation panicked: no columns", "/elbo/src/rows.rs");
        let of = message("note", &format!("{ON_BEHALF_OF} `fn new`"), "/elbo/src/vae.rs");
        let told = told(vec![error, of], CELL);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["rendered"], "error[E0080]: no columns\n");
    }

    #[test]
    fn what_a_traits_author_notes_and_a_help_lists_is_told() {
        let label = |text: &str| json!({"label": text, "suggested_replacement": null});
        let mut error = message("error", "`A` does not hold rows", CELL);
        error["children"] = json!([
            {"level": "note", "message": "rows are images", "spans": []},
            {"level": "help", "message": "these implement it", "spans": [label("`B`"), label("`C`")]},
            {"level": "help", "message": "add", "spans": [
                {"label": null, "suggested_replacement": "&"}]},
            {"level": "note", "message": "defined here", "spans": [label("here")]},
            {"level": "note", "message": "this error originates in the macro `m`", "spans": []},
        ]);
        let told = told(vec![error], CELL);
        let helps: Vec<_> = told[0]["children"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|child| child["level"] == "help")
            .map(|child| child["message"].as_str().unwrap())
            .collect();
        assert_eq!(helps, ["note: rows are images", "these implement it: `B`, `C`", "add"]);
        assert_eq!(as_note(helps[0]), Some("rows are images"));
        assert_eq!(as_note(helps[1]), None);
    }

    #[test]
    fn only_warnings_that_matter_are_told_with_their_code() {
        let lint = |code: &str| {
            json!({"level": "warning", "message": "unused result", "code": {"code": code},
                "spans": [{"file_name": CELL, "is_primary": true, "label": null,
                    "text": [{"text": "é; f(1);", "highlight_start": 4, "highlight_end": 8}]}]})
        };
        let told = warnings(&[lint("unused_must_use"), lint("unused_variables")], CELL);
        let expected =
            Warning { message: "unused result".into(), label: None, code: "f(1)".into() };
        assert_eq!(told, [expected]);
    }

    #[test]
    fn errors_of_the_cell_itself_stay_as_they_are() {
        let error = message("error", "mismatched types", CELL);
        assert_eq!(told(vec![error.clone()], CELL), [error]);
    }
}
