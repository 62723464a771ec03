//! Every format tells places right: with letters of several bytes and of two units of UTF-16, with tabs and CRLF.

use compiler::report;
use compiler::source::Sources;
use serde_json::Value;

use super::place::Places;
use super::{github, junit, sarif};

/// A text with `@` before the name that is unknown, and where that is: line, column in characters, column in UTF-16.
const TEXTS: [(&str, u32, u32, u32); 6] = [
    ("segment s { contact.@nope is set }", 1, 21, 21),
    ("// кіт\nsegment s { contact.@nope is set }", 2, 21, 21),
    ("segment s { \"кіт\" == \"\" or contact.@nope is set }", 1, 36, 36),
    ("segment s { \"😀\" == \"\" or contact.@nope is set }", 1, 34, 35),
    ("segment s {\r\n\t\"😀😀\" == \"\" or contact.@nope is set\r\n}\r\n", 2, 24, 26),
    ("\u{feff}segment s { contact.@nope is set }", 1, 21, 21),
];

#[test]
fn places_are_right_in_every_format() {
    for (marked, line, column, utf16) in TEXTS {
        let offset = marked.find('@').unwrap();
        let text = marked.replace('@', "");
        let sources = Sources::single("a b/кіт.wf", &text);
        let diagnostics = compiler::compile(&sources).diagnostics;
        let found: Vec<_> = diagnostics.into_iter().filter(|it| it.code.slug() == "unknown-field").collect();
        assert_eq!(found.len(), 1, "{text}");
        let places = Places::new(&sources, std::path::Path::new("."));

        let json = &report::json(&found, &sources)[0]["place"]["start"];
        let expected = serde_json::json!({ "line": line, "column": column, "offset": offset });
        assert_eq!(*json, expected, "json: {text:?}");
        let concise = report::concise(&found, &sources);
        assert!(concise.starts_with(&format!("a b/кіт.wf:{line}:{column}: error[unknown-field]: ")), "{concise}");
        let github = github::annotations(&found, &places);
        assert!(
            github.contains(&format!(",line={line},col={column},endLine={line},endColumn={},", column + 4)),
            "{github}"
        );
        let junit = junit::report(&found, &places);
        assert!(junit.contains(&format!("name=\"unknown-field at {line}:{column}\"")), "{junit}");

        let log = sarif::log(&found, &places);
        let result = &log["runs"][0]["results"][0];
        let region = serde_json::json!({
            "startLine": line, "startColumn": utf16, "endLine": line, "endColumn": utf16 + 4,
            "byteOffset": offset, "byteLength": 4,
        });
        let location = &result["locations"][0]["physicalLocation"];
        assert_eq!(location["region"], region, "sarif: {text:?}");
        let uri = location["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.ends_with("a%20b/%D0%BA%D1%96%D1%82.wf"), "{uri}");
    }
}

/// What the schema of SARIF 2.1.0 asks of the parts that are written: required properties, types, ranges, and nothing that
/// it does not know.
fn is_valid(log: &Value) {
    let keys = |value: &Value, required: &[&str], optional: &[&str]| {
        let object = value.as_object().unwrap_or_else(|| panic!("an object: {value}"));
        for key in required {
            assert!(object.contains_key(*key), "{key} is missing: {value}");
        }
        for key in object.keys() {
            assert!(
                required.contains(&key.as_str()) || optional.contains(&key.as_str()),
                "{key} is not known: {value}"
            );
        }
    };
    let location = |value: &Value| {
        keys(value, &["physicalLocation"], &["id", "message"]);
        let physical = &value["physicalLocation"];
        keys(physical, &["artifactLocation", "region"], &[]);
        region(&physical["region"]);
    };
    fn region(value: &Value) {
        for key in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(value[key].as_u64().is_some_and(|number| number >= 1), "{key}: {value}");
        }
        for key in ["byteOffset", "byteLength"] {
            assert!(value[key].is_u64(), "{key}: {value}");
        }
    }
    keys(log, &["$schema", "version", "runs"], &[]);
    assert_eq!(log["version"], "2.1.0");
    for run in log["runs"].as_array().unwrap() {
        keys(run, &["tool", "columnKind", "results"], &[]);
        keys(&run["tool"], &["driver"], &[]);
        let driver = &run["tool"]["driver"];
        keys(driver, &["name", "version", "rules"], &[]);
        let rules = driver["rules"].as_array().unwrap();
        for rule in rules {
            keys(rule, &["id", "shortDescription", "help", "defaultConfiguration"], &[]);
            assert!(["error", "warning"].contains(&rule["defaultConfiguration"]["level"].as_str().unwrap()));
        }
        for result in run["results"].as_array().unwrap() {
            keys(result, &["ruleId", "ruleIndex", "level", "message", "locations", "relatedLocations"], &["fixes"]);
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
            let related = result["relatedLocations"].as_array().unwrap();
            result["locations"].as_array().unwrap().iter().chain(related).for_each(location);
            for fix in result["fixes"].as_array().into_iter().flatten() {
                keys(fix, &["description", "artifactChanges"], &[]);
                for change in fix["artifactChanges"].as_array().unwrap() {
                    keys(change, &["artifactLocation", "replacements"], &[]);
                    let replacements = change["replacements"].as_array().unwrap();
                    assert!(!replacements.is_empty());
                    for replacement in replacements {
                        keys(replacement, &["deletedRegion", "insertedContent"], &[]);
                        region(&replacement["deletedRegion"]);
                    }
                }
            }
        }
    }
}

const WRONG: &str = "event e { a: strng }\nevent e { b: int }\nworkflow w {\n  on e\n  identify by email event.mail else create\n  \
                     if event.b = 1 { send mesage }\n}\nsegment s { contact.twon is set }\n";

#[test]
fn the_log_is_sarif() {
    for text in ["", "event e { a: string }", WRONG] {
        let sources = Sources::single("a.wf", text);
        let diagnostics = compiler::compile(&sources).diagnostics;
        let log = sarif::log(&diagnostics, &Places::new(&sources, std::path::Path::new(".")));
        assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), diagnostics.len());
        is_valid(&log);
    }
}

#[test]
fn the_report_is_well_formed_and_counts() {
    let sources: Sources =
        [("a.wf", WRONG), ("b\".wf", "event f { a: \"<&\u{1}]]>\" }"), ("c.wf", "")].into_iter().collect();
    let diagnostics = compiler::compile(&sources).diagnostics;
    let report = junit::report(&diagnostics, &Places::new(&sources, std::path::Path::new(".")));
    let errors = diagnostics.iter().filter(|finding| finding.is_error()).count();
    assert!(errors > 3, "{diagnostics:#?}");
    assert_eq!(report.matches("<failure ").count(), errors);
    assert!(report.contains(&format!("failures=\"{errors}\"")), "{report}");
    assert_eq!(
        report.matches("<testcase ").count(),
        report.matches("</testcase>").count() + report.matches("/>").count()
    );
    assert!(report.contains("name=\"check\"") && !report.contains('\u{1}') && !report.contains("]]>"), "{report}");
}
