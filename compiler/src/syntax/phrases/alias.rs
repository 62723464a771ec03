//! A name of its own for the event that starts a workflow: `on signup as s`.

use super::Phrase;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::source::Span;
use crate::syntax::items;
use crate::syntax::token::Token;

/// So many such names of a file are followed at most, each through so many tokens: others are only told of.
const MOST: usize = 100;
const FAR: usize = 4_000;

impl Phrase<'_, '_> {
    /// `on signup as s`: in the workflow `s` is read as `event`.
    pub(super) fn event_with_alias(&mut self) -> Option<usize> {
        let [_, Some(Token::Word | Token::String), Some(Token::As), Some(Token::Word)] = self.tokens() else {
            return None;
        };
        let followed = self.reader.aliases() < MOST && self.text(3) != "data";
        if !self.begins_line() || self.declaration != Some(Token::Workflow) || !followed {
            return None;
        }
        let alias = self.text(3).to_owned();
        let uses = self.uses_of(&alias);
        // One that cannot be followed counts as well, for it was looked for.
        self.reader.alias(self.span(3).start, if uses.is_some() { &alias } else { "" });
        let uses = uses?;
        let gone = self.reader.span(self.span(1).end, self.span(3).end);
        let fix =
            uses.into_iter().fold(Fix::delete(gone), |fix, span| fix.and(Edit { span, text: "event".to_owned() }));
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, self.span(2).to(self.span(3)))
            .message("what starts a workflow has no name of its own")
            .hint("in the workflow it is called `event`")
            .fix(fix.titled("call it `event`"));
        self.slip(2, diagnostic);
        self.keep(0);
        self.keep(1);
        Some(4)
    }

    /// Where the rest of the workflow uses a name as a value; nothing where something else has the name, too.
    fn uses_of(&self, alias: &str) -> Option<Vec<Span>> {
        let mut uses = Vec::new();
        for index in 4..FAR {
            let Some(lexeme) = self.lexemes.get(index) else { return Some(uses) };
            if items::begins_for_sure(self.reader, self.lexemes, index) {
                return Some(uses);
            }
            let before = self.lexemes.get(index - 1).map(|lexeme| lexeme.token);
            let next = self.lexemes.get(index + 1).map(|lexeme| lexeme.token);
            let place = self.reader.span(lexeme.start, lexeme.end);
            match lexeme.token {
                Token::Word if self.reader.slice(place) == alias => match before {
                    // A second event may have got the same name.
                    Some(Token::As) if !self.is_of_trigger(index) => return None,
                    Some(Token::As | Token::Dot) => {}
                    _ if next == Some(Token::Dot) => uses.push(place),
                    _ => {}
                },
                Token::String | Token::Block => self.uses_in_text(place, alias, &mut uses),
                _ => {}
            }
        }
        None
    }

    /// Whether the name at `index` is one of an event that starts the workflow, `on signup as s`.
    fn is_of_trigger(&self, index: usize) -> bool {
        let on = index.checked_sub(3).and_then(|on| self.lexemes.get(on));
        on.is_some_and(|on| on.token == Token::On && on.first_on_line)
    }

    /// `"${s.plan}"`.
    fn uses_in_text(&self, text: Span, alias: &str, uses: &mut Vec<Span>) {
        let opening = format!("${{{alias}.");
        for (at, _) in self.reader.slice(text).match_indices(&opening) {
            let start = text.start + at as u32 + 2;
            uses.push(self.reader.span(start, start + alias.len() as u32));
        }
    }
}
