//! Slips that take several tokens, read as what was meant before anything is parsed.
//!
//! `wait 5 min`, `call score()`, `plan: gold | silver`: each is reported once, and the tokens that were meant stand in its
//! place, so that nothing that depends on them is reported as well.

mod afterwards;
mod alias;
mod blocks;
mod brackets;
mod branch;
mod expectations;
mod head;
mod json;
mod lists;
mod marks;
mod moments;
mod settings;
mod signs;
mod steps;
mod texts;
mod types;
mod values;

pub(super) use marks::MARKS;

use super::layer;
use super::reader::Reader;
use super::token::{Lexeme, Token};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// How many tokens are looked through at most for the end of a slip: what is longer is read as it stands, so that many of
/// them in one line take no quadratic time.
const LONGEST: usize = 200;

/// Reads a slip that begins with the first of these lexemes into `cleaned`; gives how many lexemes it takes, 0 if there
/// is none.
///
/// `declaration` is what they are a part of.
pub(crate) fn read(
    reader: &mut Reader<'_>,
    declaration: Option<Token>,
    lexemes: &[Lexeme],
    cleaned: &mut Vec<Lexeme>,
) -> usize {
    let Some(first) = lexemes.first() else { return 0 };
    let before = cleaned.last().map(|lexeme| lexeme.token);
    let mut phrase = Phrase { reader, declaration, lexemes, cleaned, before };
    let other = phrase.lexemes.get(1).is_some_and(|next| next.token == Token::ForeignWord && next.start == first.end);
    if other && first.token.is_word() {
        return phrase.two_scripts().unwrap_or(0);
    }
    match first.token {
        Token::Int => {
            let time = phrase.units().or_else(|| phrase.unit()).or_else(|| phrase.calendar_unit());
            time.or_else(|| phrase.percent_in_words()).or_else(|| phrase.numbered()).or_else(|| phrase.case())
        }
        Token::Duration => phrase.pauses().or_else(|| phrase.units()),
        Token::Decimal => phrase.date().or_else(|| phrase.case()),
        Token::Arrow => phrase
            .at_least()
            .or_else(|| phrase.arrow_to_field())
            .or_else(|| phrase.joined_steps())
            .or_else(|| phrase.arrow()),
        Token::Workflow | Token::Webhook | Token::Channel | Token::Test => {
            phrase.line_in_head().or_else(|| phrase.sign_in_head()).or_else(|| phrase.event_in_brackets())
        }
        Token::Connector => {
            phrase.sign_in_head().or_else(|| phrase.dashed_kind()).or_else(|| phrase.kind_before_name())
        }
        Token::Event | Token::Message => phrase.sign_in_head().or_else(|| phrase.colon_to_field()),
        Token::String => phrase.case().or_else(|| phrase.quotes_within()).or_else(|| phrase.header_of_key()),
        Token::True | Token::False | Token::Null | Token::Star | Token::Else => phrase.case(),
        Token::Set => phrase.fields_at_once(),
        Token::Less => phrase.unequal(),
        Token::On => phrase
            .outcome()
            .or_else(|| phrase.way())
            .or_else(|| phrase.schedule())
            .or_else(|| phrase.event_with_alias())
            .or_else(|| phrase.brackets(2))
            .or_else(|| phrase.kind()),
        Token::In => phrase.kind().or_else(|| phrase.list_of_values()).or_else(|| phrase.values_without_brackets()),
        Token::Segment => phrase.segment().or_else(|| phrase.sign_in_head()),
        Token::Contact => phrase.bare_field().or_else(|| phrase.colon_to_field()),
        Token::Until => phrase.day(),
        Token::Unknown => phrase
            .unquoted_secret()
            .or_else(|| phrase.comparison())
            .or_else(|| phrase.reference_in_braces())
            .or_else(|| phrase.drawn_sign()),
        Token::Later => phrase.within().or_else(|| phrase.included_file()).or_else(|| phrase.compared_part()),
        Token::Send => phrase
            .in_brackets()
            .or_else(|| phrase.kind())
            .or_else(|| phrase.channel())
            .or_else(|| phrase.brackets(2))
            .or_else(|| phrase.parts_without_braces()),
        Token::Auth => phrase.kind().or_else(|| phrase.secret_as_connector()),
        Token::Call => phrase
            .in_brackets()
            .or_else(|| phrase.kind())
            .or_else(|| phrase.brackets(2))
            .or_else(|| phrase.called_address())
            .or_else(|| phrase.parts_without_braces()),
        Token::For => phrase.kind().or_else(|| phrase.zone_behind()),
        Token::Emit | Token::Receive => phrase.kind().or_else(|| phrase.parameters_in_brackets()),
        Token::Expect => phrase.expected_end(),
        Token::Stub => phrase.answer_without_braces(),
        Token::Get | Token::Post | Token::Put | Token::Patch | Token::Delete => phrase.bare_url(),
        Token::BracketOpen => phrase.list_behind_brackets(),
        Token::Is => phrase.compared_part(),
        Token::Wait => phrase.wait().or_else(|| phrase.spelled_time()),
        Token::Once => phrase.once(),
        Token::Split => phrase.shares_before_block(),
        Token::Uses => phrase.uses(),
        Token::Headers => phrase.header(),
        Token::Body => phrase.json_text(),
        Token::Timeout => phrase.way(),
        Token::Date => phrase.day_and_time().or_else(|| phrase.zone()),
        Token::Time | Token::DateTime => phrase.zone(),
        Token::If | Token::Where => phrase.condition_behind(),
        Token::Then => phrase.block_of_words().or_else(|| phrase.joined_steps()).or_else(|| phrase.way()),
        Token::And | Token::Pipe => phrase.joined_steps(),
        Token::OrSign => phrase.default_by_or(),
        Token::Question => phrase.choice(),
        Token::Dot => phrase.digits_behind_dot().or_else(|| phrase.handed_function()),
        Token::BraceOpen => {
            let reference = phrase.reference_in_braces().or_else(|| phrase.lines_in_braces());
            reference.or_else(|| phrase.doubled_braces()).or_else(|| phrase.steps_of_exit())
        }
        Token::BracketClose | Token::ParenClose => phrase.other_bracket(),
        Token::Minus => phrase.line_comment().or_else(|| phrase.dash()),
        Token::File => phrase.file().or_else(|| phrase.bare_path()),
        Token::NotSign => phrase.required(),
        Token::Sensitive => phrase.mark_before().or_else(|| phrase.mark_before_type()),
        Token::Word => phrase.word(),
        Token::Assign => phrase.setting().or_else(|| phrase.comparison()),
        _ => None,
    }
    .or_else(|| phrase.union())
    .or_else(|| phrase.optional())
    .unwrap_or(0)
}

struct Phrase<'a, 'text> {
    reader: &'a mut Reader<'text>,
    /// The declaration that this is a part of.
    declaration: Option<Token>,
    lexemes: &'a [Lexeme],
    cleaned: &'a mut Vec<Lexeme>,
    /// What stands before it.
    before: Option<Token>,
}

impl Phrase<'_, '_> {
    /// What begins with a word that is not reserved.
    fn word(&mut self) -> Option<usize> {
        self.word_of_line()
            .or_else(|| self.bare_mailbox())
            .or_else(|| self.unquoted_secret())
            .or_else(|| self.tried())
            .or_else(|| self.list_of())
            .or_else(|| self.optional_before())
            .or_else(|| self.mark_before_type())
            .or_else(|| self.or_null())
            .or_else(|| self.bare_address())
            .or_else(|| self.quantifier())
            .or_else(|| self.exists())
            .or_else(|| self.times())
            .or_else(|| self.compared_part())
            .or_else(|| self.condition_behind())
            .or_else(|| self.block_of_words())
            .or_else(|| self.joined_steps())
            .or_else(|| self.way())
            .or_else(|| self.called_step())
            .or_else(|| self.trigger())
            .or_else(|| self.header())
    }

    /// Slips of a word that begins a line, or behind which one of them goes on.
    fn word_of_line(&mut self) -> Option<usize> {
        if self.is_quiet() {
            return None;
        }
        self.secret()
            .or_else(|| self.case())
            .or_else(|| self.else_if())
            .or_else(|| self.catch())
            .or_else(|| self.needless_word())
            .or_else(|| self.fields_at_once())
            .or_else(|| self.method())
            .or_else(|| self.list())
            .or_else(|| self.map())
            .or_else(|| self.list_behind())
            .or_else(|| self.members())
    }

    /// Whether a line of the language may begin here: the one before it is complete.
    fn begins_line(&self) -> bool {
        let Some(before) = self.before.filter(|_| self.at(0).is_some_and(|first| first.first_on_line)) else {
            return self.before == Some(Token::BraceOpen);
        };
        let value = matches!(before, Token::Word | Token::String | Token::Block | Token::Int | Token::Decimal);
        let value = value || matches!(before, Token::Date | Token::DateTime | Token::Time | Token::Duration);
        let value = value || matches!(before, Token::True | Token::False | Token::Null | Token::Stop | Token::Create);
        value
            || matches!(before, Token::BraceOpen | Token::BraceClose | Token::ParenClose | Token::BracketClose)
            || before == Token::Set
    }

    /// Whether this begins in the first column, as declarations do.
    fn is_outermost(&self) -> bool {
        self.at(0).is_some_and(|first| self.reader.in_first_column(first))
    }

    /// What the lexemes from one index to before another are read as, by themselves.
    fn cleaned_between(&mut self, from: usize, to: usize) -> Vec<Lexeme> {
        layer::clean(self.reader, self.declaration, self.lexemes.get(from..to).unwrap_or(&[]))
    }

    fn at(&self, index: usize) -> Option<Lexeme> {
        self.lexemes.get(index).copied().filter(|lexeme| index == 0 || !lexeme.first_on_line)
    }

    /// The token at `index`, if it stands on the line of the first one.
    fn token(&self, index: usize) -> Option<Token> {
        self.at(index).map(|lexeme| lexeme.token)
    }

    fn tokens<const COUNT: usize>(&self) -> [Option<Token>; COUNT] {
        std::array::from_fn(|index| self.token(index))
    }

    fn span(&self, index: usize) -> Span {
        self.place(self.at(index))
    }

    /// As [`Phrase::span`], whatever line the token stands on.
    fn span_on_any_line(&self, index: usize) -> Span {
        self.place(self.lexemes.get(index).copied())
    }

    fn place(&self, lexeme: Option<Lexeme>) -> Span {
        lexeme.map_or(self.reader.span(0, 0), |lexeme| self.reader.span(lexeme.start, lexeme.end))
    }

    fn text(&self, index: usize) -> &str {
        self.reader.slice(self.span(index))
    }

    /// Whether a word stands in the midst of a line and nothing follows that one of its slips goes on with: most words do.
    fn is_quiet(&self) -> bool {
        let begins = self.at(0).is_some_and(|word| word.first_on_line)
            || matches!(self.before, Some(Token::BraceOpen | Token::BraceClose | Token::Comma));
        let goes_on = matches!(
            self.token(1),
            Some(Token::ParenOpen | Token::BracketOpen | Token::BraceOpen | Token::Less)
                | Some(Token::Question | Token::Colon | Token::Contact)
        );
        !begins && !goes_on
    }

    /// Whether the text at `index` is one of these words, in letters of any case.
    fn is_one_of(&self, index: usize, words: &[&str]) -> bool {
        let text = self.text(index);
        words.iter().any(|word| text.eq_ignore_ascii_case(word))
    }

    /// The bracket that closes the one at `open`, on whatever line, if it is near.
    fn closing(&self, open: usize) -> Option<usize> {
        let opens = self.lexemes.get(open)?.token;
        let closes = match opens {
            Token::BraceOpen => Token::BraceClose,
            Token::BracketOpen => Token::BracketClose,
            Token::ParenOpen => Token::ParenClose,
            _ => return None,
        };
        let mut depth = 0_usize;
        for index in open..open + LONGEST {
            let token = self.lexemes.get(index)?.token;
            if token == opens {
                depth += 1;
            } else if token == closes {
                depth -= 1;
                if depth == 0 {
                    return Some(index);
                }
            }
        }
        None
    }

    /// The bracket of what was read that is open before the lexeme at `end`, if it is near.
    fn opening(&self, end: usize) -> Option<usize> {
        let mut depth = 0_usize;
        let before = self.cleaned.iter().enumerate().take(end).rev().take(LONGEST);
        before.into_iter().find_map(|(index, lexeme)| {
            match lexeme.token {
                Token::BraceClose | Token::BracketClose | Token::ParenClose => depth += 1,
                Token::BraceOpen | Token::BracketOpen | Token::ParenOpen if depth == 0 => return Some(index),
                Token::BraceOpen | Token::BracketOpen | Token::ParenOpen => depth -= 1,
                _ => {}
            }
            None
        })
    }

    fn adjacent(&self, index: usize) -> bool {
        self.span(index).end == self.span(index + 1).start
    }

    /// A name, and not that of a field.
    fn is_name(&self, index: usize) -> bool {
        matches!(self.token(index), Some(Token::Word | Token::String)) && self.token(index + 1) != Some(Token::Colon)
    }

    fn push(&mut self, token: Token, from: usize, to: usize) {
        if let (Some(first), Some(last)) = (self.at(from), self.at(to)) {
            self.cleaned.push(Lexeme { token, end: last.end, ..first });
        }
    }

    fn keep(&mut self, index: usize) {
        self.cleaned.extend(self.at(index));
    }

    /// Reports the slip; the lexeme at `index` is the one that is read as something else.
    fn slip(&mut self, index: usize, diagnostic: Diagnostic) {
        if let Some(lexeme) = self.at(index) {
            self.reader.slip(lexeme, diagnostic);
        }
    }

    /// The blanks before the line of the first token.
    fn indentation(&self) -> String {
        let start = self.at(0).map_or(0, |lexeme| lexeme.start);
        let line = self.reader.slice(self.reader.span(self.reader.line_start(start), start));
        line.chars().take_while(|letter| letter.is_whitespace()).collect()
    }

    /// The text between two tokens.
    fn gap(&self, before: usize, behind: usize) -> Span {
        self.reader.span(self.span(before).end, self.span(behind).start)
    }

    /// The text from one token to before another.
    fn up_to(&self, from: usize, to: usize) -> Span {
        let (from, to) = (self.span(from), self.span(to));
        Span::new(from.file, from.start, to.start)
    }
}
