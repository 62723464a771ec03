//! Words at the beginning of lines, put right before parsing.
//!
//! In a workflow, a webhook and a test each line begins with a word of the language. A word there that is none is reported
//! and, if it is near one or a usual word for one, read as that: the line then still says what it was to say, and nothing
//! that depends on it is reported as missing. So is a colon behind such a word, which people bring from other languages.

mod words;

use super::reader::Reader;
use super::token::{Lexeme, Token};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::Span;
use crate::vocabulary::{Role, role};
use words::{act, address, colon, is_address, is_condition, is_otherwise, line_word};

/// What stands between a pair of braces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    /// The lines of a webhook or a channel, which begin with a reserved word.
    Webhook,
    /// The header lines and steps of a workflow, which do too.
    Workflow,
    /// The steps of a test, which do too.
    Test,
    /// The declarations of a `reload` in a test, which do too.
    Declarations,
    /// The ways of a `match` or a `split`.
    Ways,
    /// Words of the language without a colon, which are not all reserved.
    Words,
    /// Fields: names with a colon.
    Fields,
    /// Anything else.
    Other,
}

impl Inside {
    /// The roles of the words that begin its lines, if it has lines.
    const fn roles(self) -> Option<&'static [Role]> {
        match self {
            Inside::Webhook => Some(&[Role::WebhookLine]),
            Inside::Workflow => Some(&[Role::Step, Role::Header]),
            Inside::Test => Some(&[Role::TestStep]),
            Inside::Declarations => Some(&[Role::Declaration]),
            Inside::Ways | Inside::Words | Inside::Fields | Inside::Other => None,
        }
    }
}

/// An open bracket.
#[derive(Clone, Copy)]
struct Open {
    /// `{`, `[` or `(`.
    bracket: Token,
    /// The keyword of the declaration that it is a part of.
    keyword: Token,
    inside: Inside,
    /// The last step that began here.
    step: Option<Token>,
}

/// Puts the words of a declaration right. Where its braces are `certain`, the words that begin lines are made strays
/// where none can begin, so that the parser does not leave what is open.
pub(crate) fn repair(reader: &mut Reader<'_>, tokens: &mut [Lexeme], certain: bool) {
    let Some(outermost) = tokens.get(1).map(|lexeme| lexeme.token) else { return };
    let mut stack: Vec<Open> = Vec::new();
    for index in 1..tokens.len() {
        let Some(&lexeme) = tokens.get(index) else { break };
        let before = index.checked_sub(1).and_then(|before| tokens.get(before)).map(|lexeme| lexeme.token);
        let behind = tokens.get(index + 1).map(|lexeme| lexeme.token);
        let keyword = stack.last().map_or(outermost, |open| open.keyword);
        // A step on a line of its own, or a block, shows that brackets before it were forgotten.
        let step = keyword == Token::Workflow
            && lexeme.first_on_line
            && begins_step(lexeme.token)
            && !asks_whether_set(before, lexeme.token);
        if step || lexeme.token == Token::BraceOpen && before.is_some_and(ends_value) {
            while stack.len() > 1 && stack.last().is_some_and(|open| open.inside == Inside::Other) {
                stack.pop();
            }
        }
        let inside = stack.last().map(|open| open.inside);
        let mended = match lexeme.token {
            Token::BraceOpen => {
                let before = tokens.get(..index).unwrap_or(&[]);
                let inner = stack.last().filter(|open| open.inside == Inside::Declarations);
                let keyword = inner.map_or(keyword, |_| declared(before).unwrap_or(keyword));
                let inside = opened(keyword, stack.last(), before);
                if let Some(open) = stack.last_mut() {
                    open.step = None;
                }
                stack.push(Open { bracket: lexeme.token, keyword, inside, step: None });
                None
            }
            Token::BracketOpen | Token::ParenOpen => {
                let inside = inside.filter(|inside| *inside == Inside::Fields).unwrap_or(Inside::Other);
                stack.push(Open { bracket: lexeme.token, keyword, inside, step: None });
                None
            }
            // A brace also ends the brackets that were forgotten within it; a bracket never ends a brace.
            Token::BraceClose => {
                while stack.pop().is_some_and(|open| open.bracket != Token::BraceOpen) {}
                None
            }
            Token::BracketClose | Token::ParenClose => {
                stack.pop_if(|open| open.bracket != Token::BraceOpen);
                None
            }
            Token::Word if inside == Some(Inside::Workflow) && is_time(tokens, index) => None,
            Token::Word | Token::Key | Token::StringKey => {
                let next = tokens.get(index + 1).map_or(lexeme.end, |next| next.start);
                let act = match lexeme.token {
                    Token::Word if inside == Some(Inside::Test) => act(reader, tokens, index),
                    _ => None,
                };
                match inside {
                    _ if act.is_some() => act,
                    Some(Inside::Workflow) if is_otherwise(reader, lexeme, before, behind) => Some(Token::Else),
                    Some(Inside::Workflow) if follows_event(tokens, index) && is_condition(reader, lexeme) => {
                        Some(Token::Where)
                    }
                    Some(Inside::Workflow)
                        if stack.len() == 1 && stack.last().is_some_and(|open| open.step.is_none()) =>
                    {
                        line_word(reader, lexeme, before, next, &[Role::Header, Role::Step])
                    }
                    Some(Inside::Webhook) if is_address(reader, tokens, index) => {
                        Some(address(reader, lexeme, tokens, next))
                    }
                    Some(Inside::Words | Inside::Ways) if lexeme.token != Token::Word => {
                        Some(colon(reader, lexeme, next))
                    }
                    Some(inside) => inside.roles().and_then(|roles| line_word(reader, lexeme, before, next, roles)),
                    None => None,
                }
            }
            Token::If
                if inside == Some(Inside::Workflow)
                    && follows_event(tokens, index)
                    && !leads_to_block(tokens, index) =>
            {
                is_condition(reader, lexeme).then_some(Token::Where)
            }
            token => (certain && is_stray(inside, before, token)).then_some(Token::Stray),
        };
        if let Some((token, slot)) = mended.zip(tokens.get_mut(index)) {
            slot.token = token;
        }
        let begins = tokens.get(index).map(|lexeme| lexeme.token).filter(|token| role(*token) == Some(Role::Step));
        if let Some((begins, open)) = begins.zip(stack.last_mut()) {
            open.step = Some(begins);
        }
    }
}

/// Reports a declaration whose first word within its braces shows that all of it is put together otherwise: nothing more
/// can be said of it.
pub(crate) fn is_lost(reader: &mut Reader<'_>, tokens: &[Lexeme]) -> bool {
    let [_, keyword, _, open, first, second, ..] = tokens else { return false };
    if open.token != Token::BraceOpen {
        return false;
    }
    let span = reader.span(first.start, first.end);
    let found = reader.slice(span);
    let diagnostic = Diagnostic::new(Code::UnexpectedToken, span);
    let diagnostic = match (keyword.token, first.token) {
        (Token::Segment, Token::If) => {
            let diagnostic = diagnostic
                .message("expected a condition, found `if`")
                .hint("a segment is a condition and nothing else: `contact.visits > 3`");
            let block = tokens.iter().skip(5).any(|lexeme| lexeme.token == Token::BraceOpen);
            let whole = Span::new(span.file, first.start, second.start);
            if block { diagnostic } else { diagnostic.fix(Fix::delete(whole)) }
        }
        (Token::Message, Token::From | Token::To | Token::Word | Token::Key)
            if second.token != Token::BraceOpen
                && matches!(found, "from" | "to" | "subject" | "text" | "html" | "reply_to" | "cc" | "bcc") =>
        {
            diagnostic
                .message(format!("expected a channel, found `{found}`"))
                .hint("the parts of a message stand in the braces of its channel: `email { from … subject … text … }`")
        }
        _ => return false,
    };
    reader.slip(*first, diagnostic);
    true
}

fn begins_step(token: Token) -> bool {
    role(token) == Some(Role::Step)
}

/// Whether this is the end of `is set` or `is not set`.
fn asks_whether_set(before: Option<Token>, token: Token) -> bool {
    token == Token::Set && matches!(before, Some(Token::Is | Token::Not))
}

/// Whether a value may end with this token: a `{` behind it is no record.
fn ends_value(token: Token) -> bool {
    let literal =
        matches!(token, Token::Word | Token::String | Token::Int | Token::Decimal | Token::Duration | Token::Date);
    literal
        || matches!(token, Token::True | Token::False | Token::Null | Token::Time | Token::DateTime | Token::Set)
        || matches!(token, Token::ParenClose | Token::BracketClose)
}

/// Whether a reserved word that begins lines stands where none begins.
fn is_stray(inside: Option<Inside>, before: Option<Token>, token: Token) -> bool {
    let lines = || {
        let role = role(token);
        matches!(role, Some(Role::Step | Role::Header | Role::WebhookLine | Role::TestStep | Role::Declaration))
    };
    match inside {
        Some(Inside::Fields) => {
            let value = matches!(token, Token::Event | Token::Contact | Token::Message);
            !value && !asks_whether_set(before, token) && lines()
        }
        Some(Inside::Ways) => matches!(role(token), Some(Role::Step | Role::Header)),
        Some(Inside::Words) => role(token) == Some(Role::TestStep),
        _ => false,
    }
}

/// The keyword of the declaration whose brace opens behind `before`.
fn declared(before: &[Lexeme]) -> Option<Token> {
    before.iter().rev().take(3).map(|lexeme| lexeme.token).find(|token| token.declares())
}

/// What stands between the braces that open behind `before`.
fn opened(keyword: Token, outer: Option<&Open>, before: &[Lexeme]) -> Inside {
    let behind = |back: usize| before.len().checked_sub(back).and_then(|at| before.get(at)).map(|lexeme| lexeme.token);
    let Some(&Open { inside: outer, step, .. }) = outer.filter(|outer| outer.inside != Inside::Declarations) else {
        return match keyword {
            Token::Event | Token::Contact => Inside::Fields,
            Token::Connector | Token::Message => Inside::Words,
            Token::Webhook | Token::Channel => Inside::Webhook,
            Token::Workflow => Inside::Workflow,
            Token::Test => Inside::Test,
            _ => Inside::Other,
        };
    };
    match (keyword, outer) {
        (Token::Workflow, Inside::Workflow) => {
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
                )
            );
            match step {
                _ if value => Inside::Fields,
                Some(Token::Emit) if behind(2) == Some(Token::Emit) => Inside::Fields,
                // What is handed to a webhook or a message elsewhere.
                Some(Token::Call | Token::Send) if !matches!(behind(1), Some(Token::Failure | Token::BraceClose)) => {
                    Inside::Fields
                }
                Some(Token::Split)
                    if matches!((behind(1), behind(2)), (Some(Token::Split), _) | (_, Some(Token::Split))) =>
                {
                    Inside::Ways
                }
                Some(Token::Match) => Inside::Ways,
                _ => Inside::Workflow,
            }
        }
        (Token::Workflow, Inside::Ways) => Inside::Workflow,
        (Token::Message, Inside::Words) => Inside::Words,
        (Token::Test, Inside::Test) if behind(1) == Some(Token::Cases) => Inside::Other,
        // `reload {`.
        (Token::Test, Inside::Test) if behind(1) == Some(Token::Act) => Inside::Declarations,
        (Token::Test, _) => {
            let called = matches!(behind(2), Some(Token::Stub | Token::Call | Token::Send | Token::Workflow));
            // `stub W when { … } { … }`, `stub post "https://…" when { … } { … }`.
            let stubbed = behind(1) == Some(Token::Word) && behind(4) == Some(Token::Stub);
            let when = stubbed || behind(3) == Some(Token::Stub) || behind(1) == Some(Token::BraceClose);
            let in_order = behind(2) == Some(Token::In) && behind(1) == Some(Token::Word);
            if called || when || in_order || behind(1) == Some(Token::Then) { Inside::Words } else { Inside::Fields }
        }
        _ => Inside::Fields,
    }
}

/// The last words of `one at a time`.
fn is_time(tokens: &[Lexeme], index: usize) -> bool {
    let begins = |back: usize| {
        let at = index.checked_sub(back).and_then(|at| tokens.get(at..index));
        matches!(at, Some([one, at, ..]) if one.token == Token::One && at.token == Token::At)
    };
    begins(2) || begins(3)
}

/// Whether an event's name stands before this: `on signup`, `exit on paid as payment`.
fn follows_event(tokens: &[Lexeme], index: usize) -> bool {
    let before = |back: usize| index.checked_sub(back).and_then(|at| tokens.get(at)).map(|lexeme| lexeme.token);
    let name = |back: usize| matches!(before(back), Some(Token::Word | Token::String));
    name(1)
        && (before(2) == Some(Token::On) || (before(2) == Some(Token::As) && name(3) && before(4) == Some(Token::On)))
}

/// Whether the `if` at `index` is a step: a block comes before the next line of the workflow.
fn leads_to_block(tokens: &[Lexeme], index: usize) -> bool {
    let ends = |token: Token| {
        let line = matches!(role(token), Some(Role::Step | Role::Header));
        matches!(token, Token::BraceOpen | Token::BraceClose) || (line && token != Token::Set)
    };
    let next = tokens.iter().skip(index + 1).map(|lexeme| lexeme.token).find(|token| ends(*token));
    next == Some(Token::BraceOpen)
}
