//! What a recognised token does to the state.

use super::scan::More;
use super::{Kind, Lexer, Saved, State};

impl Lexer<'_> {
    /// Acts on the beginning of a token.
    pub(super) fn begin(&mut self, more: More, length: usize) {
        if self.silent || more == More::Verbatim {
            return;
        }
        match more {
            More::Dollar => {
                if matches!(self.state, State::Reference | State::PreReference) {
                    self.pop();
                }
                self.push_unless_begun();
                self.state = State::PreReference;
            }
            More::Hash => {
                if matches!(self.state, State::Reference | State::PreReference | State::Modifier) {
                    self.pop();
                }
                if !matches!(self.state, State::PreReference | State::PreDirective) {
                    if self.state == State::AfterArguments {
                        // A directive never comes back to the reference it ended.
                        self.state = State::Default;
                    }
                    self.push();
                }
                self.state = State::PreDirective;
            }
            More::Comment => self.enter_silence(State::BlockComment),
            More::FormalComment => {
                // The character after `#**` is the comment's first.
                self.position = self.position + 3 - length;
                self.enter_silence(State::FormalComment);
            }
            More::TextBlock => self.enter_silence(State::TextBlock),
            More::Verbatim => {}
        }
    }

    fn enter_silence(&mut self, state: State) {
        self.silent = true;
        self.push_unless_begun();
        self.state = state;
    }

    /// Acts on a whole token that began at `from`; returns where the token ends.
    pub(super) fn finish(&mut self, kind: Kind, from: usize) -> usize {
        let state = self.state;
        match kind {
            Kind::LoneSymbol | Kind::IndexRight | Kind::ReferenceOr | Kind::Suffix | Kind::End | Kind::Else => {
                self.pop();
            }
            Kind::IndexLeft => {
                self.push();
                self.state = State::Index;
            }
            Kind::Pipe if self.curlies == 1 => self.state = State::Alternate,
            Kind::Pipe => {
                self.pop();
            }
            Kind::LeftCurly | Kind::ReferenceLeft => self.curlies += 1,
            Kind::RightCurly => {
                self.curlies -= 1;
                if state == State::Alternate && self.curlies == 0 {
                    self.pop();
                }
            }
            Kind::ReferenceRight => {
                while self.curlies == 0 && self.state != State::Default {
                    self.pop();
                }
                if !matches!(self.state, State::Default | State::Directive | State::Arguments) {
                    self.pop();
                }
            }
            Kind::LeftParen => {
                self.opened += 1;
                if state == State::Modifier {
                    self.state = State::Arguments;
                }
            }
            Kind::RightParen => self.close_parenthesis(),
            Kind::ArgumentsRight => self.state = State::AfterArguments,
            Kind::Set => {
                self.push();
                self.in_set = true;
                self.state = State::Directive;
                self.opened += 1;
            }
            Kind::LineCommentStart => {
                if matches!(state, State::Reference | State::PreReference) {
                    self.pop();
                }
                self.silent = true;
                self.push();
                self.state = State::LineComment;
            }
            Kind::LineComment | Kind::BlockComment | Kind::FormalComment => {
                self.silent = false;
                self.pop();
                if matches!(self.state, State::Reference | State::AfterArguments) {
                    self.pop();
                }
            }
            Kind::TextBlock => {
                self.silent = false;
                self.pop();
            }
            Kind::Newline => self.in_set = false,
            Kind::If | Kind::ElseIf => self.state = State::Directive,
            Kind::String if state == State::Directive && !self.in_set && self.opened == 0 => {
                self.pop();
            }
            Kind::Integer => {
                if self.source.get(from..self.position).is_some_and(|image| image.ends_with("..")) {
                    self.position -= 2;
                }
                if self.opened == 0
                    && !self.in_set
                    && !matches!(state, State::Arguments | State::Index | State::Alternate)
                {
                    self.pop();
                }
            }
            Kind::Float
                if self.opened == 0 && !self.in_set && !matches!(state, State::Arguments | State::Alternate) =>
            {
                self.pop();
            }
            Kind::Identifier if state == State::PreReference => self.state = State::Reference,
            Kind::Dot => {
                // The letter after the dot begins the name.
                self.position -= 1;
                self.state = State::Modifier;
            }
            _ => {}
        }
        self.position
    }

    /// Drops to the state below the one whose parenthesis this closes.
    fn close_parenthesis(&mut self) {
        if self.silent {
            return;
        }
        loop {
            if self.opened > 0 {
                if self.opened == self.closed + 1 {
                    self.pop();
                } else {
                    self.closed += 1;
                }
                return;
            }
            if !self.pop() {
                return;
            }
        }
    }

    fn push_unless_begun(&mut self) {
        if !matches!(self.state, State::PreReference | State::PreDirective) {
            self.push();
        }
    }

    fn push(&mut self) {
        self.stack.push(Saved { state: self.state, opened: self.opened, closed: self.closed, curlies: self.curlies });
        self.opened = 0;
        self.curlies = 0;
    }

    /// Returns to the state below; false when there is none.
    pub(super) fn pop(&mut self) -> bool {
        let Some(saved) = self.stack.pop() else {
            self.opened = 0;
            self.state = State::Default;
            return false;
        };
        self.state = saved.state;
        self.opened = saved.opened;
        self.closed = saved.closed;
        self.curlies = saved.curlies;
        true
    }
}
