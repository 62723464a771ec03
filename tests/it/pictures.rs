//! The pictures of the examples are those of their workflows. `UPDATE=1 cargo test` draws them anew.

use std::path::{Path, PathBuf};

use compiler::graph::{Graph, svg};

use crate::tidy::{none, text};

/// The folders of the examples that are projects.
fn projects() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut found: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.join("wf.toml").is_file());
    found.sort();
    assert!(!found.is_empty(), "no example is a project");
    found
}

#[test]
fn pictures_of_the_examples_are_current() {
    let mut findings = Vec::new();
    let readme = text("README.md");
    for folder in projects() {
        let program = runtime::project::load(&folder).unwrap().compile().program.unwrap();
        for (name, workflow) in &program.workflows {
            let path = folder.join(format!("{name}.svg"));
            let drawn = svg(&Graph::of(name, workflow));
            if std::env::var_os("UPDATE").is_some() {
                std::fs::write(&path, &drawn).unwrap();
            }
            let shown = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string();
            if std::fs::read_to_string(&path).unwrap_or_default() != drawn {
                findings.push(format!("{shown} is not what `wf graph {name}` draws"));
            }
            if !readme.contains(&format!("({shown})")) {
                findings.push(format!("README.md does not show {shown}"));
            }
        }
    }
    none(findings);
}
