//! Between lexer and parser: what the grammar must not have to decide, and lexical slips.
//!
//! - A word before a colon is a field's name, a word behind a dot too, whether reserved or not. So `in`, `or` and `true` can be
//!   fields, and the grammar stays LALR(1).
//! - `on` before `failure` or `timeout` belongs to the step before it, every other `on` is a header line.
//! - What is no token of the language is reported here and read as what was meant, so that one slip costs one report.

use super::reader::Reader;
use super::token::{Lexeme, Token};
use super::{foreign, items, letters, phrases};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::vocabulary;

/// The tokens for the parser. They begin within `declaration`, if they are a part of one.
pub(crate) fn clean(reader: &mut Reader<'_>, mut declaration: Option<Token>, lexemes: &[Lexeme]) -> Vec<Lexeme> {
    let token = |index: usize| lexemes.get(index).map(|lexeme| lexeme.token);
    let mut cleaned: Vec<Lexeme> = Vec::with_capacity(lexemes.len() + 1);
    let mut index = 0;
    while let Some(&lexeme) = lexemes.get(index) {
        if items::begins_for_sure(reader, lexemes, index) {
            declaration = Some(lexeme.token);
        }
        let slip = phrases::read(reader, declaration, lexemes.get(index..).unwrap_or(&[]), &mut cleaned);
        if slip > 0 {
            index += slip;
            continue;
        }
        index += 1;
        let next = token(index);
        let behind_dot = cleaned.last().is_some_and(|last| last.token == Token::Dot);
        let read = match lexeme.token {
            token if token.is_word() && behind_dot && !lexeme.first_on_line => Some(Token::Word),
            token if token.is_word() && next == Some(Token::Colon) => {
                index += 1;
                Some(Token::Key)
            }
            Token::String if next == Some(Token::Colon) => {
                index += 1;
                Some(Token::StringKey)
            }
            Token::On if matches!(next, Some(Token::Failure | Token::Timeout)) => Some(Token::OnOutcome),
            Token::Later if matches!(token(index + 1), Some(Token::Assign | Token::Colon)) => {
                Some(variable(reader, lexeme))
            }
            Token::ForeignWord if behind_dot => Some(foreign_field(reader, lexeme, &mut cleaned)),
            token => mend(reader, lexeme, token),
        };
        let Some(read) = read else { continue };
        cleaned.push(Lexeme { token: read, ..lexeme });
        let record = matches!(token(index + 1), Some(Token::BraceClose)) || token(index + 2) == Some(Token::Colon);
        // `{{…}}` stands for a value in other languages, and is told of.
        if next == Some(Token::BraceOpen) && token(index + 1) != Some(Token::BraceOpen) && needs_value(read, record) {
            cleaned.push(missing(reader, lexeme));
        }
    }
    cleaned
}

/// `event.вік`: behind a dot stand words of the language's letters, in brackets stands any text.
fn foreign_field(reader: &mut Reader<'_>, lexeme: Lexeme, cleaned: &mut [Lexeme]) -> Token {
    let span = reader.span(lexeme.start, lexeme.end);
    let word = reader.slice(span);
    if letters::latin(word).is_none()
        && let Some(dot) = cleaned.last().filter(|dot| dot.end == lexeme.start)
    {
        let whole = reader.span(dot.start, lexeme.end);
        let diagnostic = Diagnostic::new(Code::BadName, span)
            .message(format!("`{word}` has letters that a name outside quotes cannot have"))
            .hint(format!("in quotes, a name may have any letters: `[\"{word}\"]`"))
            .fix(Fix::replace(whole, format!("[\"{word}\"]")));
        reader.slip(lexeme, diagnostic);
        return Token::Word;
    }
    mend(reader, lexeme, Token::ForeignWord).unwrap_or(Token::Word)
}

/// Whether a `{` behind this token can only be a block, so that a value is missing before it. A record would be read
/// else, and all that follows as its fields.
fn needs_value(token: Token, record: bool) -> bool {
    match token {
        Token::If | Token::Where | Token::Match => true,
        Token::And | Token::Or | Token::Not | Token::In | Token::Contains | Token::Coalesce => !record,
        Token::Plus | Token::Minus | Token::Star | Token::Slash => !record,
        token => token.compares() && !record,
    }
}

fn missing(reader: &mut Reader<'_>, before: Lexeme) -> Lexeme {
    let missing = Lexeme { token: Token::Missing, start: before.end, end: before.end, first_on_line: false };
    // What is odd about a line with a slip is an echo of it.
    if reader.is_slip_line(before.start) {
        return missing;
    }
    let span = reader.span(before.start, before.end);
    let word = reader.slice(span);
    let what = if matches!(before.token, Token::If | Token::Where) { "a condition" } else { "a value" };
    reader.report_on_line(
        Diagnostic::new(Code::UnexpectedToken, span).message(format!("expected {what} behind `{word}`")),
    );
    missing
}

/// Reports what is no token of the language; gives what it is read as, if as anything.
fn mend(reader: &mut Reader<'_>, lexeme: Lexeme, token: Token) -> Option<Token> {
    match token {
        Token::Semicolon => foreign(reader, lexeme, None, "", "a line needs no end mark"),
        Token::Arrow => {
            foreign(reader, lexeme, None, "", "a block in braces or a value follows without a sign between")
        }
        Token::AndSign => foreign(reader, lexeme, Some(Token::And), "and", "two conditions are joined with `and`"),
        Token::OrSign => foreign(reader, lexeme, Some(Token::Or), "or", "two conditions are joined with `or`"),
        Token::NotSign => foreign(reader, lexeme, Some(Token::Not), "not ", "a condition is negated with `not`"),
        Token::Identical => foreign(reader, lexeme, Some(Token::Equal), "==", "two values are compared with `==`"),
        Token::NotIdentical => {
            foreign(reader, lexeme, Some(Token::NotEqual), "!=", "two values are compared with `!=`")
        }
        Token::UnclosedString => {
            let span = reader.span(lexeme.start, lexeme.end);
            let hint = "a text ends on its line with `\"`; one of several lines is a `\"\"\"` block";
            let diagnostic = Diagnostic::new(Code::UnclosedText, span).hint(hint);
            // `"done”`, as word processors write it; a quote by itself closes rather than opens.
            let text = reader.slice(span);
            let other = text.chars().next_back().filter(|last| matches!(last, '”' | '“' | '»' | '’' | '\''));
            let diagnostic = match other {
                Some(last) => {
                    let place = reader.span(span.end - last.len_utf8() as u32, span.end);
                    diagnostic.fix(Fix::replace(place, "\""))
                }
                None if text.len() == 1 => diagnostic,
                None => diagnostic.fix(Fix::insert_after(span, "\"")),
            };
            reader.unclosed(lexeme, diagnostic);
            Some(Token::String)
        }
        Token::UnclosedBlock => {
            let span = reader.span(lexeme.start, lexeme.start + 3);
            let hint = "the closing `\"\"\"` stands first on a line of its own";
            reader.unclosed(lexeme, Diagnostic::new(Code::UnclosedText, span).hint(hint));
            Some(Token::Block)
        }
        Token::ForeignString => {
            let span = reader.span(lexeme.start, lexeme.end);
            let mut diagnostic = Diagnostic::new(Code::ForeignSign, span)
                .message("a text stands in double quotes")
                .hint("write it between `\"` and `\"`");
            let inner = reader.slice(span).trim_matches(['\'', '‘', '’', '“', '”', '„', '«', '»']);
            // `'it's'`: which of the quotes is the last one cannot be told.
            let goes_on =
                reader.text.get(lexeme.end as usize..).is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
            if !goes_on && !inner.contains(['"', '\\']) {
                diagnostic = diagnostic.fix(Fix::replace(span, format!("\"{inner}\"")));
            }
            reader.slip(lexeme, diagnostic);
            Some(Token::String)
        }
        Token::ForeignWord => {
            let span = reader.span(lexeme.start, lexeme.end);
            let word = reader.slice(span);
            if let Some(latin) = letters::latin(word) {
                reader.slip(
                    lexeme,
                    Diagnostic::new(Code::BadName, span)
                        .message(format!("`{word}` has letters that only look like those of `{latin}`"))
                        .hint(format!("write `{latin}` in Latin letters"))
                        .fix(Fix::replace(span, latin.clone())),
                );
                return Some(vocabulary::reserved(&latin).unwrap_or(Token::Word));
            }
            reader.slip(
                lexeme,
                Diagnostic::new(Code::BadName, span)
                    .message(format!("`{word}` has letters that a name outside quotes cannot have"))
                    .hint("in quotes, a name may have any letters")
                    .fix(Fix::replace(span, format!("\"{word}\""))),
            );
            Some(Token::Word)
        }
        Token::Later => {
            let span = reader.span(lexeme.start, lexeme.end);
            let word = reader.slice(span);
            reader.slip(
                lexeme,
                Diagnostic::new(Code::ReservedWord, span)
                    .message(format!("`{word}` is reserved for a later version of the language"))
                    .hint("as a name, write it in quotes")
                    .fix(Fix::replace(span, format!("\"{word}\""))),
            );
            Some(Token::Word)
        }
        Token::BadNumber => Some(number(reader, lexeme)),
        Token::Unknown | Token::Hash | Token::SlashStar => {
            unknown(reader, lexeme);
            None
        }
        token => Some(token),
    }
}

/// `let x = …`.
fn variable(reader: &mut Reader<'_>, lexeme: Lexeme) -> Token {
    let span = reader.span(lexeme.start, lexeme.end);
    let word = reader.slice(span);
    reader.slip(
        lexeme,
        Diagnostic::new(Code::ReservedWord, span)
            .message(format!("`{word}` is reserved for a later version of the language"))
            .hint("there are no variables; what is to be kept goes into a field: `set contact.field = …`"),
    );
    Token::Word
}

/// A sign that other languages have.
fn foreign(reader: &mut Reader<'_>, lexeme: Lexeme, read: Option<Token>, instead: &str, hint: &str) -> Option<Token> {
    let span = reader.span(lexeme.start, lexeme.end);
    let sign = reader.slice(span);
    let fix = if instead.is_empty() { Fix::delete(span) } else { Fix::replace(span, instead) };
    let diagnostic = Diagnostic::new(Code::ForeignSign, span)
        .message(format!("`{sign}` is not of this language"))
        .hint(hint)
        .fix(fix);
    reader.slip(lexeme, diagnostic);
    read
}

fn unknown(reader: &mut Reader<'_>, lexeme: Lexeme) {
    // Where one character of a line is unknown, most of them are.
    if reader.is_slip_line(lexeme.start) {
        return;
    }
    let span = reader.span(lexeme.start, lexeme.end);
    let letter = reader.slice(span).chars().next().unwrap_or(' ');
    let number = u32::from(letter);
    let diagnostic = Diagnostic::new(Code::UnknownCharacter, span);
    reader.slip(
        lexeme,
        match letter {
            '#' => diagnostic
                .message("`#` is not of this language")
                .hint("a comment begins with `//`")
                .fix(Fix::replace(span, "//")),
            '$' => diagnostic
                .message("`$` stands in texts only")
                .hint("outside of texts a value is named as it is: `contact.town`")
                .fix(Fix::delete(span)),
            '%' => diagnostic
                .message("`%` belongs to a number")
                .hint("a share is written `50%`; there is no remainder operator"),
            '’' | '\'' | '“' | '”' | '„' | '«' | '»' => diagnostic
                .message(format!("`{letter}` is no quote of this language"))
                .hint("a text stands between `\"` and `\"`"),
            letter if letter.is_whitespace() || super::actions::is_hidden(letter) => diagnostic
                .message(format!("the invisible character U+{number:04X} stands here"))
                .hint("put a plain blank in its place")
                .fix(Fix::replace(span, " ").titled("put a plain blank in its place")),
            letter if letter.is_control() => {
                diagnostic.message(format!("the control character U+{number:04X} stands here"))
            }
            letter => diagnostic.message(format!("the character `{letter}` means nothing here")),
        },
    );
}

/// Something that begins with a digit and is neither number nor duration.
fn number(reader: &mut Reader<'_>, lexeme: Lexeme) -> Token {
    let span = reader.span(lexeme.start, lexeme.end);
    let text = reader.slice(span);
    let (diagnostic, token) = if let Some(pieces) = duration_pieces(text) {
        let diagnostic = Diagnostic::new(Code::MalformedDuration, span);
        let diagnostic = match pieces.as_slice() {
            [(amount, "m")] => {
                diagnostic.message("`m` could be minutes or months").hint(format!("minutes are `{amount}min`"))
            }
            [_] => diagnostic.hint("a duration is a whole number and one of `ms`, `s`, `min`, `h`, `d`, `w`"),
            _ => diagnostic.hint("a duration is one number and one unit, such as `90min`"),
        };
        let diagnostic = match in_one_unit(&pieces) {
            Some(meant) => diagnostic.fix(Fix::replace(span, meant)),
            None => diagnostic,
        };
        (diagnostic, Token::Duration)
    } else if let Some(meant) = clock(text) {
        let diagnostic = Diagnostic::new(Code::NoSuchDate, span)
            .message(format!("`{text}` is no time of the day"))
            .hint(format!("hours go from 00 to 23: `{meant}`"))
            .fix(Fix::replace(span, meant));
        (diagnostic, Token::Missing)
    } else {
        let digits = text.replace('_', "");
        let diagnostic = Diagnostic::new(Code::MalformedNumber, span);
        if digits.bytes().all(|byte| byte.is_ascii_digit()) {
            let hint = "digits stand together, without a sign between them";
            (diagnostic.hint(hint).fix(Fix::replace(span, digits)), Token::Int)
        } else if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !is_foreign_number(text) {
            let hint = "a name begins with a letter; in quotes it can begin with a digit";
            (diagnostic.hint(hint).fix(Fix::replace(span, format!("\"{text}\""))), Token::Word)
        } else {
            (diagnostic.hint("numbers are written `42` or `9.90`"), Token::Int)
        }
    };
    reader.slip(lexeme, diagnostic);
    token
}

/// `9am`, as it is written here.
fn clock(text: &str) -> Option<String> {
    let (digits, half) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let hour = digits.parse::<u8>().ok().filter(|hour| (1..=12).contains(hour) && digits.len() <= 2)?;
    let afternoon = match half.to_ascii_lowercase().as_str() {
        "am" => 0,
        "pm" => 12,
        _ => return None,
    };
    Some(format!("{:02}:00", hour % 12 + afternoon))
}

/// `0x1F`, `1e5`.
fn is_foreign_number(text: &str) -> bool {
    let mut parts = text.splitn(2, ['e', 'E']);
    let exponent = parts.all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    exponent || text.starts_with("0x") || text.starts_with("0b") || text.starts_with("0o")
}

/// `1h30min`, `5minutes`, `1.5h`: numbers and units, the latter in the form in which the language has them. `m` stays as
/// it is.
fn duration_pieces(text: &str) -> Option<Vec<(&str, &'static str)>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let number = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (amount, behind) = rest.split_at_checked(number)?;
        let unit = behind.find(|letter: char| letter.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at_checked(unit)?;
        if amount.is_empty() {
            return None;
        }
        let unit = if matches!(unit, "m" | "M") { "m" } else { foreign::unit(unit)? };
        pieces.push((amount, unit));
        rest = behind;
    }
    Some(pieces)
}

/// `1 hour and 30 minutes` in one unit.
pub(crate) fn meant_duration(text: &str) -> Option<String> {
    let words = text.split_whitespace().map(|word| word.trim_matches(',')).filter(|word| *word != "and");
    in_one_unit(&duration_pieces(&words.collect::<String>())?)
}

/// The whole in the largest unit that it is a whole number of. A lone `m` is taken as minutes: that is what it mostly is.
fn in_one_unit(pieces: &[(&str, &str)]) -> Option<String> {
    const UNITS: [(&str, u64); 6] =
        [("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];
    let length = |unit: &str| {
        let unit = if unit == "m" { "min" } else { unit };
        UNITS.iter().find(|(name, _)| *name == unit).map(|(_, length)| *length)
    };
    if let [(amount, unit)] = pieces
        && amount.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Some(format!("{amount}{}", if *unit == "m" { "min" } else { unit }));
    }
    let mut total = 0u64;
    for (amount, unit) in pieces {
        let (whole, fraction) = amount.split_once('.').unwrap_or((amount, "0"));
        let scale = 10u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        let parts = fraction.parse::<u64>().ok()?.checked_mul(length(unit)?)?;
        if parts % scale != 0 {
            return None;
        }
        total =
            total.checked_add(whole.parse::<u64>().ok()?.checked_mul(length(unit)?)?)?.checked_add(parts / scale)?;
    }
    let (unit, length) = UNITS.into_iter().find(|(_, length)| total.is_multiple_of(*length))?;
    Some(format!("{}{unit}", total / length))
}
