//! XML bodies: well-formed as written, and a value only where XML can take one.
//!
//! The literal text is scanned with its holes in place (XML 1.0, fifth edition), because a parser that sees the text only
//! after the values are in it cannot tell a customer's `<` from the author's. A hole is allowed in character data and in
//! a quoted attribute value, and is escaped for it; everywhere else it is refused. A `DOCTYPE` is refused: it has no use
//! in a request and is what attacks on XML readers begin with. Namespace prefixes are not looked at.

mod characters;
mod tags;

use characters::{is_blank, is_character, is_name_character, is_name_start, is_xml};

use crate::catalogue::Code;
use crate::check::pieces::{Atom, Atoms, Piece, push_letters};
use crate::check::url::shown;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::Escape;
use crate::source::Span;
use crate::syntax::ast::Text;

/// Reads an XML body. Nothing if it is not well-formed.
pub(crate) fn read<'a>(text: &'a Text, whole: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<Piece<'a>>> {
    let atoms = Atoms::of(text, whole);
    let before = diagnostics.len();
    let mut scan = Scan { atoms: &atoms, at: 0, open: Vec::new(), root_seen: false, pieces: Vec::new(), diagnostics };
    scan.document();
    let pieces = scan.pieces;
    (diagnostics.len() == before).then_some(pieces)
}

struct Scan<'s, 'a> {
    atoms: &'s Atoms<'a>,
    at: usize,
    /// The names of the open elements and where their tags stand.
    open: Vec<(String, Span)>,
    root_seen: bool,
    pieces: Vec<Piece<'a>>,
    diagnostics: &'s mut Vec<Diagnostic>,
}

/// The scan cannot go on: what follows would be reported for this mistake's sake.
struct Lost;

type Scanned<T = ()> = Result<T, Lost>;

impl<'a> Scan<'_, 'a> {
    fn document(&mut self) {
        while self.at < self.atoms.len() {
            if self.markup_or_text().is_err() {
                return;
            }
        }
        if let Some((name, span)) = self.open.pop() {
            self.report(span, format!("the element `{name}` is never closed"), Some(format!("write `</{name}>`")));
        } else if !self.root_seen && self.diagnostics.is_empty() {
            let whole = self.atoms.span(0, self.atoms.len());
            self.report(whole, "the document has no element", None);
        }
    }

    fn markup_or_text(&mut self) -> Scanned {
        if self.atoms.char(self.at) != Some('<') {
            self.text()
        } else if self.sees("<!--") {
            self.comment()
        } else if self.sees("<![CDATA[") {
            self.cdata()
        } else if self.sees("<!") {
            self.doctype()
        } else if self.sees("<?") {
            self.instruction()
        } else if self.sees("</") {
            self.end_tag()
        } else {
            self.start_tag()
        }
    }

    /// Characters, a reference or a hole of character data.
    fn text(&mut self) -> Scanned {
        let outside = self.open.is_empty();
        match self.atoms.get(self.at) {
            Some(Atom::Hole(_)) if outside => {
                let span = self.here();
                self.misplaced(span, "it stands outside the document's element");
                self.at += 1;
            }
            Some(Atom::Hole(value)) => self.hole(value, Escape::XmlText),
            Some(Atom::Char(character)) if outside && !is_blank(character) => {
                let message = if self.root_seen {
                    "text stands behind the document's element"
                } else {
                    "text stands before the document's element"
                };
                let end = (self.at..self.atoms.len())
                    .find(|&at| self.atoms.char(at).is_none_or(|c| c == '<' || is_blank(c)))
                    .unwrap_or(self.atoms.len());
                self.report(self.atoms.span(self.at, end), message, Some("a document is one element".to_owned()));
                return Err(Lost);
            }
            Some(Atom::Char('&')) => self.reference(),
            Some(Atom::Char(']')) if self.sees("]]>") => {
                let span = self.atoms.span(self.at, self.at + 3);
                self.push(
                    malformed(span, "`]]>` cannot stand in text")
                        .hint("write `]]&gt;`")
                        .fix(Fix::replace(span, "]]&gt;")),
                );
                self.at += 3;
            }
            Some(Atom::Char(_)) if outside => self.character(),
            Some(Atom::Char(_)) => self.characters(|character| !matches!(character, '<' | '&' | ']')),
            None => {}
        }
        Ok(())
    }

    /// `<!-- … -->`.
    fn comment(&mut self) -> Scanned {
        let start = self.at;
        self.take(4);
        while self.at < self.atoms.len() {
            if self.sees("-->") {
                self.take(3);
                return Ok(());
            }
            if self.sees("--") {
                let span = self.atoms.span(self.at, self.at + 2);
                self.report(span, "`--` cannot stand in a comment", None);
                self.at += 2;
                continue;
            }
            self.literal_only("it stands in a comment");
        }
        self.report(self.atoms.span(start, start + 4), "the comment is never closed", Some("write `-->`".to_owned()));
        Err(Lost)
    }

    /// `<![CDATA[ … ]]>`.
    fn cdata(&mut self) -> Scanned {
        let start = self.at;
        if self.open.is_empty() {
            let span = self.atoms.span(start, start + 9);
            self.report(span, "a CDATA section stands outside the document's element", None);
            return Err(Lost);
        }
        self.take(9);
        while self.at < self.atoms.len() {
            if self.sees("]]>") {
                self.take(3);
                return Ok(());
            }
            self.literal_only("in a CDATA section nothing can be escaped");
        }
        let span = self.atoms.span(start, start + 9);
        self.report(span, "the CDATA section is never closed", Some("write `]]>`".to_owned()));
        Err(Lost)
    }

    /// `<!DOCTYPE …`, or something that does not exist.
    fn doctype(&mut self) -> Scanned {
        let end = self.atoms.find(self.at, self.atoms.len(), |c| c == '>').map_or(self.atoms.len(), |at| at + 1);
        let span = self.atoms.span(self.at, end);
        if self.atoms.literal(self.at, self.at + 9).eq_ignore_ascii_case("<!doctype") {
            self.push(
                malformed(span, "a body has no `DOCTYPE`")
                    .hint("remove it; write the characters that its entities stand for")
                    .fix(Fix::delete(span)),
            );
        } else {
            let hint = Some("a comment is `<!-- … -->`".to_owned());
            self.report(self.atoms.span(self.at, self.at + 2), "`<!` begins nothing here", hint);
        }
        Err(Lost)
    }

    /// `<?xml … ?>` at the beginning, or a processing instruction.
    fn instruction(&mut self) -> Scanned {
        let start = self.at;
        self.take(2);
        let name = self.name().unwrap_or_default();
        let name_span = self.atoms.span(start, self.at);
        if name.is_empty() {
            self.report(name_span, "a name belongs behind `<?`", None);
            return Err(Lost);
        }
        if name.eq_ignore_ascii_case("xml") && start != 0 {
            let hint =
                Some("it is the very first of the document: nothing stands before it, no blank either".to_owned());
            self.report(name_span, "the XML declaration does not stand at the beginning", hint);
            return Err(Lost);
        }
        let content = self.at;
        while self.at < self.atoms.len() {
            if self.sees("?>") {
                if name == "xml" {
                    self.declaration(content, self.at);
                }
                self.take(2);
                return Ok(());
            }
            self.literal_only("it stands in a processing instruction");
        }
        self.report(name_span, "this is never closed", Some("write `?>`".to_owned()));
        Err(Lost)
    }

    /// The version and the encoding that a declaration names.
    fn declaration(&mut self, from: usize, to: usize) {
        let span = self.atoms.span(from, to);
        let content = self.atoms.literal(from, to);
        let value = |name: &str| {
            let (_, rest) = content.split_once(name)?;
            let rest = rest.trim_start().strip_prefix('=')?.trim_start();
            let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            rest.get(1..)?.split(quote).next()
        };
        match value("version") {
            Some("1.0") => {}
            Some(_) => self.report(span, "only XML 1.0 is sent", Some("write `version=\"1.0\"`".to_owned())),
            None => self.report(span, "the declaration has no version", Some("write `version=\"1.0\"`".to_owned())),
        }
        if let Some(encoding) = value("encoding")
            && !encoding.eq_ignore_ascii_case("utf-8")
        {
            let hint = Some("bodies are sent in UTF-8; write `encoding=\"UTF-8\"`".to_owned());
            self.report(span, format!("the body is not sent in `{encoding}`"), hint);
        }
    }

    /// `&amp;`, `&#38;`, `&#x26;`.
    fn reference(&mut self) {
        let start = self.at;
        let end = (start + 1..self.atoms.len().min(start + 12))
            .find(|&at| self.atoms.char(at).is_none_or(|c| !c.is_ascii_alphanumeric() && c != '#'));
        let (name, closed) = match end {
            Some(end) => (self.atoms.literal(start + 1, end), self.atoms.char(end) == Some(';')),
            None => (String::new(), false),
        };
        let known = closed && (matches!(name.as_str(), "amp" | "lt" | "gt" | "quot" | "apos") || is_character(&name));
        if known {
            self.take(name.chars().count() + 2);
            return;
        }
        let finding = if closed && !name.is_empty() {
            let span = self.atoms.span(start, start + name.chars().count() + 2);
            malformed(span, format!("XML does not know `&{name};`"))
                .hint("it knows `&amp;`, `&lt;`, `&gt;`, `&quot;`, `&apos;` and numbers; write the character itself")
        } else {
            let span = self.atoms.span(start, start + 1);
            malformed(span, "`&` begins a reference").hint("write `&amp;`").fix(Fix::replace(span, "&amp;"))
        };
        self.push(finding);
        self.at += 1;
    }

    /// Literal characters that stand for themselves: those that are `plain`, or one.
    fn characters(&mut self, plain: impl Fn(char) -> bool) {
        let stands = |at: &usize| self.atoms.char(*at).is_some_and(|character| is_xml(character) && plain(character));
        match (self.at..self.atoms.len()).take_while(stands).count() {
            0 => self.character(),
            count => self.take(count),
        }
    }

    /// A literal character that stands for itself.
    fn character(&mut self) {
        if let Some(Atom::Char(character)) = self.atoms.get(self.at)
            && !is_xml(character)
        {
            let span = self.here();
            self.report(span, format!("{} cannot stand in XML", shown(character)), None);
        }
        self.take(1);
    }

    /// A literal character where no value may stand.
    fn literal_only(&mut self, why: &str) {
        if let Some(Atom::Hole(_)) = self.atoms.get(self.at) {
            let span = self.here();
            self.misplaced(span, why);
            self.at += 1;
        } else {
            self.character();
        }
    }

    fn hole(&mut self, value: &'a crate::syntax::ast::Expr, escape: Escape) {
        self.pieces.push(Piece::Hole { value, escape });
        self.at += 1;
    }

    /// Takes a name, if one begins here.
    fn name(&mut self) -> Option<String> {
        let start = self.at;
        let first = self.atoms.char(start)?;
        if !is_name_start(first) {
            return None;
        }
        let end = (start..self.atoms.len()).find(|&at| !self.atoms.char(at).is_some_and(is_name_character));
        self.take(end.unwrap_or(self.atoms.len()) - start);
        Some(self.atoms.literal(start, self.at))
    }

    /// Takes blanks and says whether there were any.
    fn blanks(&mut self) -> bool {
        let start = self.at;
        while self.atoms.char(self.at).is_some_and(is_blank) {
            self.take(1);
        }
        self.at > start
    }

    fn sees(&self, wanted: &str) -> bool {
        self.atoms.starts_with(self.at, wanted)
    }

    /// Takes literal characters as they are.
    fn take(&mut self, count: usize) {
        let end = self.at + count;
        push_letters(&mut self.pieces, self.atoms, self.at, end);
        self.at = end;
    }

    fn here(&self) -> Span {
        self.atoms.span(self.at, self.at + 1)
    }

    fn unexpected<T>(&mut self, message: &str) -> Scanned<T> {
        let span = self.here();
        match self.atoms.get(self.at) {
            Some(Atom::Hole(_)) => self.misplaced(span, "it stands inside a tag, outside of quotes"),
            _ => self.report(span, message, None),
        }
        Err(Lost)
    }

    fn misplaced(&mut self, span: Span, why: &str) {
        self.push(
            Diagnostic::new(Code::XmlInterpolation, span)
                .label(why.to_owned())
                .hint("values stand in the text of an element or in the quoted value of an attribute"),
        );
    }

    fn report(&mut self, span: Span, message: impl Into<String>, hint: Option<String>) {
        self.push(malformed(span, message).maybe_hint(hint));
    }

    fn push(&mut self, finding: Diagnostic) {
        self.diagnostics.push(finding);
    }
}

fn malformed(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Code::XmlMalformed, span).message(message)
}
