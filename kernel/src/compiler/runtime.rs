//! The module that evcxr writes into every cell, replaced by the prelude's.

use syn::spanned::Spanned;

use super::settings::Library;

/// The module's name.
const MODULE: &str = "evcxr_internal_runtime";

/// The cell with the prelude's compiled store of variables in the place of its own. Every line
/// stays where it was.
pub fn with_compiled_store(source: &str, library: &Library) -> String {
    let Some((start, end)) = own_module(source) else { return source.to_owned() };
    let lines = "\n".repeat(source[start..end].matches('\n').count());
    let import = format!("mod {MODULE} {{ pub use ::{}::variable_store::*; }}", library.name);
    format!("{}{import}{lines}{}", &source[..start], &source[end..])
}

/// Where the module begins and ends. What cannot be parsed will not compile either.
fn own_module(source: &str) -> Option<(usize, usize)> {
    let file = syn::parse_file(source).ok()?;
    file.items.iter().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == MODULE => {
            let place = module.span().byte_range();
            Some((place.start, place.end))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_where_they_were() {
        let library = Library {
            name: "elbo".to_owned(),
            file: "libelbo.so".into(),
            dependencies: "deps".into(),
        };
        let cell = "use a;\nmod evcxr_internal_runtime {\npub struct S;\n}\n\nfn f() {}\n";
        let expected = "use a;\n\
                        mod evcxr_internal_runtime { pub use ::elbo::variable_store::*; }\n\n\
                        \n\nfn f() {}\n";
        assert_eq!(with_compiled_store(cell, &library), expected);
        for other in ["fn f() {}\n", "mod evcxr_internal_runtime {\nfn (\n}"] {
            assert_eq!(with_compiled_store(other, &library), other);
        }
    }
}
