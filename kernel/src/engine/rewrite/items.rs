//! Items of a cell that evcxr would lose or keep too long.

use std::fmt::Write as _;

use quote::quote;
use syn::spanned::Spanned;
use syn::{ImplItem, Item, Stmt, UseTree};

use super::in_cell;
use crate::prelude::short_hash;

/// Begins the names of constants around parts of an `impl`.
const IMPL: &str = "ELBO_IMPL_";

/// Gives every `impl` that evcxr would keep for ever a name, by which a later one replaces it: a
/// constant around it. evcxr knows items by their names, and an `impl` has none; running its cell a
/// second time would define everything in it twice. An implementation of a trait is replaced as a
/// whole; methods without a trait one by one, as functions are. An `impl` behind a named item of the
/// same cell belongs to that item.
pub fn replaceable_impls(statements: &[Stmt]) -> Vec<(usize, String)> {
    let mut inserts = Vec::new();
    for statement in statements {
        let Stmt::Item(item) = statement else { continue };
        match item {
            Item::Impl(own) => wrap(own, &mut inserts),
            // Of these evcxr does not say that something belongs to them.
            Item::Use(_) | Item::ExternCrate(_) | Item::Macro(_) => {}
            _ => break,
        }
    }
    inserts
}

fn wrap(own: &syn::ItemImpl, inserts: &mut Vec<(usize, String)>) {
    let place = in_cell(own.span().byte_range());
    let header = header(own);
    let is_own = own.trait_.is_none();
    let first = own.items.first().filter(|_| is_own);
    inserts.push((place.start, opening(&header, first)));
    for item in own.items.iter().skip(1).filter(|item| is_own && name(item).is_some()) {
        let start = in_cell(item.span().byte_range()).start;
        inserts.push((start, format!("}} }}; {}{header} {{ ", opening(&header, Some(item)))));
    }
    inserts.push((place.end, " };".to_owned()));
}

fn opening(header: &str, item: Option<&ImplItem>) -> String {
    let item = item.and_then(name).unwrap_or_default();
    format!("const {IMPL}{}: () = {{ ", short_hash([header, &item]))
}

/// What stands before the braces, on one line.
fn header(own: &syn::ItemImpl) -> String {
    let syn::ItemImpl { unsafety, generics, self_ty, .. } = own;
    let about = own.trait_.as_ref().map(|(bang, path, of)| quote!(#bang #path #of));
    let bounds = &generics.where_clause;
    quote!(#unsafety impl #generics #about #self_ty #bounds).to_string()
}

fn name(item: &ImplItem) -> Option<String> {
    match item {
        ImplItem::Fn(own) => Some(own.sig.ident.to_string()),
        ImplItem::Const(own) => Some(own.ident.to_string()),
        ImplItem::Type(own) => Some(own.ident.to_string()),
        _ => None,
    }
}

/// The imports of which evcxr loses sight when it takes a `use` apart: those in braces that do not
/// begin with a name, such as the `*` of `use std::fmt::{self, *}`.
pub fn lost_imports(statements: &[Stmt]) -> Vec<(usize, String)> {
    let imports = statements.iter().filter_map(|statement| match statement {
        Stmt::Item(Item::Use(own)) => Some(own),
        _ => None,
    });
    imports
        .flat_map(|own| {
            let mut inserts = Vec::new();
            hide_renamed_modules(&own.tree, &mut inserts);
            let mut lost = String::new();
            match &own.tree {
                group @ UseTree::Group(_) => leaves(group, "", &mut lost),
                tree => find_lost(tree, "", &mut lost),
            }
            if !lost.is_empty() {
                inserts.push((in_cell(own.span().byte_range()).end, lost));
            }
            inserts
        })
        .collect()
}

/// Puts `self as name` in a comment, of which evcxr makes an import without the name.
fn hide_renamed_modules(tree: &UseTree, inserts: &mut Vec<(usize, String)>) {
    match tree {
        UseTree::Path(path) => hide_renamed_modules(&path.tree, inserts),
        UseTree::Group(group) => {
            for pair in group.items.pairs() {
                match pair.value() {
                    UseTree::Rename(own) if own.ident == "self" => {
                        inserts.push((in_cell(own.span().byte_range()).start, "/*".to_owned()));
                        // A comma is not to stand alone.
                        let end = pair.punct().map_or(own.span(), |comma| comma.span());
                        inserts.push((in_cell(end.byte_range()).end, "*/".to_owned()));
                    }
                    part => hide_renamed_modules(part, inserts),
                }
            }
        }
        UseTree::Name(_) | UseTree::Rename(_) | UseTree::Glob(_) => {}
    }
}

fn find_lost(tree: &UseTree, prefix: &str, lost: &mut String) {
    match tree {
        UseTree::Path(path) => find_lost(&path.tree, &format!("{prefix}{}::", path.ident), lost),
        UseTree::Group(group) => {
            for part in &group.items {
                match part {
                    UseTree::Glob(_) | UseTree::Group(_) => leaves(part, prefix, lost),
                    UseTree::Rename(own) if own.ident == "self" => leaves(part, prefix, lost),
                    part => find_lost(part, prefix, lost),
                }
            }
        }
        UseTree::Name(_) | UseTree::Rename(_) | UseTree::Glob(_) => {}
    }
}

/// Writes a `use` for every name that a tree brings.
fn leaves(tree: &UseTree, prefix: &str, out: &mut String) {
    let _ = match tree {
        UseTree::Path(path) => {
            leaves(&path.tree, &format!("{prefix}{}::", path.ident), out);
            Ok(())
        }
        UseTree::Group(group) => {
            group.items.iter().for_each(|part| leaves(part, prefix, out));
            Ok(())
        }
        UseTree::Name(name) if name.ident == "self" => {
            write!(out, " use {};", prefix.trim_end_matches("::"))
        }
        UseTree::Rename(own) if own.ident == "self" => {
            write!(out, " use {} as {};", prefix.trim_end_matches("::"), own.rename)
        }
        UseTree::Name(name) => write!(out, " use {prefix}{};", name.ident),
        UseTree::Rename(own) => write!(out, " use {prefix}{} as {};", own.ident, own.rename),
        UseTree::Glob(_) => write!(out, " use {prefix}*;"),
    };
}

#[cfg(test)]
mod tests {
    use super::super::rewritten;

    #[test]
    fn lost_imports_are_written_out() {
        for (code, expected) in [
            ("use std::fmt::{self, *};", " use std::fmt::*;"),
            ("use std::collections::{*, hash_map::*};", " use std::collections::*;"),
            ("use std::{fmt::{Debug, *}, io};", " use std::fmt::*;"),
            ("use std::fmt::*;", ""),
            ("use std::{fmt::*, io};", ""),
        ] {
            assert_eq!(rewritten(code, None).text, format!("{code}{expected}"));
        }
    }

    #[test]
    fn a_renamed_module_is_imported_by_its_new_name_only() {
        for (code, expected) in [
            ("use std::fmt::{self as f};", "use std::fmt::{/*self as f*/}; use std::fmt as f;"),
            ("use a::{self as b, c};", "use a::{/*self as b,*/ c}; use a as b;"),
            ("use a::{c, self as b};", "use a::{c, /*self as b*/}; use a as b;"),
        ] {
            assert_eq!(rewritten(code, None).text, expected);
        }
    }

    fn names(code: &str) -> Vec<String> {
        let text = rewritten(code, None).text;
        let parts = text.split("const ELBO_IMPL_").skip(1);
        parts.map(|part| part.split(':').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn methods_are_replaced_one_by_one_and_implementations_of_traits_as_a_whole() {
        let code = "impl P { fn a(&self) {}\n/// b\nfn b() {} }";
        let text = rewritten(code, None).text;
        assert_eq!(text.matches('\n').count(), code.matches('\n').count());
        assert!(text.contains("};  const ") || text.contains("} }; const "), "{text}");
        syn::parse_file(&text).unwrap();
        let both = names(code);
        assert_eq!(both.len(), 2);
        assert_eq!(names("impl P { fn b() { 2 } }"), both[1..]);
        assert_ne!(names("impl<T> P<T> { fn b() { 2 } }"), both[1..]);
        let first = names("impl T for P { fn a() {} fn b() {} }");
        assert_eq!(first.len(), 1);
        assert_eq!(names("use x::T; impl T for P { fn a() { 1 } }"), first);
    }

    #[test]
    fn an_impl_behind_a_named_item_belongs_to_it() {
        assert_eq!(names("struct P; impl P { fn a() {} }"), [""; 0]);
        assert_eq!(names("impl P { fn a() {} } struct Q; impl Q {}").len(), 1);
    }
}
