//! The tokens of the language.
//!
//! One byte each, without payload: the text of a token is the text of the file at its place. Reserved words are told from
//! names by the table in [`crate::vocabulary`].

use logos::Logos;

/// A token. The lexer makes the first groups, the layer above it the last ones.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[logos(skip(r"[ \t\f\u{feff}]+"))]
pub(crate) enum Token {
    // ── Trivia: never reaches the parser ──
    /// A line end.
    #[regex(r"\r?\n")]
    Newline,
    /// `// …`, without the line end.
    #[regex(r"//[^\n]*", allow_greedy = true, priority = 20)]
    Comment,
    /// `/// …`; with four slashes it is a comment again.
    #[regex(r"///([^/\n][^\n]*)?", allow_greedy = true, priority = 30)]
    DocComment,
    /// `#`, which begins a comment in other languages.
    #[token("#")]
    Hash,
    /// `/*`, which begins one too.
    #[token("/*")]
    SlashStar,

    // ── Names and values ──
    /// A word that is not reserved.
    #[regex(r"[A-Za-z_][A-Za-z0-9_]*")]
    Word,
    /// `"…"` on one line.
    #[token("\"")]
    String,
    /// A string whose closing quote is missing; it ends with its line.
    UnclosedString,
    /// `"""` … `"""`.
    #[token("\"\"\"")]
    Block,
    /// A block whose closing quotes are missing.
    UnclosedBlock,
    /// `42`.
    #[regex(r"[0-9]+", priority = 10)]
    Int,
    /// `9.90`.
    #[regex(r"[0-9]+\.[0-9]+", priority = 10)]
    Decimal,
    /// `12.5%`.
    #[regex(r"[0-9]+(\.[0-9]+)?%")]
    Percent,
    /// `90min`, with any unit at all.
    #[regex(r"[0-9]+(ms|s|min|h|d|w)", priority = 10)]
    Duration,
    /// `2026-11-24`; the digits may be too few.
    #[regex(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")]
    Date,
    /// `2026-11-24T09:30+02:00`; any part may be wrong.
    #[regex(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[Tt][0-9:.]*([Zz]|[+-][0-9]{1,2}(:?[0-9]{2})?)?")]
    DateTime,
    /// `09:30`; the digits may be too few, or seconds follow.
    #[regex(r"[0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}(\.[0-9]+)?)?")]
    Time,
    /// What begins with a digit and is nothing of the above.
    #[regex(r"[0-9][0-9A-Za-z_]*(\.[0-9][0-9A-Za-z_]*)?", priority = 2)]
    BadNumber,

    // ── Signs ──
    #[token("{")]
    BraceOpen,
    #[token("}")]
    BraceClose,
    #[token("[")]
    BracketOpen,
    #[token("]")]
    BracketClose,
    #[token("(")]
    ParenOpen,
    #[token(")")]
    ParenClose,
    #[token(",")]
    Comma,
    #[token(":")]
    Colon,
    #[token(".")]
    Dot,
    #[token("|")]
    Pipe,
    #[token("?")]
    Question,
    #[token("??")]
    Coalesce,
    #[token("=")]
    Assign,
    #[token("==")]
    Equal,
    #[token("!=")]
    NotEqual,
    #[token("<")]
    Less,
    #[token("<=")]
    LessOrEqual,
    #[token(">")]
    Greater,
    #[token(">=")]
    GreaterOrEqual,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    #[token("/")]
    Slash,

    // ── Signs of other languages ──
    /// `;`
    #[token(";")]
    Semicolon,
    /// `&&`
    #[token("&&")]
    AndSign,
    /// `||`
    #[token("||")]
    OrSign,
    /// `!`
    #[token("!")]
    NotSign,
    /// `===`
    #[token("===")]
    Identical,
    /// `!==`
    #[token("!==")]
    NotIdentical,
    /// `=>` and `->`
    #[token("=>")]
    #[token("->")]
    Arrow,
    /// `'…'` or `“…”`: a text in other quotes.
    ForeignString,
    /// A word with letters outside ASCII, which only quotes can hold.
    ForeignWord,
    /// Any other character.
    Unknown,

    // ── Reserved words; their texts are in the vocabulary ──
    Event,
    Contact,
    Connector,
    Webhook,
    Channel,
    Segment,
    Message,
    Workflow,
    Test,
    Get,
    Post,
    Put,
    Patch,
    Delete,
    Auth,
    Uses,
    Headers,
    Body,
    Returns,
    Timeout,
    Attempts,
    Limit,
    Per,
    From,
    To,
    On,
    Identify,
    By,
    Once,
    One,
    At,
    Exit,
    Where,
    As,
    Call,
    Send,
    Wait,
    Until,
    For,
    Up,
    If,
    Else,
    Match,
    Split,
    Rest,
    Set,
    Emit,
    Stop,
    Fail,
    Between,
    Create,
    Failure,
    Given,
    Cases,
    Stub,
    Then,
    Receive,
    Advance,
    Expect,
    And,
    Or,
    Not,
    In,
    Is,
    Contains,
    True,
    False,
    Null,
    Sensitive,
    File,
    /// `let`, `goal` and the others that a later version may need.
    Later,

    // ── Made by the token layer ──
    /// A word, reserved or not, with a colon behind it.
    Key,
    /// A string with a colon behind it.
    StringKey,
    /// `on` with `failure` or `timeout` behind it: the second half of a step, no header line.
    OnOutcome,
    /// A value that is missing, and reported.
    Missing,
    /// A reserved word in the middle of fields or of the ways of a step, where it cannot begin a line.
    Stray,
    /// A word that begins a step of a test and is reserved nowhere: `crash`, `cancel`, `reload`.
    Act,
    /// What follows is a declaration.
    StartDeclaration,
    /// What follows is an expression.
    StartExpression,
}

impl Token {
    /// Whether it is a declaration's first word.
    pub(crate) const fn declares(self) -> bool {
        matches!(
            self,
            Token::Event
                | Token::Contact
                | Token::Connector
                | Token::Webhook
                | Token::Channel
                | Token::Segment
                | Token::Message
                | Token::Workflow
                | Token::Test
        )
    }

    /// Whether it can stand behind a declaration's first word.
    pub(crate) fn follows_declaring_word(self) -> bool {
        self.is_word() || matches!(self, Token::String | Token::BraceOpen)
    }

    /// Whether two values are compared by it.
    pub(crate) const fn compares(self) -> bool {
        matches!(
            self,
            Token::Equal | Token::NotEqual | Token::Less | Token::LessOrEqual | Token::Greater | Token::GreaterOrEqual
        )
    }

    /// Whether it is a word: a name, a reserved word, or a field's name.
    pub(crate) fn is_word(self) -> bool {
        self == Token::Word || (Token::Event..=Token::Later).contains(&self)
    }

    /// Whether it is a reserved word.
    pub(crate) fn is_reserved(self) -> bool {
        (Token::Event..=Token::Later).contains(&self)
    }
}

/// A token and its place in the file.
///
/// The offsets are the file's also where the tokens of an interpolation are read on their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lexeme {
    /// What it is.
    pub(crate) token: Token,
    /// Offset of its first byte.
    pub(crate) start: u32,
    /// Offset behind its last byte.
    pub(crate) end: u32,
    /// Whether nothing but blanks stands before it on its line.
    pub(crate) first_on_line: bool,
}
