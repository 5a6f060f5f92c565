//! What cells have defined, and which types mean something else after a new definition.
//!
//! evcxr keeps a variable under the name of its type, and the compiler takes two types of the same
//! name and crate for one: a variable made under the old definition would be read by the layout of
//! the new one. So before a cell is compiled it is found out which names it gives another meaning.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::Item;

use super::rewrite::statements;

/// The definitions of a session, by name.
#[derive(Debug, Default)]
pub struct Definitions(BTreeMap<String, Definition>);

/// The text of a definition without blanks and comments, and the names that it mentions.
#[derive(Debug, PartialEq)]
struct Definition {
    text: String,
    mentions: BTreeSet<String>,
}

impl Definitions {
    /// The names whose meaning a cell changes: those that it defines otherwise than before, and
    /// those whose definitions mention such a name.
    pub fn changed_by(&self, code: &str) -> BTreeSet<String> {
        let differs = |(name, new): &(String, Definition)| {
            self.0.get(name).is_some_and(|old| old.text != new.text)
        };
        let new = definitions(code);
        let mut changed: BTreeSet<String> = new
            .iter()
            .filter(|pair| differs(pair))
            .flat_map(|(name, new)| match name.strip_prefix(IMPL) {
                // Associated types are part of what the types of its header are made of.
                Some(_) => new.mentions.clone(),
                None => BTreeSet::from([name.clone()]),
            })
            .collect();
        loop {
            let reached = self.0.iter().filter(|(name, known)| {
                !changed.contains(*name) && !known.mentions.is_disjoint(&changed)
            });
            let reached: Vec<_> = reached.map(|(name, _)| name.clone()).collect();
            if reached.is_empty() {
                return changed;
            }
            changed.extend(reached);
        }
    }

    /// Takes in what a cell has defined.
    pub fn take_in(&mut self, code: &str) {
        self.0.extend(definitions(code));
    }
}

/// How the key of an `impl` begins, which has no name.
const IMPL: &str = "impl ";

/// Whether a type mentions one of some names.
pub fn mentions(kind: &str, names: &BTreeSet<String>) -> bool {
    kind.parse::<TokenStream>().is_ok_and(|tokens| !identifiers(tokens).is_disjoint(names))
}

fn definitions(code: &str) -> Vec<(String, Definition)> {
    let statements = statements(code).unwrap_or_default();
    let items = statements.into_iter().filter_map(|statement| match statement {
        syn::Stmt::Item(item) => Some(item),
        _ => None,
    });
    items.filter_map(|item| Some((name(&item)?, definition(&item)))).collect()
}

fn definition(item: &Item) -> Definition {
    let mentions = match item {
        // Of an `impl` only what it is for and about.
        Item::Impl(own) => {
            let mut tokens = own.self_ty.to_token_stream();
            tokens.extend(own.trait_.iter().map(|(_, path, _)| path.to_token_stream()));
            identifiers(tokens)
        }
        item => identifiers(item.to_token_stream()),
    };
    Definition { text: item.to_token_stream().to_string(), mentions }
}

/// The name of an item on which the layout of a type or the meaning of a variable can depend.
fn name(item: &Item) -> Option<String> {
    let name = match item {
        Item::Struct(own) => &own.ident,
        Item::Enum(own) => &own.ident,
        Item::Union(own) => &own.ident,
        Item::Type(own) => &own.ident,
        Item::Trait(own) => &own.ident,
        Item::Const(own) => &own.ident,
        Item::Mod(own) => &own.ident,
        Item::Impl(own) => {
            let is_part_of_types = own
                .items
                .iter()
                .any(|part| matches!(part, syn::ImplItem::Type(_) | syn::ImplItem::Const(_)));
            return is_part_of_types.then(|| {
                let about = own.trait_.as_ref().map(|(_, path, _)| path.to_token_stream());
                let about = about.unwrap_or_default();
                format!("{IMPL}{about} for {}", own.self_ty.to_token_stream())
            });
        }
        _ => return None,
    };
    Some(name.to_string())
}

/// The names in a cell's calls of macros that may have defined them, each with the macro's.
pub fn named_in_macros(code: &str) -> Vec<(String, String)> {
    let statements = statements(code).unwrap_or_default();
    let calls = statements.iter().filter_map(|statement| match statement {
        syn::Stmt::Macro(own) => Some(&own.mac),
        syn::Stmt::Item(Item::Macro(own)) if own.ident.is_none() => Some(&own.mac),
        _ => None,
    });
    calls
        .filter_map(|call| Some((call.path.segments.last()?.ident.to_string(), call)))
        .flat_map(|(of, call)| {
            identifiers(call.tokens.clone()).into_iter().map(move |name| (name, of.clone()))
        })
        .collect()
}

fn identifiers(tokens: TokenStream) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for tree in tokens {
        match tree {
            TokenTree::Ident(ident) => drop(found.insert(ident.to_string())),
            TokenTree::Group(group) => found.extend(identifiers(group.stream())),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(before: &[&str], cell: &str) -> Vec<String> {
        let mut definitions = Definitions::default();
        before.iter().for_each(|cell| definitions.take_in(cell));
        definitions.changed_by(cell).into_iter().collect()
    }

    #[test]
    fn a_new_definition_changes_what_is_made_of_it() {
        let before = ["struct P { x: u8 } struct Q { p: P } struct R;", "type L = Vec<Q>;"];
        assert_eq!(changed(&before, "struct P { x: u8, name: String }"), ["L", "P", "Q"]);
        assert_eq!(changed(&before, "struct P { // the same\n x: u8 }"), [""; 0]);
        assert_eq!(changed(&before, "struct New; let x = 1;"), [""; 0]);
        assert_eq!(
            changed(&["const N: usize = 2; struct A([u8; N]);"], "const N: usize = 3;"),
            ["A", "N"]
        );
    }

    #[test]
    fn an_associated_type_is_a_part_of_the_types_that_use_it() {
        let before = [
            "trait T { type X; } struct A; struct W<V: T>(V::X);",
            "impl T for A { type X = u8; }",
        ];
        let now = changed(&before, "impl T for A { type X = String; }");
        assert_eq!(now, ["A", "T", "W", "impl T for A"]);
        assert_eq!(changed(&before, "impl T for A { type X = u8; }"), [""; 0]);
    }

    #[test]
    fn names_in_macros_are_known_with_the_macro() {
        let named = named_in_macros("point!(P);\nlet x = vec![y];\nmacro_rules! m { () => {} }");
        assert_eq!(named, [("P".to_owned(), "point".to_owned())]);
    }

    #[test]
    fn a_type_mentions_its_parts() {
        let names = BTreeSet::from(["P".to_owned()]);
        assert!(mentions("Vec<(i32, crate::P)>", &names));
        assert!(!mentions("Vec<Pair>", &names));
    }
}
