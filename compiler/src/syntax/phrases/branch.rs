//! Slips in the branches of steps, which are blocks in braces here: `"pro" => stop`, `* { … }`, `case "pro":`.
//!
//! Where a branch has no braces they are put in, so that its steps are read and checked as what they are.

use super::{LONGEST, Phrase};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::source::Span;
use crate::syntax::foreign;
use crate::syntax::token::{Lexeme, Token};
use crate::vocabulary::{Role, role};

/// How far the values of a branch may reach, in tokens: each element of a list is looked at for being one.
const MOST_VALUES: usize = 20;

impl Phrase<'_, '_> {
    /// `=> stop`, `=> { stop }`, and `town => contact.town` among fields.
    pub(super) fn arrow(&mut self) -> Option<usize> {
        let before = *self.cleaned.last().filter(|_| self.at(0).is_some_and(|arrow| !arrow.first_on_line))?;
        let behind = self.at(1)?;
        let gap = self.reader.span(before.end, behind.start);
        let sign = Diagnostic::new(Code::ForeignSign, self.span(0))
            .message(format!("`{}` is not of this language", self.text(0)));
        if behind.token == Token::BraceOpen {
            let fix = Fix::replace(gap, " ").titled("remove the sign");
            self.slip(0, sign.hint("a block in braces follows without a sign between").fix(fix));
            return Some(1);
        }
        if self.begins_step(1) {
            let end = self.line_end(1)?;
            let last = *self.lexemes.get(end.checked_sub(1)?)?;
            let comma = self.separator(end);
            let close = self.reader.span(last.end, comma.map_or(last.end, |comma| comma.end));
            let fix = Fix::replace(gap, " { ").and(Edit { span: close, text: " }".to_owned() });
            let hint = "what is done stands between braces: `{ … }`";
            self.slip(0, sign.hint(hint).fix(fix.titled("put it between braces")));
            self.block(1, end, self.reader.span(gap.start, last.end));
            return Some(end + usize::from(comma.is_some()));
        }
        self.pair(before, gap, sign)
    }

    /// `town => contact.town`.
    fn pair(&mut self, name: Lexeme, gap: Span, sign: Diagnostic) -> Option<usize> {
        let key = match name.token {
            Token::String => Token::StringKey,
            token if token.is_word() => Token::Key,
            _ => return None,
        };
        let begins = self
            .cleaned
            .iter()
            .rev()
            .nth(1)
            .is_some_and(|before| name.first_on_line || matches!(before.token, Token::BraceOpen | Token::Comma));
        if !begins {
            return None;
        }
        let written = self.reader.slice(self.reader.span(name.start, name.end));
        let hint = match key {
            Token::StringKey => format!("a field is written `{written}: …`, a branch of a `match` `{written} {{ … }}`"),
            _ => format!("a field is written `{written}: …`"),
        };
        let diagnostic = sign.hint(hint).fix(Fix::replace(gap, ": "));
        // The name is read as one with a colon, of which no more is said.
        self.reader.slip(name, diagnostic);
        if let Some(last) = self.cleaned.last_mut() {
            last.token = key;
        }
        Some(1)
    }

    /// `case "pro":`, `default:`, `"pro": stop`, `"pro" stop`, `* { … }`.
    pub(super) fn case(&mut self) -> Option<usize> {
        let first = self.at(0)?;
        if !first.first_on_line && !matches!(self.before, Some(Token::BraceOpen | Token::BraceClose | Token::Comma)) {
            return None;
        }
        let is_word = |words: &[&str]| first.token == Token::Word && self.is_one_of(0, words);
        let case = is_word(&["case", "when"]);
        let otherwise =
            matches!(first.token, Token::Star | Token::Else) || is_word(&["default", "otherwise", "_", "any"]);
        let from = usize::from(case);
        let mut sign = from + 1;
        if !otherwise {
            // What has more values is a list.
            while sign < MOST_VALUES
                && self.pattern(sign - 1, case)
                && matches!(self.token(sign), Some(Token::Comma | Token::Pipe))
            {
                sign += 2;
            }
            if !self.pattern(sign - 1, case) {
                return None;
            }
        }
        let has_sign = matches!(self.token(sign), Some(Token::Colon | Token::Arrow));
        let body = sign + usize::from(has_sign);
        let braces = self.lexemes.get(body)?.token == Token::BraceOpen;
        // Among fields these are names with their values.
        let shown = match first.token {
            // Between two values it is an operator, also before a record.
            Token::Star => has_sign || (braces && self.begins_step(body + 1)),
            Token::Else => has_sign && !braces && self.begins_step(body),
            // `when W {` is what an answer in a test is for.
            _ if case => has_sign || (braces && (is_word(&["case"]) || self.token(from) != Some(Token::Word))),
            Token::Word => has_sign && self.begins_step(body + usize::from(braces)),
            _ if self.token(sign) == Some(Token::Colon) => !braces && self.begins_step(body),
            // `"pro" stop`: an arm follows a brace, and its step stands on its line.
            _ => {
                let behind_brace = matches!(self.before, Some(Token::BraceOpen | Token::BraceClose));
                let step = self.token(sign).and_then(role) == Some(Role::Step);
                step && behind_brace && self.declaration == Some(Token::Workflow)
            }
        };
        if !shown {
            return None;
        }
        let patterns = if otherwise { "else".to_owned() } else { self.patterns(from, sign) };
        let head = self.span(0).to(self.span(body - 1));
        let diagnostic = if has_sign || braces || case || otherwise {
            Diagnostic::new(Code::UnexpectedToken, head)
                .message("a branch of a `match` is its values, or `else`, and a block")
                .hint(format!("write `{patterns} {{ … }}`"))
        } else {
            let step = self.span(body);
            Diagnostic::new(Code::UnexpectedToken, step)
                .message(format!("expected `{{`, found `{}`", self.reader.slice(step)))
                .hint(format!("what is done stands between braces: `{patterns} {{ … }}`"))
        };
        if braces {
            self.slip(0, diagnostic.fix(Fix::replace(head, patterns)));
            self.head(otherwise, from, sign);
            return Some(body);
        }
        let Some(end) = self.branch_end(body).filter(|&end| end > body) else {
            self.slip(0, diagnostic);
            self.head(otherwise, from, sign);
            return Some(body);
        };
        let last = *self.lexemes.get(end - 1)?;
        let breaks = self.is_break(end - 1) && end - 1 > body;
        let kept = *self.lexemes.get(end - 1 - usize::from(breaks))?;
        let comma = self.separator(end);
        let close = self.reader.span(kept.end, comma.map_or(last.end, |comma| comma.end));
        let one_line = (body..end).all(|index| self.lexemes.get(index).is_some_and(|lexeme| !lexeme.first_on_line));
        let closing = if one_line { " }".to_owned() } else { format!("\n{}}}", self.indentation()) };
        let fix = Fix::replace(head, format!("{patterns} {{")).and(Edit { span: close, text: closing });
        self.slip(0, diagnostic.fix(fix.titled(format!("write `{patterns} {{ … }}`"))));
        self.head(otherwise, from, sign);
        self.block(body, end - usize::from(breaks), self.reader.span(head.end, last.end));
        Some(end + usize::from(comma.is_some()))
    }

    /// Whether a value stands at `index` that a branch can be for; behind `case` also one without its quotes.
    fn pattern(&self, index: usize, case: bool) -> bool {
        let Some(token) = self.token(index) else { return false };
        matches!(token, Token::String | Token::Int | Token::Decimal | Token::True | Token::False | Token::Null)
            || (case && token == Token::Word)
    }

    /// The values of a branch as they are written here.
    fn patterns(&self, from: usize, to: usize) -> String {
        let value = |index| match self.token(index) {
            Some(Token::Word) => format!("\"{}\"", self.text(index)),
            _ => self.text(index).to_owned(),
        };
        (from..to).step_by(2).map(value).collect::<Vec<_>>().join(", ")
    }

    /// Reads the values of a branch, or `else`.
    fn head(&mut self, otherwise: bool, from: usize, to: usize) {
        if otherwise {
            return self.push(Token::Else, 0, 0);
        }
        for index in from..to {
            match self.token(index) {
                Some(Token::Word) => self.push(Token::String, index, index),
                _ => self.keep(index),
            }
        }
    }

    /// Reads the steps from `from` to before `to` as a block that takes the place `whole`.
    fn block(&mut self, from: usize, to: usize, whole: Span) {
        let brace = |token, place| Lexeme { token, start: place, end: place, first_on_line: false };
        self.cleaned.push(brace(Token::BraceOpen, whole.start));
        let steps = self.cleaned_between(from, to);
        self.cleaned.extend(steps);
        self.cleaned.push(brace(Token::BraceClose, whole.end));
    }

    /// Whether a step begins at `index`, on whatever line.
    pub(super) fn begins_step(&self, index: usize) -> bool {
        let Some(lexeme) = self.lexemes.get(index) else { return false };
        let named = self.lexemes.get(index + 1).is_some_and(|next| next.token == Token::Colon);
        let word = self.reader.slice(self.reader.span(lexeme.start, lexeme.end));
        let step = role(lexeme.token) == Some(Role::Step)
            || (lexeme.token == Token::Word && foreign::usual(word, &[Role::Step]).is_some());
        step && !named
    }

    /// Where what begins at `from` ends on its line; nothing where that cannot be told.
    fn line_end(&self, from: usize) -> Option<usize> {
        let mut depth = 0usize;
        let mut at = from;
        while let Some(token) = self.token(at) {
            match token {
                Token::BraceOpen | Token::BracketOpen | Token::ParenOpen => depth += 1,
                Token::BraceClose | Token::BracketClose | Token::ParenClose if depth == 0 => break,
                Token::BraceClose | Token::BracketClose | Token::ParenClose => depth -= 1,
                Token::Comma | Token::Semicolon if depth == 0 => break,
                // Each sign is looked at by itself, and none is passed twice.
                Token::Arrow => return None,
                _ => {}
            }
            at += 1;
        }
        (depth == 0).then_some(at)
    }

    /// Where the steps of a branch end that begin at `from`: before the next branch or the end of the `match`.
    fn branch_end(&self, from: usize) -> Option<usize> {
        let mut depth = 0usize;
        for at in from..from + LONGEST {
            let lexeme = self.lexemes.get(at)?;
            match lexeme.token {
                Token::BraceOpen | Token::BracketOpen | Token::ParenOpen => depth += 1,
                Token::BraceClose | Token::BracketClose | Token::ParenClose if depth == 0 => return Some(at),
                Token::BraceClose | Token::BracketClose | Token::ParenClose => depth -= 1,
                Token::Comma if depth == 0 => return Some(at),
                _ if depth == 0 && at > from && lexeme.first_on_line && self.begins_branch(at) => return Some(at),
                _ => {}
            }
        }
        None
    }

    fn begins_branch(&self, index: usize) -> bool {
        let Some(lexeme) = self.lexemes.get(index) else { return false };
        let word = self.reader.slice(self.reader.span(lexeme.start, lexeme.end));
        match lexeme.token {
            Token::String | Token::Int | Token::Decimal | Token::True | Token::False | Token::Null | Token::Star => {
                true
            }
            Token::Word => {
                matches!(word.to_ascii_lowercase().as_str(), "case" | "when" | "default" | "otherwise" | "_")
            }
            // Behind a block it is that of an `if`.
            Token::Else => {
                let before = index.checked_sub(1).and_then(|before| self.lexemes.get(before));
                let sign = self.lexemes.get(index + 1);
                before.is_none_or(|before| before.token != Token::BraceClose)
                    || sign.is_some_and(|sign| matches!(sign.token, Token::Colon | Token::Arrow))
            }
            _ => false,
        }
    }

    /// The sign at `index` that parts a branch from the next one.
    fn separator(&self, index: usize) -> Option<Lexeme> {
        let separates =
            |lexeme: &Lexeme| matches!(lexeme.token, Token::Comma | Token::Semicolon) && !lexeme.first_on_line;
        self.lexemes.get(index).copied().filter(separates)
    }

    /// Whether the word that ends a branch elsewhere stands here.
    fn is_break(&self, index: usize) -> bool {
        self.lexemes.get(index).is_some_and(|lexeme| {
            lexeme.token == Token::Word && self.reader.slice(self.reader.span(lexeme.start, lexeme.end)) == "break"
        })
    }

    /// `update contact { tier: "gold" }`, `set contact { … }`, `set { … }`: each field by a step of its own.
    pub(super) fn fields_at_once(&mut self) -> Option<usize> {
        let set = self.token(0) == Some(Token::Set);
        if !set && !self.is_one_of(0, &["update", "assign", "save", "modify"]) {
            return None;
        }
        let mut open = 1;
        while open < 3 && matches!(self.token(open), Some(Token::Contact | Token::Colon)) {
            open += 1;
        }
        if self.token(open)? != Token::BraceOpen || (!set && open == 1) {
            return None;
        }
        let fields = self.assignments(open + 1)?;
        let close = fields.last()?.end;
        let end = close + usize::from(self.lexemes.get(close)?.token == Token::Comma);
        let whole = self.span(0).to(self.span_on_any_line(end));
        let place = if set { self.span(open) } else { self.span(0) };
        let diagnostic = if set {
            Diagnostic::new(Code::UnexpectedToken, place).message("expected a field of the contact, found `{`")
        } else {
            Diagnostic::new(Code::UnknownKeyword, place).message(format!("no line here begins with `{}`", self.text(0)))
        };
        let mut diagnostic = diagnostic.hint("each field is set by a step of its own: `set contact.town = \"Kyiv\"`");
        if !self.reader.slice(whole).contains("//") {
            let steps: Vec<String> = fields.iter().map(|field| self.assigned(field)).collect();
            let steps = steps.join(&format!("\n{}", self.indentation()));
            diagnostic = diagnostic.fix(Fix::replace(whole, steps).titled("set each field by a step of its own"));
        }
        self.slip(if set { open } else { 0 }, diagnostic);
        for Assigned { name, value, end } in fields {
            let Some(named) = self.lexemes.get(name).copied() else { continue };
            let before = |token| Lexeme { token, start: named.start, end: named.start, first_on_line: false };
            let quoted = named.token == Token::String;
            self.cleaned.extend([before(Token::Set), before(Token::Contact)]);
            self.cleaned.push(before(if quoted { Token::BracketOpen } else { Token::Dot }));
            self.cleaned.push(Lexeme { token: if quoted { Token::String } else { Token::Word }, ..named });
            self.cleaned.extend(quoted.then(|| before(Token::BracketClose)));
            self.cleaned.push(before(Token::Assign));
            let value = self.cleaned_between(value, end);
            self.cleaned.extend(value);
        }
        Some(end + 1)
    }

    /// The fields from `from` to the closing brace; nothing if it is anything else.
    fn assignments(&self, from: usize) -> Option<Vec<Assigned>> {
        let token = |index: usize| self.lexemes.get(index).map(|lexeme| lexeme.token);
        let named = |index| {
            let name = token(index).is_some_and(|token| token.is_word() || token == Token::String);
            name && matches!(token(index + 1), Some(Token::Colon | Token::Assign))
        };
        let mut fields = Vec::new();
        let mut name = from;
        let limit = from + LONGEST;
        while named(name) {
            let value = name + 2;
            let mut depth = 0usize;
            let mut end = value;
            loop {
                match token(end).filter(|_| end < limit)? {
                    Token::BraceOpen | Token::BracketOpen | Token::ParenOpen => depth += 1,
                    Token::BraceClose | Token::BracketClose | Token::ParenClose if depth == 0 => break,
                    Token::BraceClose | Token::BracketClose | Token::ParenClose => depth -= 1,
                    Token::Comma if depth == 0 => break,
                    _ if depth == 0 && end > value && named(end) => break,
                    _ => {}
                }
                end += 1;
            }
            if end == value {
                return None;
            }
            fields.push(Assigned { name, value, end });
            name = end + usize::from(token(end) == Some(Token::Comma));
        }
        (token(name) == Some(Token::BraceClose)).then_some(fields)
    }

    /// A field and its value as the step that sets it.
    fn assigned(&self, field: &Assigned) -> String {
        let name = self.reader.slice(self.span_on_any_line(field.name));
        let value = self.reader.slice(self.span_on_any_line(field.value).to(self.span_on_any_line(field.end - 1)));
        if name.starts_with('"') {
            format!("set contact[{name}] = {value}")
        } else {
            format!("set contact.{name} = {value}")
        }
    }
}

/// A field among others: the tokens of its name and of its value, and where that ends.
struct Assigned {
    name: usize,
    value: usize,
    end: usize,
}
