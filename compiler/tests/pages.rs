//! The pages of the catalogue: no text without a code.

use compiler::catalogue::Code;

#[test]
fn every_page_has_its_code() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../lang-spec/errors");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let slug = name.strip_suffix(".md").unwrap_or_else(|| panic!("{name}: only pages lie here"));
        assert!(Code::find(slug).is_some(), "{name}: no code has this page");
    }
}
