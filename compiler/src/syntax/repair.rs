//! Words at the beginning of lines, put right before parsing.
//!
//! In a workflow, a webhook and a test each line begins with a word of the language. A word there that is none is reported
//! and, if it is near one or a usual word for one, read as that: the line then still says what it was to say, and nothing
//! that depends on it is reported as missing. So is a colon behind such a word, which people bring from other languages.

use super::reader::Reader;
use super::token::{Lexeme, Token};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::Span;
use crate::suggest;
use crate::vocabulary::{self, KEYWORDS, Role};

/// What stands between a pair of braces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    /// Lines that begin with a reserved word of one of these roles.
    Lines(&'static [Role]),
    /// Words of the language without a colon, which are not all reserved.
    Words,
    /// Fields: names with a colon.
    Fields,
    /// Anything else.
    Other,
}

const WORKFLOW: Inside = Inside::Lines(&[Role::Step, Role::Header]);
const WEBHOOK: Inside = Inside::Lines(&[Role::WebhookLine]);
const TEST: Inside = Inside::Lines(&[Role::TestStep]);

/// Puts the words of a declaration right.
pub(crate) fn repair(reader: &mut Reader<'_>, tokens: &mut [Lexeme]) {
    let Some(keyword) = tokens.get(1).map(|lexeme| lexeme.token) else { return };
    let mut stack: Vec<Inside> = Vec::new();
    for index in 1..tokens.len() {
        let Some(&lexeme) = tokens.get(index) else { break };
        match lexeme.token {
            Token::BraceOpen => {
                let inside = opened(keyword, &stack, tokens.get(..index).unwrap_or(&[]));
                stack.push(inside);
            }
            Token::BracketOpen | Token::ParenOpen => stack.push(Inside::Other),
            Token::BraceClose | Token::BracketClose | Token::ParenClose => {
                stack.pop();
            }
            Token::Word | Token::Key | Token::StringKey => {
                let next = tokens.get(index + 1).map_or(lexeme.end, |next| next.start);
                let before = index.checked_sub(1).and_then(|before| tokens.get(before)).map(|lexeme| lexeme.token);
                let mended = match stack.last() {
                    Some(Inside::Lines(roles)) => line_word(reader, lexeme, before, next, roles),
                    Some(Inside::Words) if lexeme.token != Token::Word => Some(colon(reader, lexeme, next)),
                    _ => None,
                };
                if let Some((token, slot)) = mended.zip(tokens.get_mut(index)) {
                    slot.token = token;
                }
            }
            _ => {}
        }
    }
}

/// What stands between the braces that open behind `before`.
fn opened(keyword: Token, stack: &[Inside], before: &[Lexeme]) -> Inside {
    let behind = |back: usize| before.len().checked_sub(back).and_then(|at| before.get(at)).map(|lexeme| lexeme.token);
    let Some(outer) = stack.last() else {
        return match keyword {
            Token::Event | Token::Contact => Inside::Fields,
            Token::Connector | Token::Message => Inside::Words,
            Token::Webhook | Token::Channel => WEBHOOK,
            Token::Workflow => WORKFLOW,
            Token::Test => TEST,
            _ => Inside::Other,
        };
    };
    match (keyword, outer) {
        (Token::Workflow, Inside::Lines(_)) => {
            let value = matches!(
                behind(1),
                Some(
                    Token::Assign
                        | Token::Comma
                        | Token::Equal
                        | Token::NotEqual
                        | Token::Plus
                        | Token::Coalesce
                        | Token::In
                        | Token::If
                        | Token::Where
                        | Token::Match
                )
            );
            if value || behind(2) == Some(Token::Emit) { Inside::Fields } else { WORKFLOW }
        }
        (Token::Message, Inside::Words) => Inside::Words,
        (Token::Test, _) => {
            let called = matches!(behind(2), Some(Token::Stub | Token::Call | Token::Send));
            if called || matches!(behind(1), Some(Token::Then)) || behind(2) == Some(Token::In) {
                Inside::Words
            } else {
                Inside::Fields
            }
        }
        _ => Inside::Fields,
    }
}

/// A word where a line of the language begins, or any word with a colon between such lines.
fn line_word(
    reader: &mut Reader<'_>,
    lexeme: Lexeme,
    before: Option<Token>,
    next: u32,
    roles: &[Role],
) -> Option<Token> {
    let continues = matches!(
        before,
        Some(Token::Comma | Token::Assign | Token::Plus | Token::Minus | Token::Star | Token::Slash | Token::Coalesce)
            | Some(Token::And | Token::Or | Token::Not | Token::In | Token::Equal | Token::NotEqual | Token::Contains)
            | Some(Token::Less | Token::LessOrEqual | Token::Greater | Token::GreaterOrEqual)
    );
    if continues {
        return None;
    }
    if lexeme.token == Token::StringKey {
        return Some(colon(reader, lexeme, next));
    }
    let span = reader.span(lexeme.start, lexeme.end);
    let word = reader.slice(span);
    if lexeme.token == Token::Key && vocabulary::reserved(word).is_some() {
        return Some(colon(reader, lexeme, next));
    }
    if !lexeme.first_on_line {
        return None;
    }
    let keywords = || KEYWORDS.iter().filter(|keyword| roles.contains(&keyword.role));
    let usual = usual_word(word, roles);
    let near = || suggest::nearest(word, keywords().map(|keyword| keyword.word));
    let Some(meant) = usual.or_else(near).and_then(|meant| keywords().find(|keyword| keyword.word == meant)) else {
        return (lexeme.token == Token::Key).then(|| colon(reader, lexeme, next));
    };
    let end = if lexeme.token == Token::Key { colon_end(reader, lexeme, next) } else { lexeme.end };
    reader.slip(
        lexeme,
        Diagnostic::new(Code::UnknownKeyword, span)
            .message(format!("no line here begins with `{word}`"))
            .hint(format!("write `{}`: {}", meant.word, meant.help))
            .fix(Fix::replace(Span::new(span.file, lexeme.start, end), meant.word)),
    );
    Some(meant.token)
}

/// Reports the colon behind a word of the language; gives what the word is without it.
fn colon(reader: &mut Reader<'_>, lexeme: Lexeme, next: u32) -> Token {
    let end = colon_end(reader, lexeme, next);
    let span = reader.span(lexeme.start, lexeme.end);
    let word = reader.slice(span);
    let sign = Span::new(span.file, end.saturating_sub(1), end);
    // `status:200` must not become `status200`.
    let fix = if end == next { Fix::replace(sign, " ") } else { Fix::delete(sign) };
    reader.slip(
        lexeme,
        Diagnostic::new(Code::NeedlessColon, sign)
            .message(format!(
                "no colon follows {}",
                if word.starts_with('"') { word.to_owned() } else { format!("`{word}`") }
            ))
            .hint("words of the language take no colon; names that you invent do")
            .fix(fix.titled("remove the colon")),
    );
    match lexeme.token {
        Token::StringKey => Token::String,
        _ => vocabulary::reserved(word).unwrap_or(Token::Word),
    }
}

/// The offset behind the colon that follows a key.
fn colon_end(reader: &Reader<'_>, lexeme: Lexeme, next: u32) -> u32 {
    let between = reader.slice(reader.span(lexeme.end, next));
    between.find(':').map_or(lexeme.end, |at| lexeme.end + at as u32 + 1)
}

/// What people call things elsewhere.
fn usual_word(word: &str, roles: &[Role]) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    let usual = if roles.contains(&Role::Step) {
        match word.as_str() {
            "sleep" | "delay" | "pause" => "wait",
            "switch" => "match",
            "invoke" | "request" | "fetch" => "call",
            "update" | "assign" => "set",
            "notify" | "deliver" => "send",
            "publish" | "trigger" => "emit",
            "throw" | "raise" | "abort" => "fail",
            "return" | "end" | "finish" => "stop",
            _ => return None,
        }
    } else if roles.contains(&Role::WebhookLine) {
        match word.as_str() {
            "retry" | "retries" | "attempt" => "attempts",
            "response" | "returning" | "answer" => "returns",
            "authorization" | "connector" | "authentication" => "auth",
            "payload" => "body",
            "use" => "uses",
            _ => return None,
        }
    } else {
        match word.as_str() {
            "assert" | "verify" | "should" => "expect",
            "mock" | "fake" => "stub",
            "trigger" => "receive",
            "setup" => "given",
            _ => return None,
        }
    };
    Some(usual)
}
