//! Generates the parser from `src/syntax/grammar.lalrpop`, and tells this compiler from every other one.

use std::error::Error;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    lalrpop::Configuration::new().use_cargo_dir_conventions().emit_rerun_directives(true).process()?;
    let mut files = Vec::new();
    for place in ["src", "Cargo.toml", "../velocity/src", "../Cargo.lock"] {
        if Path::new(place).exists() {
            println!("cargo:rerun-if-changed={place}");
            collect(Path::new(place), &mut files)?;
        }
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        (&file, fs::read(&file)?).hash(&mut hasher);
    }
    println!("cargo:rustc-env=COMPILER_BUILD={:016x}", hasher.finish());
    Ok(())
}

/// The files at a place and below it.
fn collect(place: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    if !place.is_dir() {
        files.push(place.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(place)? {
        collect(&entry?.path(), files)?;
    }
    Ok(())
}
