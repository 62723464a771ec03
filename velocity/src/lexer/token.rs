//! What the lexer yields.

/// The kinds of tokens. Some characters have several, one for each place they can stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The end of the template.
    End0,
    /// The end of the text right after a `$` or `#`.
    LoneSymbol,
    /// The end of the text, as a character.
    ZeroWidth,
    /// `[` in a reference.
    IndexLeft,
    /// `]` in a reference.
    IndexRight,
    /// `||` in or after a reference.
    ReferenceOr,
    /// `|` in a reference.
    Pipe,
    LeftBracket,
    RightBracket,
    Comma,
    DoubleDot,
    Colon,
    /// `{` of a map.
    LeftCurly,
    /// `}` of a map, or of an alternate value.
    RightCurly,
    LeftParen,
    RightParen,
    /// `)` of a method.
    ArgumentsRight,
    /// `\#name`
    EscapedDirective,
    /// `#set(`
    Set,
    /// `##`
    LineCommentStart,
    /// The line end after `##`.
    LineComment,
    /// `#** … *#`
    FormalComment,
    /// `#* … *#`
    BlockComment,
    /// `#[[ … ]]#`
    TextBlock,
    Whitespace,
    Newline,
    /// A line end right after `$` or `#`.
    Suffix,
    String,
    True,
    False,
    Minus,
    Plus,
    Multiply,
    Divide,
    Modulus,
    And,
    Or,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    Not,
    Assign,
    /// `#end`
    End,
    /// `#if`
    If,
    /// `#elseif`
    ElseIf,
    /// `#else`
    Else,
    Integer,
    Float,
    /// `#name`, or a bare word among a directive's arguments.
    Word,
    /// `#{name}`
    BracketedWord,
    /// A name, with the `$` before it if it begins a reference.
    Identifier,
    /// `.` before a name.
    Dot,
    /// `${`
    ReferenceLeft,
    /// `}` of a reference.
    ReferenceRight,
    /// Two backslashes.
    DoubleEscape,
    /// One backslash.
    Escape,
    /// Whole lines of text.
    Text,
    /// Text within a line.
    InlineText,
    /// `$[` and the like: text that only looks like a reference.
    EmptyIndex,
}

/// A token; its image is `source[start..end]`.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Text before the token that turned out not to begin a reference or directive.
    pub(crate) leftover: Option<Box<str>>,
}

/// Adds what remains of a begun and abandoned token: its `$` and `#`, and the backslashes before a `$`.
pub(super) fn leftover(image: Option<&str>, leftover: &mut Option<Box<str>>) {
    let Some(image) = image else { return };
    if !image.bytes().any(|byte| matches!(byte, b'$' | b'#')) {
        return;
    }
    let mut text = leftover.take().map(String::from).unwrap_or_default();
    let mut rest = image.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '#' | '$' => text.push(character),
            '\\' => {
                let mut slashes = 1;
                while rest.next_if_eq(&'\\').is_some() {
                    slashes += 1;
                }
                if rest.next_if_eq(&'$').is_some() {
                    text.extend(std::iter::repeat_n('\\', slashes));
                    text.push('$');
                    // The reference drops the character that follows.
                    rest.next();
                }
            }
            _ => {}
        }
    }
    if !text.is_empty() {
        *leftover = Some(text.into_boxed_str());
    }
}
