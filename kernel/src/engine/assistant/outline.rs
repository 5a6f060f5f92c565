//! What the cells of a session have defined, as code that need not run.

use std::collections::BTreeMap;

use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::{Item, Stmt};

use crate::engine::rewrite::statements;

/// The items of a session as they were written, each in its last version.
#[derive(Debug, Default)]
pub struct Outline {
    /// By kind and name. Macros come first: they must stand before they are used.
    items: BTreeMap<(Kind, String), String>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Import,
    Macro,
    Other,
}

impl Outline {
    /// Takes in what a cell has defined.
    pub fn take_in(&mut self, code: &str) {
        for statement in statements(code).unwrap_or_default() {
            if let Stmt::Item(item) = statement
                && let Some(text) = item.span().source_text()
            {
                self.items.insert(key(&item), text);
            }
        }
    }

    /// The code, with variables of these types.
    pub fn code(&self, variables: &[(String, String)]) -> String {
        let mut code = String::new();
        for text in self.items.values() {
            code.push_str(text);
            code.push('\n');
        }
        for (name, kind) in variables {
            // A type that is not known is of no help.
            if syn::parse_str::<syn::Type>(kind).is_ok() {
                code.push_str(&format!("let mut {name}: {kind} = loop {{}};\n"));
            }
        }
        code
    }
}

/// What another item must have in common with this one to take its place.
fn key(item: &Item) -> (Kind, String) {
    let named = |kind: &str, name: &syn::Ident| (Kind::Other, format!("{kind} {name}"));
    match item {
        Item::Use(own) => (Kind::Import, own.to_token_stream().to_string()),
        Item::Macro(own) => {
            let name = own
                .ident
                .as_ref()
                .map_or_else(|| own.to_token_stream().to_string(), syn::Ident::to_string);
            (Kind::Macro, name)
        }
        Item::Fn(own) => named("fn", &own.sig.ident),
        // Types, traits, modules and constants share their names.
        Item::Struct(own) => named("type", &own.ident),
        Item::Enum(own) => named("type", &own.ident),
        Item::Union(own) => named("type", &own.ident),
        Item::Type(own) => named("type", &own.ident),
        Item::Trait(own) => named("type", &own.ident),
        Item::Mod(own) => named("type", &own.ident),
        Item::Const(own) => named("const", &own.ident),
        Item::Static(own) => named("const", &own.ident),
        Item::Impl(own) => {
            let methods = own.items.iter().filter_map(|part| match part {
                syn::ImplItem::Fn(own) => Some(own.sig.ident.to_string()),
                _ => None,
            });
            // Of a type there can be several.
            let methods = if own.trait_.is_none() { methods.collect() } else { Vec::new() };
            let of = own.trait_.as_ref().map(|(_, path, _)| path.to_token_stream().to_string());
            let kind = own.self_ty.to_token_stream();
            let generics = own.generics.to_token_stream();
            (Kind::Other, format!("impl {generics} {of:?} for {kind} {methods:?}"))
        }
        other => (Kind::Other, other.to_token_stream().to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_version_of_every_item_is_told_as_it_was_written() {
        let mut outline = Outline::default();
        outline.take_in("struct P { x: u8 }\nuse std::fmt;\nlet p = P { x: 1 };");
        outline
            .take_in("/// Twice.\nfn f(x: i32) -> i32 { 2 * x }\nmacro_rules! m { () => { 1 } }");
        outline
            .take_in("struct P { x: u16 }\nimpl P { fn a(&self) {} }\nimpl P { fn b(&self) {} }");
        outline.take_in("impl P { fn a(&self) -> u8 { 1 } }\n1 +");
        outline.take_in("impl P { fn a(&self) -> u8 { 2 } }");
        let variables = [
            ("p".to_owned(), "Vec<P>".to_owned()),
            ("odd".to_owned(), "{closure@src/lib.rs:1:1}".to_owned()),
        ];
        let code = outline.code(&variables);
        assert!(code.starts_with("use std::fmt;\nmacro_rules! m"), "{code}");
        assert!(code.contains("/// Twice.\nfn f"), "{code}");
        assert!(code.contains("struct P { x: u16 }") && !code.contains("u8 }\n"), "{code}");
        assert_eq!(code.matches("impl P").count(), 2, "{code}");
        assert!(code.ends_with("let mut p: Vec<P> = loop {};\n"), "{code}");
        assert!(statements(&code).is_some(), "{code}");
    }
}
