//! Messages: their parts, the addresses in them and the files that they name.

use super::{accepts_sources, refuses, refuses_sources};
use crate::source::Sources;

fn email(parts: &str) -> String {
    format!("message m {{\n  email {{\n    {parts}\n  }}\n}}\n")
}

#[test]
fn an_email_has_its_parts_once() {
    let head = "from \"a@b.co\" subject \"Hi\"";
    let table: &[(String, &[(&str, &str)])] = &[
        ("message m { }\n".to_owned(), &[("setting-missing", "m")]),
        (email("subject \"Hi\" text \"x\""), &[("setting-missing", "email")]),
        (email("from \"a@b.co\" text \"x\""), &[("setting-missing", "email")]),
        (email(head), &[("setting-missing", "email")]),
        (email(&format!("{head} footer \"x\"")), &[("unknown-setting", "footer")]),
        (email(&format!("{head} texd \"x\"")), &[("unknown-setting", "texd")]),
        (email(&format!("{head} text \"x\" text \"y\"")), &[("setting-twice", "text \"y\"")]),
        (email(&format!("{head} text \"\"")), &[("setting-invalid", "\"\"")]),
        (email(&format!("{head} text contact.town")), &[("setting-invalid", "contact.town")]),
        (email("from \"a@b.co\" subject file \"x.vm\" text \"x\""), &[("setting-invalid", "\"x.vm\"")]),
        (
            email("from \"a@b.co\" subject \"\"\"\n      Hi\n      Bcc: x@y.zz\n      \"\"\" text \"x\""),
            &[("setting-invalid", "\n")],
        ),
        ("message m { emial { from \"a@b.co\" } }\n".to_owned(), &[("unknown-name", "emial")]),
    ];
    for (program, expected) in table {
        refuses(program, expected);
    }
}

#[test]
fn literal_addresses_are_one_address_each() {
    for bad in ["a", "a@b", "a@b.co, c@d.co", "Shop, Inc. <a@b.co>", "a@[127.0.0.1]", "-a@b.co", "a@b.co>"] {
        refuses(&email(&format!("from \"{bad}\" subject \"Hi\" text \"x\"")), &[("address-invalid", bad)]);
        refuses(
            &email(&format!("from \"a@b.co\" reply_to \"{bad}\" subject \"Hi\" text \"x\"")),
            &[("address-invalid", bad)],
        );
    }
    let whole = "from \"Лавка <a@b.co>\" to \"$!contact.email\" reply_to \"$!contact.first_name <c@d.co>\"";
    accepts_sources(&Sources::single("a.wf", &email(&format!("{whole} subject \"Hi\" text \"x\""))));
}

fn with_files(path: &str, files: &[(&str, &str)]) -> Sources {
    let program = email(&format!("from \"a@b.co\" subject \"Hi\" html file \"{path}\""));
    let mut sources = Sources::single("letters/a.wf", &program);
    for (path, text) in files {
        sources.add(*path, *text);
    }
    sources
}

#[test]
fn files_lie_inside_the_project() {
    let files = [("letters/hello.vm", "Hello"), ("x.vm", "x")];
    for path in ["../x.vm", "/x.vm", "letters/../../x.vm", "C:/x.vm", "letters\\\\hello.vm", ""] {
        refuses_sources(&with_files(path, &files), &[("file-outside", &format!("\"{path}\""))]);
    }
    for path in ["hello.vm", "letters/helo.vm", "nothing.vm"] {
        refuses_sources(&with_files(path, &files), &[("file-missing", &format!("\"{path}\""))]);
    }
    let program = accepts_sources(&with_files("letters/hello.vm", &files));
    let html = program.messages["m"].email.as_ref().and_then(|email| email.html.clone()).expect("an HTML part");
    assert_eq!((html.name.as_str(), html.source.as_str()), ("letters/hello.vm", "Hello"));
}

#[test]
fn mistakes_in_a_file_are_underlined_in_the_file() {
    let sources = with_files("x.vm", &[("x.vm", "\u{feff}<p>Привіт,\r\n$!contact.first_nam</p>")]);
    refuses_sources(&sources, &[("unknown-field", "first_nam")]);
    refuses_sources(&with_files("x.vm", &[("x.vm", "Привіт #evaluate('x')")]), &[("template-directive", "#evaluate")]);
}
