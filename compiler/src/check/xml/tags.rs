//! Tags and their attributes.

use super::{Lost, Scan, Scanned, malformed};
use crate::catalogue::Code;
use crate::check::pieces::Atom;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::Escape;

impl<'a> Scan<'_, 'a> {
    /// `</name>`.
    pub(super) fn end_tag(&mut self) -> Scanned {
        let start = self.at;
        self.take(2);
        let name = self.tag_name(start)?;
        self.blanks();
        if !self.sees(">") {
            return self.unexpected("`>` belongs here");
        }
        self.take(1);
        let span = self.atoms.span(start, self.at);
        match self.open.pop() {
            Some((opened, _)) if opened == name => Ok(()),
            Some((opened, place)) if self.open.iter().any(|(outer, _)| *outer == name) => {
                self.push(
                    malformed(span, format!("`<{opened}>` is not closed before `</{name}>`"))
                        .also(place, format!("`{opened}` is opened here"))
                        .hint(format!("write `</{opened}>` before it"))
                        .fix(Fix::insert_before(span, format!("</{opened}>"))),
                );
                Err(Lost)
            }
            Some((opened, place)) => {
                self.push(
                    malformed(span, format!("`</{name}>` does not close `<{opened}>`"))
                        .also(place, format!("`{opened}` is opened here"))
                        .hint(format!("write `</{opened}>`"))
                        .fix(Fix::replace(span, format!("</{opened}>"))),
                );
                Err(Lost)
            }
            None => {
                self.report(span, format!("`</{name}>` closes nothing"), None);
                Err(Lost)
            }
        }
    }

    /// `<name a="…">` and `<name/>`.
    pub(super) fn start_tag(&mut self) -> Scanned {
        let start = self.at;
        self.take(1);
        let name = self.tag_name(start)?;
        let place = self.atoms.span(start, self.at);
        if self.open.is_empty() && self.root_seen {
            let message = format!("`{name}` is a second element beside the document's");
            self.report(place, message, Some("a document is one element; put both into another one".to_owned()));
            return Err(Lost);
        }
        self.root_seen = true;
        let mut attributes: Vec<String> = Vec::new();
        loop {
            let spaced = self.blanks();
            if self.sees("/>") {
                self.take(2);
                return Ok(());
            }
            if self.sees(">") {
                self.take(1);
                self.open.push((name, place));
                return Ok(());
            }
            if self.at >= self.atoms.len() {
                self.report(place, format!("the tag of `{name}` is never closed"), Some("write `>`".to_owned()));
                return Err(Lost);
            }
            if let Some(Atom::Hole(_)) = self.atoms.get(self.at) {
                let span = self.here();
                self.misplaced(span, "it stands among the attributes of a tag");
                self.at += 1;
                continue;
            }
            if !spaced {
                return self.unexpected("a blank belongs before an attribute");
            }
            self.attribute(&mut attributes)?;
        }
    }

    /// `name="value"`.
    fn attribute(&mut self, seen: &mut Vec<String>) -> Scanned {
        let start = self.at;
        let Some(name) = self.name() else { return self.unexpected("an attribute's name or `>` belongs here") };
        let span = self.atoms.span(start, self.at);
        if seen.contains(&name) {
            self.report(span, format!("the attribute `{name}` is written twice"), None);
        }
        seen.push(name);
        self.blanks();
        if !self.sees("=") {
            return self.unexpected("`=` and a quoted value belong behind an attribute's name");
        }
        self.take(1);
        self.blanks();
        let quote = match self.atoms.get(self.at) {
            Some(Atom::Char(quote @ ('"' | '\''))) => quote,
            Some(Atom::Hole(_)) => {
                let hole = self.here();
                let fix = Fix::insert_before(hole, "'")
                    .and(crate::diagnostic::Edit { span: hole.after(), text: "'".to_owned() });
                self.push(
                    Diagnostic::new(Code::XmlInterpolation, hole)
                        .label("an attribute's value needs quotes")
                        .hint("put it into quotes")
                        .fix(fix.titled("put it into quotes")),
                );
                self.at += 1;
                return Ok(());
            }
            _ => return self.unexpected("an attribute's value stands in quotes"),
        };
        let opening = self.here();
        self.take(1);
        while self.at < self.atoms.len() {
            match self.atoms.get(self.at) {
                Some(Atom::Char(c)) if c == quote => {
                    self.take(1);
                    return Ok(());
                }
                Some(Atom::Char('<')) => return self.unexpected("`<` in an attribute's value is written `&lt;`"),
                Some(Atom::Char('&')) => self.reference(),
                Some(Atom::Hole(value)) => self.hole(value, Escape::XmlAttribute),
                _ => self.characters(|character| character != quote && !matches!(character, '<' | '&')),
            }
        }
        self.report(opening, "the quotes are never closed", None);
        Err(Lost)
    }

    /// The name of a tag that begins at `start`. A hole in it is reported.
    fn tag_name(&mut self, start: usize) -> Scanned<String> {
        let name = self.name().unwrap_or_default();
        if let Some(Atom::Hole(_)) = self.atoms.get(self.at) {
            let span = self.here();
            self.misplaced(span, "it stands in the name of an element");
            return Err(Lost);
        }
        if name.is_empty() {
            let span = self.atoms.span(start, start + 1);
            self.push(
                malformed(span, "`<` begins a tag, and no name follows")
                    .hint("a `<` in text is written `&lt;`")
                    .fix(Fix::replace(span, "&lt;")),
            );
            return Err(Lost);
        }
        Ok(name)
    }
}
