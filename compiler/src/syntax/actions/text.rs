//! Names and texts: from what stands between quotes to what is meant.
//!
//! Outside messages a text is cooked: `\` begins an escape, `${…}` is read as an expression on its own, at its true place.
//! In a message a text is a Velocity template and taken raw: there `${…}` is Velocity's own notation, a backslash is a
//! backslash, and only `\"` means something, the quote that would else end the text. Quotes without that are what blocks
//! are for.

use smol_str::SmolStr;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::Deep;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{Name, Text, TextPart};
use crate::syntax::letters;
use crate::syntax::lexer;
use crate::syntax::marks::MarkKind;
use crate::syntax::reader::Reader;
use crate::syntax::text_block::{SourceMap, TextBlock};

/// Texts under construction.
struct Cooked {
    parts: Vec<TextPart>,
    /// The literal stretch that is growing.
    text: String,
    map: SourceMap,
    depth: usize,
}

impl Cooked {
    /// For a text that takes `length` bytes of the file: what it means is no longer.
    fn new(reader: &Reader<'_>, length: u32) -> Cooked {
        let text = String::with_capacity(length as usize);
        Cooked { parts: Vec::new(), text, map: SourceMap::new(reader.file), depth: 0 }
    }

    fn here(&self) -> u32 {
        self.text.len() as u32
    }

    /// Text that stands in the file at `start` as it is meant.
    fn verbatim(&mut self, text: &str, start: u32) {
        if !text.is_empty() {
            self.map.verbatim(self.here(), start);
            self.text.push_str(text);
        }
    }

    /// Text that stands for what the file has at `start..end`.
    fn replaced(&mut self, text: char, start: u32, end: u32) {
        self.map.replaced(self.here(), start, end);
        self.text.push(text);
    }

    /// Ends the literal stretch at the offset `end` of the file.
    fn literal(&mut self, end: u32) -> TextBlock {
        let mut map = SourceMap::new(self.map.file());
        std::mem::swap(&mut map, &mut self.map);
        let text = std::mem::take(&mut self.text);
        map.finish(text.len() as u32, end);
        TextBlock { text, map }
    }

    /// Ends the literal stretch, if there is one, and keeps it as a part.
    fn part(&mut self, end: u32) {
        if !self.text.is_empty() {
            let literal = self.literal(end);
            // Most texts have one part, and most of the others few.
            if self.parts.is_empty() {
                self.parts.reserve_exact(1);
            }
            self.parts.push(TextPart::Literal(literal));
        }
    }
}

impl Reader<'_> {
    /// A word, reserved or not, as a name.
    pub(crate) fn word(&mut self, start: u32, end: u32) -> Name {
        let span = self.span(start, end);
        let text = self.slice(span);
        // A letter that only looks like one of ours was told of; what is named is what was meant.
        if !text.is_ascii()
            && self.is_slip(start)
            && let Some(latin) = letters::latin(text)
        {
            return span.with(latin.into());
        }
        span.with(composed(text))
    }

    /// The text of a string that must not have interpolations.
    pub(crate) fn plain_text(&mut self, start: u32, end: u32) -> Name {
        let span = self.span(start, end);
        let (from, to) = self.within_quotes(span);
        let mut cooked = Cooked::new(self, to - from);
        self.cook(from, to, &mut cooked, false);
        span.with(SmolStr::from(cooked.text))
    }

    /// A declared or used name that was written in quotes.
    pub(crate) fn quoted_name(&mut self, text: Name) -> Name {
        self.begins(text.span.start, MarkKind::Name, ());
        let refused = text.node.chars().find(|&letter| letter.is_control() || is_hidden(letter));
        if let Some(letter) = refused {
            self.report(
                Diagnostic::new(Code::BadName, text.span)
                    .message(format!("a name cannot hold the character U+{:04X}", u32::from(letter)))
                    .hint("control and text-direction characters make two names look alike"),
            );
        } else if text.node.trim().is_empty() && !self.is_slip(text.span.start) {
            self.report(Diagnostic::new(Code::BadName, text.span).message("a name cannot be empty"));
        }
        text.map(|text| composed(&text))
    }

    /// A one-line text of the language.
    pub(crate) fn text(&mut self, start: u32, end: u32) -> Deep<Spanned<Text>> {
        let span = self.span(start, end);
        let (from, to) = self.within_quotes(span);
        let mut cooked = Cooked::new(self, to - from);
        self.cook(from, to, &mut cooked, true);
        cooked.part(to);
        Deep::new(span.with(Text { parts: cooked.parts }), cooked.depth)
    }

    /// A `"""` block of the language.
    pub(crate) fn block_text(&mut self, start: u32, end: u32) -> Deep<Spanned<Text>> {
        let span = self.span(start, end);
        let mut cooked = Cooked::new(self, end - start);
        let last = self.block_lines(span, &mut cooked, |reader, from, to, cooked| reader.cook(from, to, cooked, true));
        cooked.part(last);
        Deep::new(span.with(Text { parts: cooked.parts }), cooked.depth)
    }

    /// A one-line template of a message.
    pub(crate) fn template(&mut self, start: u32, end: u32) -> Spanned<TextBlock> {
        let span = self.span(start, end);
        let (from, to) = self.within_quotes(span);
        let mut cooked = Cooked::new(self, to - from);
        let mut done = from;
        for (at, _) in self.slice(self.span(from, to)).match_indices("\\\"") {
            let quote = from + at as u32;
            cooked.verbatim(self.slice(self.span(done, quote)), done);
            cooked.replaced('"', quote, quote + 2);
            done = quote + 2;
        }
        cooked.verbatim(self.slice(self.span(done, to)), done);
        span.with(cooked.literal(to))
    }

    /// A `"""` block of a message.
    pub(crate) fn block_template(&mut self, start: u32, end: u32) -> Spanned<TextBlock> {
        let span = self.span(start, end);
        let mut cooked = Cooked::new(self, end - start);
        let last = self.block_lines(span, &mut cooked, |reader, from, to, cooked| {
            cooked.verbatim(reader.slice(reader.span(from, to)), from);
        });
        span.with(cooked.literal(last))
    }

    /// The offsets of what stands between the quotes of a one-line text.
    fn within_quotes(&self, span: Span) -> (u32, u32) {
        let text = self.slice(span);
        // A word that is read as a text has no quotes.
        let quote = text.chars().next().filter(|first| !first.is_ascii_alphanumeric() && *first != '_');
        let quote = quote.map_or(0, char::len_utf8) as u32;
        // An unclosed string is a slip, and so are foreign quotes, which have two ends.
        let closing = match text.chars().next_back() {
            Some('"') if self.is_unclosed(span.start) => 0,
            Some(last @ ('"' | '\'' | '‘' | '’' | '“' | '”' | '»')) if text.len() as u32 > quote => {
                last.len_utf8() as u32
            }
            _ => 0,
        };
        (span.start + quote, span.end - closing)
    }

    /// Cooks `from..to` of the file, which lies on one line.
    fn cook(&mut self, from: u32, to: u32, cooked: &mut Cooked, interpolations: bool) {
        let text = self.text.get(from as usize..to as usize).unwrap_or("");
        let mut done = 0;
        let mut at = 0;
        while let Some(next) = text.get(at..).and_then(|rest| rest.find(['\\', '$'])) {
            at += next;
            let place = from + at as u32;
            let rest = text.get(at..).unwrap_or("");
            if rest.starts_with('\\') {
                cooked.verbatim(text.get(done..at).unwrap_or(""), from + done as u32);
                let length = self.escape(rest, place, cooked);
                at += length;
                done = at;
            } else if let Some(inner) = rest.strip_prefix("${") {
                let Some(length) = lexer::interpolation(inner) else {
                    self.unclosed_interpolation(place, to);
                    break;
                };
                let span = self.span(place, place + 2 + length as u32);
                if interpolations {
                    cooked.verbatim(text.get(done..at).unwrap_or(""), from + done as u32);
                    cooked.part(place);
                    let value = self.interpolation(span);
                    cooked.depth = cooked.depth.max(value.depth);
                    cooked.parts.push(TextPart::Interpolation(span.with(value.node)));
                    done = at + 2 + length;
                } else {
                    self.report(
                        Diagnostic::new(Code::InterpolationNotAllowed, span)
                            .hint("write the text out; a literal `${` is `\\${`"),
                    );
                }
                at += 2 + length;
            } else {
                at += 1;
            }
        }
        cooked.verbatim(text.get(done..).unwrap_or(""), from + done as u32);
    }

    /// Cooks the escape that `rest` begins with, and says how many bytes it has.
    fn escape(&mut self, rest: &str, place: u32, cooked: &mut Cooked) -> usize {
        let mut letters = rest.chars();
        letters.next();
        let letter = letters.next();
        let simple = match letter {
            Some('"') => Some('"'),
            Some('\\') => Some('\\'),
            Some('$') => Some('$'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            _ => None,
        };
        if let Some(meant) = simple {
            cooked.replaced(meant, place, place + 2);
            return 2;
        }
        if let Some(digits) = rest.strip_prefix("\\u{")
            && let Some((digits, _)) = digits.split_once('}')
            && let Some(meant) = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
            && digits.len() <= 6
        {
            let length = "\\u{}".len() + digits.len();
            cooked.replaced(meant, place, place + length as u32);
            return length;
        }
        let length = 1 + letter.map_or(0, char::len_utf8);
        let span = self.span(place, place + length as u32);
        let written = self.slice(span).to_owned();
        let diagnostic = Diagnostic::new(Code::UnknownEscape, span).message(format!("`{written}` is no escape"));
        self.report(match letter {
            Some('u') => diagnostic.hint("a character by its number is `\\u{1F600}`, with braces"),
            _ => diagnostic
                .hint("there are `\\\"`, `\\\\`, `\\n`, `\\r`, `\\t`, `\\$` and `\\u{…}`; a backslash itself is `\\\\`")
                .fix(Fix::insert_before(span, "\\")),
        });
        cooked.verbatim(self.slice(span), place);
        length
    }

    fn unclosed_interpolation(&mut self, place: u32, to: u32) {
        // The forgotten quote behind it is reported already, and nothing more is wrong.
        if self.is_slip_line(place) {
            return;
        }
        let span = self.span(place, place + 2);
        self.report(
            Diagnostic::new(Code::UnclosedInterpolation, span)
                .also(self.span(to, to), "the text ends here")
                .hint("close it with `}`; a literal `${` is `\\${`"),
        );
    }

    /// Walks over the lines of a block: `line` gets the offsets of each without its indentation and line end. Gives the
    /// offset where the last one ends.
    fn block_lines(
        &mut self,
        span: Span,
        cooked: &mut Cooked,
        mut line: impl FnMut(&mut Self, u32, u32, &mut Cooked),
    ) -> u32 {
        let text = self.text.get(span.range()).unwrap_or("");
        let opening = text.find('\n').map_or(text.len(), |end| end + 1);
        let (first, rest) = text.split_at_checked(opening).unwrap_or((text, ""));
        let head = first.get(3..).unwrap_or("");
        let unclosed = self.is_unclosed(span.start);
        let begins_at_once = !head.trim().is_empty();
        let mut end_of_last = span.start + opening as u32;
        if begins_at_once {
            // That it does not end is reported, and says where its quotes stand.
            if unclosed {
                return span.end;
            }
            self.text_on_opening_line(span, head);
            // What it holds is read all the same: it may have mistakes of its own, and uses what it names.
            let content = head.strip_suffix("\"\"\"").unwrap_or(head).trim_end_matches(['\r', '\n']);
            end_of_last = span.start + 3 + content.len() as u32;
            line(self, span.start + 3, end_of_last, cooked);
        }
        let (body, closing) = if unclosed { (rest, "") } else { split_closing(rest) };
        let indentation = closing.strip_suffix("\"\"\"").unwrap_or(closing);
        let mut offset = span.start + opening as u32;
        let mut shallow = begins_at_once;
        for (number, whole) in body.split_inclusive('\n').enumerate() {
            let content = whole.strip_suffix('\n').unwrap_or(whole);
            let content = content.strip_suffix('\r').unwrap_or(content);
            if number > 0 || begins_at_once {
                cooked.replaced('\n', end_of_last, offset);
            }
            end_of_last = offset + content.len() as u32;
            if content.trim().is_empty() {
                // A line of blanks is an empty line, whatever an editor left there.
            } else if content.starts_with(indentation) {
                line(self, offset + indentation.len() as u32, end_of_last, cooked);
            } else {
                // The first one says it for all: it is the closing quotes that are moved.
                if !shallow && !unclosed {
                    self.shallow_line(offset, content, span);
                }
                shallow = true;
                let from = end_of_last - content.trim_start().len() as u32;
                line(self, from, end_of_last, cooked);
            }
            offset += whole.len() as u32;
        }
        end_of_last
    }

    fn shallow_line(&mut self, offset: u32, content: &str, block: Span) {
        let blanks = content.len() - content.trim_start().len();
        let span = self.span(offset, offset + blanks as u32);
        let closing = self.span(block.end - 3, block.end);
        self.report(
            Diagnostic::new(Code::ShallowTextBlock, span)
                .also(closing, "their indentation is taken from each line")
                .hint("indent the line at least as far, with the same blanks, or move the closing quotes to the left"),
        );
    }

    fn text_on_opening_line(&mut self, span: Span, head: &str) {
        let head = head.trim_end();
        let place = self.span(span.start + 3, span.start + 3 + head.len() as u32);
        let diagnostic = Diagnostic::new(Code::MalformedTextBlock, place)
            .hint("begin the text on the next line, and put the closing quotes first on theirs");
        self.report(match head.strip_suffix("\"\"\"") {
            Some(inner) if !inner.contains(['"', '\\']) => {
                diagnostic.fix(Fix::replace(span, format!("\"{inner}\"")).titled("write it as a text of one line"))
            }
            Some(inner) => {
                let before = self.text.get(..span.start as usize).unwrap_or("");
                let line = before.rsplit('\n').next().unwrap_or("");
                let blanks = line.get(..line.len() - line.trim_start().len()).unwrap_or("");
                let block = format!("\"\"\"\n{blanks}  {}\n{blanks}  \"\"\"", inner.trim());
                diagnostic.fix(Fix::replace(span, block).titled("write it on a line of its own"))
            }
            None => diagnostic,
        });
    }
}

/// Splits off the line of the closing quotes; the body keeps its last line end.
fn split_closing(rest: &str) -> (&str, &str) {
    let at = rest.rfind('\n').map_or(0, |end| end + 1);
    rest.split_at_checked(at).unwrap_or((rest, ""))
}

/// Unicode's composed form: two ways to type one letter are one name.
fn composed(text: &str) -> SmolStr {
    if is_nfc(text) { SmolStr::from(text) } else { text.nfc().collect() }
}

/// Characters that change the direction of text or have no width: what is shown is then not what is there.
pub(crate) fn is_hidden(letter: char) -> bool {
    matches!(
        letter,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}
