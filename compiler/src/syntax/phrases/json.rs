//! JSON that is written as a text: `body json """{"id": "${event.id}"}"""`, and the value that is meant.

use super::Phrase;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::FileId;
use crate::syntax::reader::Reader;
use crate::syntax::token::{Lexeme, Token};
use crate::syntax::{layer, lexer};

impl Phrase<'_, '_> {
    /// `body json """ … """`: the value is left out.
    pub(super) fn json_text(&mut self) -> Option<usize> {
        let [_, Some(Token::Word), Some(Token::Block | Token::String), behind] = self.tokens() else { return None };
        let goes_on = behind.is_some_and(|token| token != Token::BraceClose);
        if self.text(1) != "json" || goes_on || self.declaration == Some(Token::Test) {
            return None;
        }
        let span = self.span(2);
        let value = value_of(self.reader.file, self.text(2));
        // What is no JSON either is read as a text, of which the checks tell. A block that is malformed is not told of twice.
        let block = self.text(2).strip_prefix("\"\"\"");
        let malformed = block.and_then(|text| text.lines().next()).is_some_and(|line| !line.trim().is_empty());
        if value.is_none() && !malformed {
            return None;
        }
        let mut diagnostic = Diagnostic::new(Code::JsonBodyIsText, span).hint(
            "write a record: `body json { town: contact.town }`; it cannot be malformed and values need no quotes",
        );
        if let Some(value) = value {
            diagnostic = diagnostic.fix(Fix::replace(span, value).titled("write it as a value"));
        }
        self.slip(2, diagnostic);
        self.keep(0);
        self.keep(1);
        self.push(Token::Missing, 2, 2);
        Some(3)
    }
}

/// The value that a text of JSON stands for, as it is written here; nothing if it is none.
fn value_of(file: FileId, quoted: &str) -> Option<String> {
    let block = quoted.strip_prefix("\"\"\"").and_then(|text| text.strip_suffix("\"\"\""));
    let json = match block {
        Some(block) => block.trim().to_owned(),
        None => quoted.strip_prefix('"')?.strip_suffix('"')?.replace("\\\"", "\"").trim().to_owned(),
    };
    if !json.starts_with(['{', '[']) {
        return None;
    }
    let value = without_holes(&json)?;
    let lexed = lexer::lex(file, &value, 0);
    let mut reader = Reader::new(file, &value, &lexed.trivia);
    let mut tokens = vec![Lexeme { token: Token::StartExpression, start: 0, end: 0, first_on_line: false }];
    tokens.extend(layer::clean(&mut reader, None, &lexed.lexemes));
    let read = reader.expression(tokens);
    let (findings, _) = reader.finish();
    (read && findings.is_empty() && lexed.foreign_comments.is_empty()).then_some(value)
}

/// JSON whose values by themselves are `${…}` with the values as they are: within its texts they stay what they are. Nothing
/// if it has escapes that are written otherwise here.
fn without_holes(json: &str) -> Option<String> {
    let mut value = String::with_capacity(json.len());
    let mut rest = json;
    let mut text = false;
    while let Some(letter) = rest.chars().next() {
        let (taken, written) = match letter {
            '\\' if text => {
                let escape =
                    rest.get(..2).filter(|escape| matches!(*escape, "\\\"" | "\\\\" | "\\n" | "\\r" | "\\t"))?;
                (2, escape)
            }
            '$' if rest.starts_with("${") => {
                let length = lexer::interpolation(rest.get(2..)?)?;
                let whole = rest.get(..2 + length)?;
                (2 + length, if text { whole } else { whole.get(2..1 + length)?.trim() })
            }
            '"' if !text && let Some(key) = word_key(rest) => (key.len() + 2, key),
            '"' => {
                text = !text;
                (1, "\"")
            }
            other => (other.len_utf8(), rest.get(..other.len_utf8())?),
        };
        value.push_str(written);
        rest = rest.get(taken..)?;
    }
    (!text).then_some(value)
}

/// The name of a field that a text of JSON begins with, if it needs no quotes here.
fn word_key(text: &str) -> Option<&str> {
    let (key, behind) = text.strip_prefix('"')?.split_once('"')?;
    let word = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    (word && behind.trim_start().starts_with(':')).then_some(key)
}
