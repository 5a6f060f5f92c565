//! Parameters given on the command line, by papermill's convention: a cell tagged `parameters`
//! holds the usual values, and a cell with the given ones is put after it.

use std::fmt;
use std::str::FromStr;

use anyhow::{Result, bail};
use nbformat::v4::{Cell, CellId, CellMetadata, Notebook};

use super::file::source_text;
use super::tags::has_tag;

const DEFAULTS: &str = "parameters";
const INJECTED: &str = "injected-parameters";

/// A name and the Rust expression that it is to stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    name: String,
    value: String,
}

impl FromStr for Parameter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| format!("{text:?} has no `=`; write it as name=value"))?;
        let (name, value) = (name.trim(), value.trim());
        if syn::parse_str::<syn::Ident>(name).is_err() {
            return Err(format!("{name:?} is not the name of a variable"));
        }
        if syn::parse_str::<syn::Expr>(value).is_err() {
            let quoted = format!("{name}={value:?}");
            return Err(format!("{value:?} is not Rust; a text is written as '{quoted}'"));
        }
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }
}

impl fmt::Display for Parameter {
    /// As it is written on the command line.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}", self.name, self.value)
    }
}

/// Puts the given values after the cell with the usual ones. Values put there by an earlier run
/// are replaced.
///
/// # Errors
/// When the notebook has no such cell, or the cell does not define the name.
pub fn inject(notebook: &mut Notebook, parameters: &[Parameter]) -> Result<()> {
    notebook.cells.retain(|cell| !has_tag(cell, INJECTED));
    if parameters.is_empty() {
        return Ok(());
    }
    let Some(at) = notebook.cells.iter().position(|cell| has_tag(cell, DEFAULTS)) else {
        bail!(
            "the notebook has no cell tagged `{DEFAULTS}`; tag the cell that defines `{}`",
            parameters[0].name
        );
    };
    let source = source_text(notebook.cells[at].source());
    let defined = definitions(&source);
    let lines = parameters.iter().map(|parameter| assignment(parameter, &defined));
    let lines = lines.collect::<Result<Vec<_>>>()?;
    notebook.cells.insert(at + 1, injected_cell(&lines.join("\n")));
    Ok(())
}

/// A `let` in the cell with the usual values.
struct Definition {
    name: String,
    kind: Option<String>,
    is_mutable: bool,
}

fn definitions(source: &str) -> Vec<Definition> {
    let block = syn::parse_str::<syn::Block>(&format!("{{ {source}\n }}"));
    let statements = block.map(|block| block.stmts).unwrap_or_default();
    let lets = statements.into_iter().filter_map(|statement| match statement {
        syn::Stmt::Local(local) => Some((local.pat, source)),
        _ => None,
    });
    lets.filter_map(|(pattern, source)| definition(pattern, source)).collect()
}

fn definition(pattern: syn::Pat, source: &str) -> Option<Definition> {
    let (pattern, is_typed) = match pattern {
        syn::Pat::Type(typed) => (*typed.pat, true),
        other => (other, false),
    };
    let syn::Pat::Ident(ident) = pattern else { return None };
    let name = ident.ident.to_string();
    let kind = is_typed.then(|| type_text(source, &name)).flatten();
    Some(Definition { name, kind, is_mutable: ident.mutability.is_some() })
}

/// The type as the author wrote it: between the name's colon and the equals sign.
fn type_text(source: &str, name: &str) -> Option<String> {
    source.split(';').find_map(|statement| {
        let (left, _) = statement.split_once('=')?;
        let (own, kind) = left.split_once(':')?;
        own.trim_end().ends_with(name).then(|| kind.trim().to_owned())
    })
}

fn assignment(parameter: &Parameter, defined: &[Definition]) -> Result<String> {
    let Parameter { name, value } = parameter;
    let Some(definition) = defined.iter().find(|definition| definition.name == *name) else {
        let names: Vec<_> = defined.iter().map(|definition| definition.name.as_str()).collect();
        bail!("the notebook has no parameter `{name}`; it has: {}", names.join(", "));
    };
    let mutable = if definition.is_mutable { "mut " } else { "" };
    let kind = definition.kind.as_ref().map_or_else(String::new, |kind| format!(": {kind}"));
    Ok(format!("let {mutable}{name}{kind} = {value};"))
}

fn injected_cell(source: &str) -> Cell {
    Cell::Code {
        id: CellId::from(uuid::Uuid::new_v4()),
        metadata: CellMetadata { tags: Some(vec![INJECTED.to_owned()]), ..Default::default() },
        execution_count: None,
        source: source.split_inclusive('\n').map(str::to_owned).collect(),
        outputs: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notebook() -> Notebook {
        let json = serde_json::json!({
            "cells": [
                {"cell_type": "code", "id": "a", "metadata": {"tags": ["parameters"]},
                 "execution_count": null, "outputs": [],
                 "source": "// Short runs.\nlet quick = false;\nlet mut epochs: Option<u32> = None;"},
                {"cell_type": "code", "id": "b", "metadata": {}, "execution_count": null,
                 "outputs": [], "source": "epochs"}
            ],
            "metadata": {}, "nbformat": 4, "nbformat_minor": 5
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn given_values_follow_the_usual_ones_with_their_type() {
        let mut notebook = notebook();
        let given = ["quick=true", "epochs=Some(3)"].map(|text| text.parse().unwrap());
        inject(&mut notebook, &given).unwrap();
        inject(&mut notebook, &given).unwrap();
        assert_eq!(notebook.cells.len(), 3);
        assert_eq!(
            source_text(notebook.cells[1].source()),
            "let quick = true;\nlet mut epochs: Option<u32> = Some(3);"
        );
        assert!(has_tag(&notebook.cells[1], INJECTED));
    }

    #[test]
    fn unknown_names_and_notebooks_without_parameters_are_refused() {
        let given = ["slow=1".parse().unwrap()];
        let message = inject(&mut notebook(), &given).unwrap_err().to_string();
        assert!(message.contains("it has: quick, epochs"), "{message}");
        let mut untagged = notebook();
        untagged.cells.remove(0);
        assert!(inject(&mut untagged, &given).is_err());
    }

    #[test]
    fn what_is_not_a_name_or_not_rust_is_refused_with_advice() {
        for (text, advice) in
            [("quick", "name=value"), ("1=2", "not the name"), ("path=/tmp/x", "'path=\"/tmp/x\"'")]
        {
            let message = text.parse::<Parameter>().unwrap_err();
            assert!(message.contains(advice), "{message}");
        }
    }
}
