//! The shapes that tokens are made of: how long one is that begins at a place.

use crate::lexer::{END, Lexer};

impl Lexer<'_> {
    /// The end of an exponent that begins at `at`.
    pub(super) fn exponent(&self, at: usize) -> Option<usize> {
        if !matches!(self.byte(at), Some(b'e' | b'E')) {
            return None;
        }
        let digits = at + 1 + usize::from(matches!(self.byte(at + 1), Some(b'+' | b'-')));
        let end = self.skip_while(digits, |byte| byte.is_ascii_digit());
        (end > digits).then_some(end)
    }

    /// A quoted text: a doubled quote belongs to it, the last quote that can end it does.
    pub(super) fn string(&self, at: usize, quote: u8) -> Option<usize> {
        let mut end = None;
        let mut position = at + 1;
        loop {
            position = self.skip_while(position, |byte| byte != quote && byte != END);
            if self.byte(position) != Some(quote) {
                return end;
            }
            end = Some(position + 1 - at);
            if self.byte(position + 1) != Some(quote) {
                return end;
            }
            position += 2;
        }
    }

    /// Where the backslashes that begin here end.
    pub(super) fn after_slashes(&self, at: usize) -> usize {
        let (start, end) = self.slashes.get();
        if (start..end).contains(&at) {
            return end;
        }
        let end = self.skip_while(at, |byte| byte == b'\\');
        self.slashes.set((at, end));
        end
    }

    pub(super) fn escaped_directive(&self, at: usize) -> Option<usize> {
        let hash = self.after_slashes(at);
        if (hash - at).is_multiple_of(2) || self.byte(hash) != Some(b'#') {
            return None;
        }
        let name = self.word(hash + 1).or_else(|| self.bracketed_word(hash + 1))?;
        Some(hash + 1 - at + name)
    }

    pub(super) fn set_directive(&self, at: usize) -> Option<usize> {
        if self.byte(at) != Some(b'#') {
            return None;
        }
        let name = self.literal(at, "#set").or_else(|| self.literal(at, "#{set}"))?;
        let end = self.skip_while(at + name, |byte| matches!(byte, b' ' | b'\t'));
        (self.byte(end) == Some(b'(')).then_some(end + 1 - at)
    }

    pub(super) fn empty_index(&self, at: usize) -> Option<usize> {
        ["$[", "$![", "$\\![", "$."].iter().find_map(|text| self.literal(at, text))
    }

    pub(super) fn left_curly(&self, at: usize) -> Option<usize> {
        self.literal(at, "{$").or_else(|| self.literal(at, "{"))
    }

    /// A dot, when a name can follow.
    pub(super) fn dot(&self, at: usize) -> Option<usize> {
        let name = matches!(self.byte(at + 1), Some(b'a'..=b'z' | b'A'..=b'Z' | b'_'));
        (self.byte(at) == Some(b'.') && name).then_some(2)
    }

    pub(super) fn identifier(&self, at: usize, hyphens: bool) -> Option<usize> {
        if !matches!(self.byte(at), Some(b'a'..=b'z' | b'A'..=b'Z' | b'_')) {
            return None;
        }
        let end = self.skip_while(at, |byte| byte.is_ascii_alphanumeric() || byte == b'_' || (hyphens && byte == b'-'));
        Some(end - at)
    }

    pub(super) fn word(&self, at: usize) -> Option<usize> {
        if !matches!(self.byte(at), Some(b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'@')) {
            return None;
        }
        let end = self.skip_while(at + 1, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
        Some(end - at)
    }

    pub(super) fn bracketed_word(&self, at: usize) -> Option<usize> {
        if self.byte(at) != Some(b'{') {
            return None;
        }
        let end = at + 1 + self.word(at + 1)?;
        (self.byte(end) == Some(b'}')).then_some(end + 1 - at)
    }

    pub(super) fn suffix(&self, at: usize) -> Option<usize> {
        let end = self.skip_while(at, |byte| matches!(byte, b' ' | b'\t'));
        self.newline(end).map(|length| end + length - at)
    }

    pub(super) fn newline(&self, at: usize) -> Option<usize> {
        match (self.byte(at), self.byte(at + 1)) {
            (Some(b'\r'), Some(b'\n')) => Some(2),
            (Some(b'\r' | b'\n'), _) => Some(1),
            _ => None,
        }
    }

    pub(super) fn literal(&self, at: usize, text: &str) -> Option<usize> {
        let rest = self.source.as_bytes().get(at..)?;
        rest.starts_with(text.as_bytes()).then_some(text.len())
    }

    /// How many bytes the character at `at` has.
    pub(super) fn character(&self, at: usize) -> usize {
        match self.byte(at) {
            Some(0xc0..=0xdf) => 2,
            Some(0xe0..=0xef) => 3,
            Some(0xf0..=0xff) => 4,
            _ => 1,
        }
    }

    pub(super) fn skip_while(&self, at: usize, accept: impl Fn(u8) -> bool) -> usize {
        let rest = self.source.as_bytes().get(at..).unwrap_or_default();
        at + rest.iter().position(|byte| !accept(*byte)).unwrap_or(rest.len())
    }
}

/// Whether a byte ends a run of text.
pub(super) fn is_special(byte: u8) -> bool {
    matches!(byte, b'$' | b'#' | b'\\' | b'\r' | b'\n' | END)
}
