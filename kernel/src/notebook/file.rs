//! Reads notebooks of all versions, writes version 4.5.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context, Result};
use nbformat::Notebook as AnyVersion;
use nbformat::v4::{KernelSpec, LanguageInfo, Notebook};

/// Reads a notebook. Cells without an id get one.
///
/// # Errors
/// When the file is not there or is not a notebook.
pub fn load(path: &Path) -> Result<Notebook> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("notebook {} cannot be read; check the path", path.display()))?;
    parse(&text).with_context(|| format!("{} is not a Jupyter notebook", path.display()))
}

fn parse(text: &str) -> Result<Notebook> {
    match nbformat::parse_notebook(text)? {
        AnyVersion::V4(notebook) => Ok(notebook),
        AnyVersion::V4QuirksMode(quirks) => Ok(quirks.repair()),
        AnyVersion::Legacy(notebook) => nbformat::upgrade_legacy_notebook(notebook),
        AnyVersion::V3(notebook) => nbformat::upgrade_v3_notebook(notebook),
        _ => anyhow::bail!("its version is not known"),
    }
}

/// Writes a notebook. Whoever reads the file meanwhile sees the old or the new one, never a part.
///
/// # Errors
/// When the file cannot be written.
pub fn save(notebook: &mut Notebook, path: &Path) -> Result<()> {
    complete_metadata(notebook);
    let text = nbformat::serialize_notebook(&AnyVersion::V4(notebook.clone()))?;
    write_whole(path, text.as_bytes())
}

/// Replaces a file as a whole. Behind a symbolic link it is the file that is replaced, not the
/// link.
///
/// # Errors
/// When the folder or the file cannot be written.
pub fn write_whole(path: &Path, content: &[u8]) -> Result<()> {
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let write = || -> Result<()> {
        // Temporary files are private; this one is to be like any other, less the umask.
        let usual = fs::Permissions::from_mode(0o666);
        let mut file = tempfile::Builder::new().permissions(usual).tempfile_in(folder)?;
        file.write_all(content)?;
        // After a power failure too, there must be no empty file under the name.
        file.as_file().sync_all()?;
        if let Ok(old) = fs::metadata(path) {
            file.as_file().set_permissions(old.permissions())?;
        }
        file.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Names the language where the notebook does not, so that editors highlight it.
fn complete_metadata(notebook: &mut Notebook) {
    let metadata = &mut notebook.metadata;
    metadata.kernelspec.get_or_insert_with(|| KernelSpec {
        name: crate::KERNEL_NAME.to_owned(),
        display_name: crate::DISPLAY_NAME.to_owned(),
        language: Some("rust".to_owned()),
        additional: Default::default(),
    });
    metadata.language_info.get_or_insert_with(|| LanguageInfo {
        name: "rust".to_owned(),
        version: None,
        codemirror_mode: None,
        additional: Default::default(),
    });
}

/// The language of a notebook that is not written in Rust, as far as it says.
pub fn other_language(notebook: &Notebook) -> Option<String> {
    let kernel = notebook.metadata.kernelspec.as_ref();
    let named = notebook.metadata.language_info.as_ref().map(|info| info.name.clone());
    let language = named.or_else(|| kernel.and_then(|kernel| kernel.language.clone()));
    // Old notebooks name nothing but the kernel.
    let of_kernel = || match kernel?.name.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "python" => Some("Python".to_owned()),
        "ir" => Some("R".to_owned()),
        name if name.starts_with("julia") => Some("Julia".to_owned()),
        _ => None,
    };
    language.or_else(of_kernel).filter(|language| !language.eq_ignore_ascii_case("rust"))
}

/// A cell's source as one text.
pub fn source_text(source: &[String]) -> String {
    source.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTEBOOK: &str = r##"{
 "cells": [
  {"cell_type": "markdown", "id": "m-1", "metadata": {"x": {"y": 1}}, "source": ["# T\n", "a"]},
  {"cell_type": "code", "id": "c-1", "metadata": {"tags": ["parameters"]}, "source": "let a = 1;",
   "execution_count": 3,
   "outputs": [{"output_type": "stream", "name": "stdout", "text": ["a\n", "b"]}]},
  {"cell_type": "raw", "id": "r-1", "metadata": {}, "source": ["raw"]}
 ],
 "metadata": {"kernelspec": {"name": "k", "display_name": "K", "language": "rust"}, "mine": [1]},
 "nbformat": 4, "nbformat_minor": 5
}"##;

    #[test]
    fn a_notebook_of_another_language_is_known() {
        for (metadata, expected) in [
            (r#"{}"#, None),
            (
                r#"{"kernelspec": {"name": "rust", "display_name": "Rust", "language": "Rust"}}"#,
                None,
            ),
            (r#"{"kernelspec": {"name": "mine", "display_name": "M"}}"#, None),
            (r#"{"kernelspec": {"name": "python3", "display_name": "Py"}}"#, Some("Python")),
            (r#"{"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}"#, Some("R")),
            (r#"{"language_info": {"name": "julia"}}"#, Some("julia")),
        ] {
            let text = format!(
                "{{\"cells\": [], \"metadata\": {metadata}, \"nbformat\": 4, \"nbformat_minor\": 5}}"
            );
            let notebook = parse(&text).unwrap();
            assert_eq!(other_language(&notebook).as_deref(), expected, "{metadata}");
        }
    }

    #[test]
    fn reading_and_writing_keeps_ids_metadata_outputs_and_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("n.ipynb");
        fs::write(&path, NOTEBOOK).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
        let mut notebook = load(&path).unwrap();
        save(&mut notebook, &path).unwrap();

        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o664);
        let json: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(json["cells"][0]["metadata"]["x"]["y"], 1);
        assert_eq!(json["cells"][1]["id"], "c-1");
        assert_eq!(json["cells"][1]["outputs"][0]["text"], serde_json::json!(["a\n", "b"]));
        assert_eq!(json["metadata"]["mine"][0], 1);
        assert_eq!(json["metadata"]["kernelspec"]["name"], "k");
    }

    #[test]
    fn a_file_is_replaced_behind_its_link_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink("real", &link).unwrap();
        write_whole(&link, b"new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_missing_file_and_a_file_that_is_no_notebook_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("n.ipynb");
        assert!(load(&path).unwrap_err().to_string().contains("cannot be read"));
        fs::write(&path, "{}").unwrap();
        assert!(load(&path).unwrap_err().to_string().contains("is not a Jupyter notebook"));
    }
}
