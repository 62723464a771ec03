//! URLs of requests.
//!
//! Scheme, host and port are literal, so that no data can choose where a request goes; the rest is brought into the form
//! in which it travels (RFC 3986). What a client would silently repair is refused instead: a tab that is dropped, a
//! backslash that becomes a slash, `0x7f.1` that becomes `127.0.0.1` would let a reviewer read another address than the
//! one that is called.
//!
//! In the path and the query, characters beyond ASCII are percent-encoded, hexadecimal digits are upper-cased; blanks,
//! quotes, `< > { } | ^` and the backtick must be written percent-encoded. A private address is allowed: whether the
//! daemon may call it is the daemon's setting.

use unicode_normalization::UnicodeNormalization as _;

use crate::catalogue::Code;
use crate::check::credential;
use crate::check::pieces::{Atom, Atoms, Piece, push_literal};
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::{Escape, Origin, OriginError};
use crate::source::{Span, Spanned};
use crate::syntax::ast::Text;

/// A URL whose structure is right; its values have no type yet.
#[derive(Clone, Debug)]
pub(crate) struct Url<'a> {
    /// Scheme, host and port.
    pub(crate) origin: Origin,
    /// The path with its leading slash.
    pub(crate) path: Vec<Piece<'a>>,
    /// Names and values in the order written.
    pub(crate) query: Vec<(String, Option<Vec<Piece<'a>>>)>,
}

/// Reads a URL. Nothing if a finding makes it unusable.
pub(crate) fn read<'a>(url: &'a Spanned<Text>, diagnostics: &mut Vec<Diagnostic>) -> Option<Url<'a>> {
    let atoms = Atoms::of(&url.node, url.span);
    let before = diagnostics.len();
    let authority = scheme(&atoms, diagnostics)?;
    let host_end = atoms.find(authority, atoms.len(), |c| matches!(c, '/' | '\\' | '?' | '#')).unwrap_or(atoms.len());
    let origin = origin(&atoms, authority, host_end, diagnostics);
    let end = fragment(&atoms, host_end, diagnostics);
    let question = atoms.find(host_end, end, |c| c == '?');
    let path = path(&atoms, host_end, question.unwrap_or(end), diagnostics);
    let query = question.map_or_else(Vec::new, |at| query(&atoms, at + 1, end, diagnostics));
    (diagnostics.len() == before).then_some(Url { origin: origin?, path, query })
}

/// Checks the scheme and says where the host begins.
fn scheme(atoms: &Atoms<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
    if atoms.len() == 0 {
        diagnostics.push(invalid(atoms.span(0, 0), "the URL is empty").hint("write `https://`, a host and a path"));
        return None;
    }
    let colon = (0..atoms.len())
        .find(|&at| atoms.char(at).is_none_or(|c| !c.is_ascii_alphanumeric() && c != '+' && c != '-' && c != '.'));
    let end = colon.unwrap_or(atoms.len());
    let word = atoms.literal(0, end).to_ascii_lowercase();
    if let Some(Atom::Hole(_)) = atoms.get(end) {
        let hole = atoms.span(end, end + 1);
        diagnostics.push(host_not_literal(hole, "it could choose the scheme"));
        return None;
    }
    if !atoms.starts_with(end, "://") {
        return missing_scheme(atoms, end, &word, diagnostics);
    }
    match word.as_str() {
        "https" => {}
        "http" => diagnostics.push(
            Diagnostic::new(Code::PlainHttp, atoms.span(0, end))
                .hint("write `https`; a service that cannot do so must not get a contact's data")
                .fix(Fix::replace(atoms.span(0, end), "https")),
        ),
        other => diagnostics.push(
            invalid(atoms.span(0, end), format!("the scheme `{other}` cannot be called")).hint("write `https://`"),
        ),
    }
    Some(end + 3)
}

/// There is no `://` behind the first word.
fn missing_scheme(atoms: &Atoms<'_>, end: usize, word: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
    let span = atoms.span(0, end.max(1));
    let finding = if matches!(word, "http" | "https") && atoms.char(end) == Some(':') {
        let slashes = (end + 1..atoms.len()).take_while(|&at| matches!(atoms.char(at), Some('/' | '\\'))).count();
        let typed = atoms.span(0, end + 1 + slashes);
        invalid(typed, "two slashes belong behind the scheme").fix(Fix::replace(typed, "https://"))
    } else if word.contains('.') {
        invalid(span, "the URL has no scheme")
            .hint("write `https://` before the host")
            .fix(Fix::insert_before(span, "https://"))
    } else {
        invalid(span, "this is not a URL").hint("a URL begins with `https://` and a host")
    };
    diagnostics.push(finding);
    None
}

/// Reads the host and the port between `from` and `to`.
fn origin(atoms: &Atoms<'_>, from: usize, to: usize, diagnostics: &mut Vec<Diagnostic>) -> Option<Origin> {
    let holes: Vec<Span> = atoms.holes(from, to).map(|(_, span)| span).collect();
    if !holes.is_empty() {
        let at_end =
            matches!(atoms.get(to.saturating_sub(1)), Some(Atom::Hole(_))) && holes.len() == 1 && from + 1 < to;
        for hole in holes {
            let finding = host_not_literal(hole, "it could choose the host");
            diagnostics.push(if at_end && !atoms.starts_with(to.saturating_sub(2), ":") {
                finding.hint("a slash before it makes it a part of the path").fix(Fix::insert_before(hole, "/"))
            } else {
                finding.hint("write the host out; where there are several, declare a webhook for each")
            });
        }
        return None;
    }
    if let Some(at) = (from..to).rev().find(|&at| atoms.char(at) == Some('@')) {
        let typed = atoms.span(from, at + 1);
        diagnostics.push(
            Diagnostic::new(Code::UrlUserInfo, typed)
                .hint("declare a `connector` of the kind `basic` and name it in an `auth` line")
                .fix(Fix::delete(typed).titled("remove the user name from the URL")),
        );
        return None;
    }
    let written = atoms.literal(from, to);
    let span = atoms.span(from, to);
    match host_and_port(&written) {
        Ok(origin) => Some(origin),
        Err(Refused { message, instead }) => {
            let mut finding = invalid(span, message);
            if let Some(instead) = instead {
                finding = finding.fix(Fix::replace(span, instead));
            }
            diagnostics.push(finding);
            None
        }
    }
}

/// Why a host is refused, and what to write in its place.
struct Refused {
    message: String,
    instead: Option<String>,
}

fn refused(message: impl Into<String>) -> Refused {
    Refused { message: message.into(), instead: None }
}

/// Reads `host[:port]`.
fn host_and_port(written: &str) -> Result<Origin, Refused> {
    if written.is_empty() {
        return Err(refused("the URL has no host"));
    }
    if let Some(bad) = written.chars().find(|c| c.is_control() || c.is_whitespace() || "\"'<>^`{|}%\\".contains(*c)) {
        return Err(refused(format!("{} cannot stand in a host", shown(bad))));
    }
    let (host, port) = match written.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (written, None),
    };
    if let Some(port) = port
        && !port.parse::<u16>().is_ok_and(|number| number > 0 && port.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(refused(format!("`{port}` is not a port; ports go from 1 to 65535")));
    }
    let origin = Origin::from_literal(&format!("https://{written}/")).map_err(|error| match error {
        OriginError::UserInfo => refused("a host has no `@`"),
        OriginError::Malformed | OriginError::NotHttps => refused(format!("`{host}` is not a host name")),
    })?;
    // What the parser made of it must be what a reader saw: letters beyond ASCII become their Punycode form, nothing else
    // may change.
    let typed: String = host.nfc().collect::<String>().to_lowercase();
    if typed != origin.host() && typed != url::quirks::domain_to_unicode(origin.host()) {
        let suffix = port.map_or_else(String::new, |port| format!(":{port}"));
        return Err(Refused {
            message: format!("`{host}` is another spelling of `{}`", origin.host()),
            instead: Some(format!("{}{suffix}", origin.host())),
        });
    }
    Ok(origin)
}

/// Refuses a fragment, and says where the URL ends without it.
fn fragment(atoms: &Atoms<'_>, from: usize, diagnostics: &mut Vec<Diagnostic>) -> usize {
    let Some(at) = atoms.find(from, atoms.len(), |c| c == '#') else { return atoms.len() };
    let span = atoms.span(at, atoms.len());
    diagnostics.push(
        invalid(span, "what stands behind `#` is never sent")
            .hint("remove it; a `#` that belongs to the path or the query is written `%23`")
            .fix(Fix::delete(span)),
    );
    at
}

/// The path in `from..to` with its leading slash.
fn path<'a>(atoms: &Atoms<'a>, from: usize, to: usize, diagnostics: &mut Vec<Diagnostic>) -> Vec<Piece<'a>> {
    if from >= to {
        return vec![Piece::Literal("/".to_owned())];
    }
    let mut start = from;
    while start < to {
        let end = atoms.find(start + 1, to, |c| c == '/').unwrap_or(to);
        let segment = atoms.literal(start, end);
        let dots = segment.trim_start_matches('/').to_ascii_lowercase().replace("%2e", ".");
        if atoms.holes(start, end).next().is_none() && matches!(dots.as_str(), "." | "..") {
            let typed = atoms.span(start, end);
            diagnostics.push(
                invalid(typed, "a path goes down only: `.` and `..` are no segments of it")
                    .hint("write the path that is meant"),
            );
        }
        for (word, span) in literal_words(atoms, start, end) {
            credential::check(&word, span, None, diagnostics);
        }
        start = end;
    }
    encoded(atoms, from, to, Escape::PathSegment, diagnostics)
}

/// The parameters in `from..to`.
fn query<'a>(
    atoms: &Atoms<'a>,
    from: usize,
    to: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(String, Option<Vec<Piece<'a>>>)> {
    let mut parameters = Vec::new();
    let mut start = from;
    while start <= to {
        let end = atoms.find(start, to, |c| c == '&').unwrap_or(to);
        let equals = atoms.find(start, end, |c| c == '=');
        let name_end = equals.unwrap_or(end);
        for (_, hole) in atoms.holes(start, name_end) {
            diagnostics.push(
                Diagnostic::new(Code::UrlQueryNameNotLiteral, hole)
                    .hint("write the parameter's name out and the value behind `=`: `?name=${…}`"),
            );
        }
        let name: String = match encoded(atoms, start, name_end, Escape::QueryValue, diagnostics).as_slice() {
            [Piece::Literal(name)] => name.clone(),
            _ => String::new(),
        };
        if start == name_end && equals.is_some() {
            diagnostics.push(invalid(atoms.span(start, end), "this parameter has no name"));
        }
        if start < end {
            let plain_name = atoms.literal(start, name_end);
            for (word, span) in equals.map_or_else(Vec::new, |at| literal_words(atoms, at + 1, end)) {
                credential::check(&word, span, Some(&plain_name), diagnostics);
            }
            let value = equals.map(|at| encoded(atoms, at + 1, end, Escape::QueryValue, diagnostics));
            parameters.push((name, value));
        }
        start = end + 1;
    }
    parameters
}

/// The literal stretches of `from..to` with their places.
fn literal_words(atoms: &Atoms<'_>, from: usize, to: usize) -> Vec<(String, Span)> {
    let mut words = Vec::new();
    let mut start = from;
    for at in from..=to {
        if at == to || atoms.char(at).is_none() {
            if start < at {
                words.push((atoms.literal(start, at), atoms.span(start, at)));
            }
            start = at + 1;
        }
    }
    words
}

/// The atoms `from..to` in the form in which they travel.
fn encoded<'a>(
    atoms: &Atoms<'a>,
    from: usize,
    to: usize,
    escape: Escape,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut at = from;
    while at < to {
        match atoms.get(at) {
            Some(Atom::Hole(value)) => pieces.push(Piece::Hole { value, escape }),
            Some(Atom::Char('%')) => match hexadecimal(atoms, at + 1, to) {
                Some(digits) => {
                    push_literal(&mut pieces, &format!("%{}", digits.to_ascii_uppercase()));
                    at += 2;
                }
                None => diagnostics.push(
                    invalid(atoms.span(at, at + 1), "two hexadecimal digits belong behind `%`")
                        .hint("a percent sign itself is written `%25`")
                        .fix(Fix::replace(atoms.span(at, at + 1), "%25")),
                ),
            },
            Some(Atom::Char(character)) if allowed(character, escape) => {
                push_literal(&mut pieces, character.encode_utf8(&mut [0; 4]));
            }
            Some(Atom::Char(character)) if !character.is_ascii() && !invisible(character) => {
                push_literal(&mut pieces, &percent_encoded(character));
            }
            // `${` without its brace: reported where the text is read, which reads it as text.
            Some(Atom::Char('{'))
                if at > from && atoms.char(at - 1) == Some('$') && atoms.span(at - 1, at).len() == 1 => {}
            Some(Atom::Char('{')) => {
                let end = placeholder(atoms, at, to);
                diagnostics.push(bad_placeholder(atoms, at, end));
                at = end;
                continue;
            }
            Some(Atom::Char(character)) => diagnostics.push(bad_character(character, atoms.span(at, at + 1))),
            None => break,
        }
        at += 1;
    }
    pieces
}

/// Two hexadecimal digits at `from`.
fn hexadecimal(atoms: &Atoms<'_>, from: usize, to: usize) -> Option<String> {
    if from + 2 > to {
        return None;
    }
    let digits = atoms.literal(from, from + 2);
    (digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(digits)
}

/// RFC 3986: `pchar` and `/`, in a query also `?`.
fn allowed(character: char, escape: Escape) -> bool {
    character.is_ascii_alphanumeric()
        || "-._~!$&'()*+,;=:@/".contains(character)
        || (character == '?' && matches!(escape, Escape::QueryValue))
}

/// Characters that a reader does not see, or that change the direction of what he sees.
fn invisible(character: char) -> bool {
    character.is_control()
        || character.is_whitespace()
        || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn percent_encoded(character: char) -> String {
    character.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// So many characters a placeholder may have.
const LONGEST_PLACEHOLDER: usize = 80;

/// Where a placeholder of another language ends, `{id}` or `{{ contact.id }}`: one slip is one finding.
fn placeholder(atoms: &Atoms<'_>, from: usize, to: usize) -> usize {
    let names = |at: &usize| {
        atoms
            .char(*at)
            .is_some_and(|character| character.is_alphanumeric() || matches!(character, '{' | '}' | '.' | '_'))
    };
    // A bound, for each brace that is not closed begins anew.
    let near = (from..to).take(LONGEST_PLACEHOLDER);
    let end = near.take_while(|at| names(at) || atoms.char(*at) == Some(' ')).last().unwrap_or(from);
    // Only what is closed is one.
    (from..=end).rev().find(|at| atoms.char(*at) == Some('}')).unwrap_or(from) + 1
}

fn bad_placeholder(atoms: &Atoms<'_>, from: usize, to: usize) -> Diagnostic {
    let written: String = (from..to).filter_map(|at| atoms.char(at)).collect();
    let finding = invalid(atoms.span(from, to), format!("`{written}` cannot stand in a URL"));
    let path = written.trim_matches(['{', '}', ' ']);
    if path.starts_with("contact.") || path.starts_with("event.") || path.starts_with("data.") {
        let value = format!("${{{path}}}");
        finding.hint(format!("a value is written `{value}`")).fix(Fix::replace(atoms.span(from, to), value))
    } else {
        finding.hint("a value is written `${…}`")
    }
}

fn bad_character(character: char, span: Span) -> Diagnostic {
    let finding = invalid(span, format!("{} cannot stand in a URL", shown(character)));
    match character {
        '\\' => finding.hint("a slash is `/`; a backslash itself is written `%5C`").fix(Fix::replace(span, "/")),
        '}' => finding.hint("a value is written `${…}`"),
        ' ' => finding.hint("a blank is written `%20`").fix(Fix::replace(span, "%20")),
        printable if printable.is_ascii_graphic() => {
            let instead = percent_encoded(printable);
            finding.hint(format!("write `{instead}`")).fix(Fix::replace(span, instead))
        }
        _ => finding.hint("remove it").fix(Fix::delete(span)),
    }
}

/// A character in words that a report can show.
pub(crate) fn shown(character: char) -> String {
    match character {
        ' ' => "a blank".to_owned(),
        '\t' => "a tab".to_owned(),
        '\n' | '\r' => "a line break".to_owned(),
        '`' => "a backtick".to_owned(),
        other if invisible(other) => format!("the invisible character U+{:04X}", u32::from(other)),
        other => format!("`{other}`"),
    }
}

fn invalid(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Code::UrlInvalid, span).message(message)
}

fn host_not_literal(hole: Span, label: &str) -> Diagnostic {
    Diagnostic::new(Code::UrlHostNotLiteral, hole)
        .label(label)
        .hint("write scheme, host and port out; values may stand in the path and in the query")
}
