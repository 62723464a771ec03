//! What is kept in folders.

use std::path::Path;

/// Every file below a folder that has one of these words in it.
pub(crate) fn files_with(folder: &Path, words: &[&str]) -> Vec<String> {
    let (mut folders, mut found) = (vec![folder.to_owned()], vec![]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let has =
                |word: &&&str| bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()));
            found.extend(words.iter().filter(has).map(|word| format!("{}: {word}", path.display())));
        }
    }
    found
}
