//! Slips around texts, and values written as in texts: `"a "b" c"`, `ann@example.com`, `${event.plan}`, `hеllo` in two scripts.

use super::{LONGEST, Phrase};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::syntax::letters;
use crate::syntax::token::{Lexeme, Token};
use crate::vocabulary;

impl Phrase<'_, '_> {
    /// `"a "quoted" text"`: read as one text where its end can be told.
    pub(super) fn quotes_within(&mut self) -> Option<usize> {
        if !matches!(self.token(1)?, Token::Word | Token::ForeignWord) || !self.adjacent(0) {
            return None;
        }
        let mut end = 2;
        while end < LONGEST
            && let Some(token) = self.token(end)
        {
            if matches!(token, Token::String | Token::UnclosedString) && self.adjacent(end - 1) {
                break;
            }
            end += 1;
        }
        let closing = self.token(end);
        let first = self.span(0);
        let quote = self.reader.span(first.end - 1, first.end);
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, quote)
            .message("the text ends at this quotation mark")
            .hint("a quotation mark within a text is written `\\\"`");
        if closing != Some(Token::String) {
            // `"<a href="https://…`, of which the rest is a comment.
            let attribute = self.text(0).ends_with("=\"") && self.token(2) == Some(Token::Colon) && end == 3;
            if closing.is_none() && !attribute {
                return None;
            }
            self.slip(0, diagnostic);
            self.keep(0);
            return Some(if closing.is_some() { end + 1 } else { end });
        }
        let escaped = Edit { span: self.span(end).before(), text: "\\".to_owned() };
        let fix = Fix::insert_before(quote, "\\").and(escaped).titled("write `\\\"` within the text");
        self.slip(0, diagnostic.fix(fix));
        self.push(Token::String, 0, end);
        Some(end + 1)
    }

    /// `ann@example.com` without quotes.
    pub(super) fn bare_address(&mut self) -> Option<usize> {
        const PARTS: usize = 24;
        let mut last = 0;
        let mut at_sign = false;
        while last < PARTS && self.token(last + 1).is_some() && self.adjacent(last) {
            match self.token(last + 1)? {
                Token::Unknown if !at_sign && self.text(last + 1) == "@" => at_sign = true,
                Token::Dot | Token::Minus | Token::Plus | Token::Int => {}
                token if token.is_word() => {}
                _ => break,
            }
            last += 1;
        }
        while self.token(last) == Some(Token::Dot) {
            last -= 1;
        }
        if !at_sign || self.text(last) == "@" {
            return None;
        }
        Some(self.quoted_address(last))
    }

    /// `from Shop <shop@example.com>` without quotes.
    pub(super) fn bare_mailbox(&mut self) -> Option<usize> {
        let line = *self.cleaned.last()?;
        let addressed = matches!(line.token, Token::From | Token::To)
            || (line.token == Token::Word && self.reader.slice(self.reader.span(line.start, line.end)) == "reply_to");
        if !addressed || !line.first_on_line || self.declaration != Some(Token::Message) {
            return None;
        }
        let end = (1..LONGEST).find(|&index| self.token(index).is_none())?;
        let has = |sign: Token| (1..end).any(|index| self.token(index) == Some(sign));
        if !has(Token::Less) || self.token(end - 1) != Some(Token::Greater) || has(Token::String) {
            return None;
        }
        Some(self.quoted_address(end - 1))
    }

    /// Reads all up to a token as the address that it is, and says that it stands in quotes. Answers how many tokens that are.
    fn quoted_address(&mut self, last: usize) -> usize {
        let whole = self.span(0).to(self.span(last));
        let meant = format!("\"{}\"", self.reader.slice(whole));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, whole)
            .message("an address is a text in quotes")
            .hint(format!("write `{meant}`"))
            .fix(Fix::replace(whole, meant));
        self.slip(0, diagnostic);
        self.push(Token::String, 0, last);
        last + 1
    }

    /// `put https://erp.example.com/in` without quotes: what follows the slashes is a comment to the lexer.
    pub(super) fn bare_url(&mut self) -> Option<usize> {
        let scheme = self.is_one_of(1, &["https", "http"]) && self.token(2) == Some(Token::Colon);
        let start = self.span(1).start;
        let rest = self.reader.text.get(start as usize..)?;
        let url = rest.split([' ', '\t', '\r', '\n', '"']).next()?;
        if !scheme || !matches!(self.declaration, Some(Token::Webhook | Token::Channel)) || !url.contains("://") {
            return None;
        }
        let method = self.text(0);
        let whole = self.reader.span(start, start + url.len() as u32);
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, whole)
            .message("an address is a text in quotes")
            .hint(format!("write `{method} \"{url}\"`"))
            .fix(Fix::replace(whole, format!("\"{url}\"")));
        self.slip(1, diagnostic);
        self.keep(0);
        self.cleaned.push(Lexeme { token: Token::String, start, end: whole.end, first_on_line: false });
        Some(3)
    }

    /// `${event.plan}` and `{{event.plan}}` where no text is.
    pub(super) fn reference_in_braces(&mut self) -> Option<usize> {
        let [first, second] = self.tokens();
        let (width, code) = match (first?, second?) {
            (Token::Unknown, Token::BraceOpen) if self.text(0) == "$" => (1, Code::UnknownCharacter),
            (Token::BraceOpen, Token::BraceOpen) => (2, Code::UnexpectedToken),
            _ => return None,
        };
        let begins = matches!(self.token(2)?, Token::Word | Token::Event | Token::Contact);
        let mut end = 3;
        while end < LONGEST
            && self.token(end).is_some_and(|token| {
                token.is_word() || matches!(token, Token::Dot | Token::BracketOpen | Token::BracketClose | Token::Int)
            })
        {
            end += 1;
        }
        let closed = (end..end + width).all(|index| self.token(index) == Some(Token::BraceClose));
        if width == 1 && self.adjacent(0) && !(begins && closed) {
            return self.expression_in_braces();
        }
        if !self.adjacent(0) || !begins || !closed {
            return None;
        }
        let whole = self.span(0).to(self.span(end + width - 1));
        let inner = self.reader.slice(self.span(2).to(self.span(end - 1)));
        let signs = if width == 1 { "${…}" } else { "{{…}}" };
        let diagnostic = Diagnostic::new(code, whole)
            .message(match width {
                1 => format!("`{signs}` stands in texts only"),
                _ => format!("`{signs}` is not of this language"),
            })
            .hint(format!("outside of texts a value is named as it is: `{inner}`"))
            .fix(Fix::replace(whole, inner));
        self.slip(0, diagnostic);
        let inner = self.cleaned_between(2, end);
        self.cleaned.extend(inner);
        Some(end + width)
    }

    /// `${contact.town ?? "Kyiv"}` where no text is: the value is read as it stands.
    fn expression_in_braces(&mut self) -> Option<usize> {
        let end = self.closing(1).filter(|end| *end > 2 && self.token(*end).is_some())?;
        // A template's way of giving another value is not ours.
        if (2..end).any(|index| matches!(self.token(index), Some(Token::Pipe | Token::BraceOpen | Token::Colon))) {
            return None;
        }
        let whole = self.span(0).to(self.span(end));
        let inner = self.reader.slice(self.span(2).to(self.span(end - 1)));
        // As an operand it stays together.
        let operand = |token: Option<Token>| {
            matches!(
                token,
                Some(Token::Plus | Token::Minus | Token::Star | Token::Slash | Token::Coalesce | Token::Not)
            ) || token.is_some_and(Token::compares)
        };
        let together = operand(self.before) || operand(self.token(end + 1));
        let meant = if together { format!("({inner})") } else { inner.to_owned() };
        let diagnostic = Diagnostic::new(Code::UnknownCharacter, whole)
            .message("`${…}` stands in texts only")
            .hint(format!("outside of texts a value is written as it is: `{meant}`"))
            .fix(Fix::replace(whole, meant));
        self.slip(0, diagnostic);
        let inner = self.cleaned_between(2, end);
        let bracket = |token, at: u32| Lexeme { token, start: at, end: at, first_on_line: false };
        self.cleaned.extend(together.then(|| bracket(Token::ParenOpen, whole.start)));
        self.cleaned.extend(inner);
        self.cleaned.extend(together.then(|| bracket(Token::ParenClose, whole.end)));
        Some(end + 1)
    }

    /// `hеllo`, of which one letter is Cyrillic and only looks like a Latin one.
    pub(super) fn two_scripts(&mut self) -> Option<usize> {
        let whole = self.span(0).to(self.span(1));
        let word = self.reader.slice(whole);
        let finding = Diagnostic::new(Code::BadName, whole);
        let (diagnostic, read) = match letters::latin(word) {
            Some(latin) => {
                let finding = finding
                    .message(format!("`{word}` has letters that only look like those of `{latin}`"))
                    .hint(format!("write `{latin}` in Latin letters"))
                    .fix(Fix::replace(whole, latin.clone()));
                (finding, vocabulary::reserved(&latin).unwrap_or(Token::Word))
            }
            None => {
                let finding = finding
                    .message(format!("`{word}` has letters that a name outside quotes cannot have"))
                    .hint("in quotes, a name may have any letters");
                let named = self.before != Some(Token::Dot) && self.at(0).is_some_and(|first| !first.first_on_line);
                (if named { finding.fix(Fix::replace(whole, format!("\"{word}\""))) } else { finding }, Token::Word)
            }
        };
        self.slip(0, diagnostic);
        let key = self.token(2) == Some(Token::Colon);
        let token = match self.before {
            _ if key => Token::Key,
            Some(Token::Dot) => Token::Word,
            _ => read,
        };
        self.push(token, 0, 1);
        Some(if key { 3 } else { 2 })
    }

    /// `-- a comment`.
    pub(super) fn line_comment(&mut self) -> Option<usize> {
        let [_, Some(Token::Minus), Some(Token::Word), Some(Token::Word)] = self.tokens() else { return None };
        let begins = self.at(0).is_some_and(|lexeme| lexeme.first_on_line);
        // Two signs before a value are no comment.
        if !begins || !self.adjacent(0) || self.adjacent(1) {
            return None;
        }
        let sign = self.span(0).to(self.span(1));
        let diagnostic = Diagnostic::new(Code::ForeignComment, sign)
            .hint("a comment begins with `//` and ends with its line")
            .fix(Fix::replace(sign, "//"));
        self.slip(0, diagnostic);
        let line = self.lexemes.iter().skip(1).take_while(|lexeme: &&Lexeme| !lexeme.first_on_line).count();
        Some(line + 1)
    }
}
