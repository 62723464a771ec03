//! The words themselves: which one is meant, and what is said of the one that stands there.

use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::Span;
use crate::suggest;
use crate::syntax::foreign;
use crate::syntax::reader::Reader;
use crate::syntax::token::{Lexeme, Token};
use crate::vocabulary::{self, ACTS, KEYWORDS, Role};

/// A word where a step of a test may begin that is reserved nowhere, or what stands for one; and what stands for `then`.
pub(super) fn act(reader: &mut Reader<'_>, tokens: &[Lexeme], index: usize) -> Option<Token> {
    let token = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map(|lexeme| lexeme.token);
    let lexeme = *tokens.get(index)?;
    let before = token(index.checked_sub(1));
    // A name may stand on the line below its keyword. `event` and `contact` may be values too.
    let is_name = match before {
        Some(Token::Event | Token::Contact) => {
            matches!(token(index.checked_sub(2)), Some(Token::Expect | Token::Not | Token::Given))
        }
        before => names(before) || before.is_some_and(wants_name),
    };
    if is_name {
        return None;
    }
    let span = reader.span(lexeme.start, lexeme.end);
    let word = reader.slice(span);
    if ACTS.contains(&word) {
        return Some(Token::Act);
    }
    let between = before == Some(Token::BraceClose) && token(Some(index + 1)) == Some(Token::BraceOpen);
    let steps = || KEYWORDS.iter().filter(|keyword| keyword.role == Role::TestStep).map(|keyword| keyword.word);
    let (meant, help, found) = if between && suggest::nearest(word, ["then"]).is_some() {
        ("then", "the next answer", Token::Then)
    } else if lexeme.first_on_line && suggest::nearest(word, steps()).is_none() {
        let meant = suggest::nearest(word, ACTS.iter().copied())?;
        let help = match meant {
            "crash" => "the daemon is killed and started again",
            "cancel" => "the runs are ended from outside",
            _ => "the program is changed while it runs",
        };
        (meant, help, Token::Act)
    } else {
        return None;
    };
    reader.slip(
        lexeme,
        Diagnostic::new(Code::UnknownKeyword, span)
            .message(format!("no line here begins with `{word}`"))
            .hint(format!("write `{meant}`: {help}"))
            .fix(Fix::replace(span, meant)),
    );
    Some(found)
}

/// Whether a name follows this token of a test.
fn names(before: Option<Token>) -> bool {
    matches!(
        before,
        Some(Token::Stub | Token::Receive | Token::Contact | Token::Event | Token::Call | Token::Send)
            | Some(Token::Workflow | Token::In | Token::For | Token::As)
    )
}

/// A word where a line of the language begins, or any word with a colon between such lines.
pub(super) fn line_word(
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
    ) || before.is_some_and(wants_name);
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
    // Behind an opening brace a line begins too, and in a `reload` behind a declaration.
    let begins = lexeme.first_on_line
        || before == Some(Token::BraceOpen)
        || (before == Some(Token::BraceClose) && roles == [Role::Declaration]);
    if !begins {
        return None;
    }
    let keywords = || KEYWORDS.iter().filter(|keyword| roles.contains(&keyword.role));
    let usual = foreign::usual(word, roles);
    // A word that other languages have is no slip of the keyboard.
    let is_foreign = roles.contains(&Role::Step) && foreign::step(lexeme.token, word).is_some();
    let near = || suggest::nearest(word, keywords().map(|keyword| keyword.word)).filter(|_| !is_foreign);
    let Some(meant) = usual.or_else(near).and_then(|meant| keywords().find(|keyword| keyword.word == meant)) else {
        return (lexeme.token == Token::Key).then(|| colon(reader, lexeme, next));
    };
    let end = if lexeme.token == Token::Key { colon_end(reader, lexeme, next) } else { lexeme.end };
    let diagnostic = Diagnostic::new(Code::UnknownKeyword, span).message(format!("no line here begins with `{word}`"));
    let braces = reader.text.get(next as usize..).is_some_and(|rest| rest.starts_with('{'));
    let diagnostic = if meant.token == Token::Headers && !braces {
        diagnostic.hint("headers are fields: `headers { \"X-Order\": event.order_id }`")
    } else if let Some((times, text)) = times(reader, meant.token, lexeme) {
        diagnostic
            .hint("how often it is tried, and the pauses between: `attempts 5 from 1s to 1min`")
            .fix(Fix::replace(times, text))
    } else {
        diagnostic
            .hint(format!("write `{}`: {}", meant.word, meant.help))
            .fix(Fix::replace(Span::new(span.file, lexeme.start, end), meant.word))
    };
    reader.slip(lexeme, diagnostic);
    Some(meant.token)
}

/// `retry 3 times`: the whole of it, and what is written here.
fn times(reader: &Reader<'_>, meant: Token, lexeme: Lexeme) -> Option<(Span, String)> {
    if meant != Token::Attempts {
        return None;
    }
    let rest = reader.text.get(lexeme.end as usize..)?;
    let line = rest.get(..rest.find(['\n', '/', '}']).unwrap_or(rest.len()))?;
    let mut words = line.trim_start_matches([':', ' ', '=']).split_whitespace();
    let count = words.next()?;
    let times = matches!(words.next(), Some("times" | "time" | "x" | "tries" | "attempts"));
    let all_digits = count.bytes().all(|byte| byte.is_ascii_digit());
    let end = lexeme.end + line.trim_end().len() as u32;
    (all_digits && times && words.next().is_none())
        .then(|| (reader.span(lexeme.start, end), format!("attempts {count}")))
}

/// Whether this is the address of a webhook on a line of its own, `url: "https://…"`.
pub(super) fn is_address(reader: &Reader<'_>, tokens: &[Lexeme], index: usize) -> bool {
    let Some(lexeme) = tokens.get(index).filter(|lexeme| lexeme.first_on_line) else { return false };
    let word = reader.slice(reader.span(lexeme.start, lexeme.end));
    matches!(word, "url" | "uri" | "endpoint" | "address")
        && tokens.get(index + 1).is_some_and(|value| value.token == Token::String && !value.first_on_line)
}

/// Reports an address without its method; gives the method that it most likely has.
pub(super) fn address(reader: &mut Reader<'_>, lexeme: Lexeme, tokens: &[Lexeme], next: u32) -> Token {
    let body = tokens.iter().any(|lexeme| lexeme.token == Token::Body && lexeme.first_on_line);
    let said = said_method(reader, tokens);
    let (token, method) = match said {
        Some(said) => said,
        None if body => (Token::Post, "post"),
        None => (Token::Get, "get"),
    };
    let end = if lexeme.token == Token::Key { colon_end(reader, lexeme, next) } else { lexeme.end };
    let span = reader.span(lexeme.start, lexeme.end);
    let word = reader.slice(span);
    let fix = Fix::replace(Span::new(span.file, lexeme.start, end), method);
    reader.slip(
        lexeme,
        Diagnostic::new(Code::UnknownKeyword, span)
            .message(format!("no line here begins with `{word}`"))
            .hint(format!("the method stands before the address: `{method} \"https://…\"`"))
            .fix(if said.is_some() { fix } else { fix.left_to_author() }),
    );
    token
}

/// The method that a line of its own names in this declaration, `method: POST`.
fn said_method(reader: &Reader<'_>, tokens: &[Lexeme]) -> Option<(Token, &'static str)> {
    const METHODS: [(Token, &str); 5] = [
        (Token::Get, "get"),
        (Token::Post, "post"),
        (Token::Put, "put"),
        (Token::Patch, "patch"),
        (Token::Delete, "delete"),
    ];
    let whole = reader.slice(reader.span(tokens.first()?.start, tokens.last()?.end));
    let mut lines = whole.lines().map(str::trim);
    let line = lines.find_map(|line| line.strip_prefix("method"))?.trim_start_matches([':', ' ', '=']);
    METHODS.into_iter().find(|(_, method)| line.trim().trim_matches('"').eq_ignore_ascii_case(method))
}

/// Whether a name or a word follows this one, wherever the line ends.
fn wants_name(token: Token) -> bool {
    matches!(token, Token::On | Token::By | Token::As | Token::For | Token::Call | Token::Send | Token::Emit)
        || matches!(token, Token::Once | Token::Auth | Token::Uses | Token::Body | Token::Returns | Token::Split)
        || matches!(token, Token::Stub | Token::Receive | Token::Expect | Token::Not | Token::Segment)
}

/// Reports a word behind the event of a trigger that stands for `where`.
pub(super) fn is_condition(reader: &mut Reader<'_>, lexeme: Lexeme) -> bool {
    let span = reader.span(lexeme.start, lexeme.end);
    let word = reader.slice(span);
    if lexeme.first_on_line || !matches!(word, "if" | "when" | "with" | "having") {
        return false;
    }
    reader.slip(
        lexeme,
        Diagnostic::new(Code::UnknownKeyword, span)
            .message(format!("`{word}` cannot follow an event"))
            .hint("a condition on the event is written `where …`")
            .fix(Fix::replace(span, "where")),
    );
    true
}

/// Reports a word between two blocks that stands for `else`.
pub(super) fn is_otherwise(
    reader: &mut Reader<'_>,
    lexeme: Lexeme,
    before: Option<Token>,
    behind: Option<Token>,
) -> bool {
    let between = before == Some(Token::BraceClose) && matches!(behind, Some(Token::BraceOpen | Token::If));
    if !between || lexeme.token != Token::Word {
        return false;
    }
    let span = reader.span(lexeme.start, lexeme.end);
    let word = reader.slice(span);
    let meant = matches!(word, "otherwise" | "default") || suggest::nearest(word, ["else"]).is_some();
    if !meant {
        return false;
    }
    reader.slip(
        lexeme,
        Diagnostic::new(Code::UnknownKeyword, span)
            .message(format!("no line here begins with `{word}`"))
            .hint("write `else`: what to do otherwise")
            .fix(Fix::replace(span, "else")),
    );
    true
}

/// Reports the colon behind a word of the language; gives what the word is without it.
pub(super) fn colon(reader: &mut Reader<'_>, lexeme: Lexeme, next: u32) -> Token {
    let read = |word: &str| match lexeme.token {
        Token::StringKey => Token::String,
        _ => vocabulary::reserved(word).unwrap_or(Token::Word),
    };
    let end = colon_end(reader, lexeme, next);
    let span = reader.span(lexeme.start, lexeme.end);
    let word = reader.slice(span);
    // What stands in the place of the colon was told of.
    if reader.is_slip(lexeme.start) {
        return read(word);
    }
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
    read(word)
}

/// The offset behind the colon that follows a key.
fn colon_end(reader: &Reader<'_>, lexeme: Lexeme, next: u32) -> u32 {
    let between = reader.slice(reader.span(lexeme.end, next));
    between.find(':').map_or(lexeme.end, |at| lexeme.end + at as u32 + 1)
}
