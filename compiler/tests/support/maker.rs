//! Trees of any shape that the language has, decided by bytes.

mod rehearsals;
mod values;
mod workflows;

use compiler::source::{FileId, Span, Spanned};
use compiler::syntax::ast::*;
use compiler::syntax::text_block::TextBlock;
use smol_str::SmolStr;

/// Decides by one byte after the other. Without any left, each decision is the first of its choices.
#[derive(Clone, Debug)]
pub(crate) struct Maker<'a> {
    bytes: std::slice::Iter<'a, u8>,
    depth: usize,
}

/// A node at no place in particular.
pub(crate) fn at<T>(node: T) -> Spanned<T> {
    Span::at(FileId::new(0), 0).with(node)
}

const NAMES: &[&str] =
    &["w", "cart", "order_placed", "WH5", "Any name!", "workflow", "let", "Пошта", "_x", "a\"b\\c", "in", "created"];
const WORDS: &[&str] = &["town", "email", "in", "from", "event", "set", "or", "true", "x1", "sku"];
const KEYS: &[&str] = &["a", "town", "in", "event", "true", "@id", "X-Order", "ключ", "a b", "else"];
const TEXTS: &[&str] =
    &["a", "Kyiv", "Київ 😀", "\"", "\\", "$", "${", "x\ny", " // no comment ", "{", "}}", "#", "\u{e9}\t", "  "];
/// What a template may hold in either spelling.
const TEMPLATES: &[&str] = &["Hello", "$!contact.first_name", "${x|'none'}", "<a b='c'>", " // text", "#if($a)b#end"];
const TYPES: &[&str] = &["string", "int", "decimal", "bool", "date", "datetime", "email", "phone", "url", "json"];

impl<'a> Maker<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Maker<'a> {
        Maker { bytes: bytes.iter(), depth: 0 }
    }

    // ── Choices ─────────────────────────────────────────────────────────────────────────────────────────────────────

    /// A number below `count`.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::from(self.bytes.next().copied().unwrap_or(0)) % count.max(1)
    }

    pub(crate) fn maybe(&mut self) -> bool {
        self.below(2) == 1
    }

    pub(crate) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn option<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.maybe().then(|| make(self))
    }

    fn some<T>(&mut self, least: usize, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = least + self.below(most - least + 1);
        (0..count).map(|_| make(self)).collect()
    }

    /// Something that may hold others of its kind, unless it is too deep already.
    fn deeper<T>(&mut self, flat: impl FnOnce(&mut Self) -> T, deep: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth > 5 {
            return flat(self);
        }
        self.depth += 1;
        let made = deep(self);
        self.depth -= 1;
        made
    }

    fn word(&mut self, words: &[&str]) -> Name {
        at(SmolStr::new(self.one_of(words)))
    }

    fn name(&mut self) -> Name {
        self.word(NAMES)
    }

    fn key(&mut self) -> Name {
        self.word(KEYS)
    }

    // ── Declarations ────────────────────────────────────────────────────────────────────────────────────────────────

    /// The declarations of a file.
    pub(crate) fn program(&mut self) -> Vec<Declaration> {
        self.some(1, 5, Self::declaration)
    }

    pub(crate) fn declaration(&mut self) -> Declaration {
        let docs = self.docs();
        let kind = match self.below(9) {
            0 => DeclarationKind::Event(Event { name: self.name(), fields: self.fields() }),
            1 => DeclarationKind::Contact(Contact { fields: self.fields() }),
            2 => DeclarationKind::Connector(self.connector()),
            3 => DeclarationKind::Webhook(Box::new(self.webhook())),
            4 => DeclarationKind::Channel(Box::new(self.webhook())),
            5 => DeclarationKind::Segment(Segment { name: self.name(), condition: self.expression() }),
            6 => DeclarationKind::Message(self.message()),
            7 => DeclarationKind::Workflow(self.workflow()),
            _ => DeclarationKind::Test(self.test()),
        };
        at(DeclarationNode { docs, kind })
    }

    fn docs(&mut self) -> Option<Spanned<SmolStr>> {
        (self.below(4) == 1).then(|| at(SmolStr::new("Про що це: // it.")))
    }

    fn fields(&mut self) -> Fields {
        let field = |maker: &mut Self| {
            at(Field {
                docs: maker.docs(),
                name: maker.key(),
                ty: maker.ty(),
                sensitive: maker.option(|_| at(())),
                default: maker.option(Self::expression),
            })
        };
        Fields { fields: self.deeper(|_| Vec::new(), |maker| maker.some(0, 4, field)), broken: false }
    }

    fn ty(&mut self) -> Type {
        let named = |maker: &mut Self| at(TypeKind::Named(SmolStr::new(maker.one_of(TYPES))));
        self.deeper(named, |maker| match maker.below(6) {
            0 | 1 => named(maker),
            2 => at(TypeKind::List(Box::new(maker.ty()))),
            3 => at(TypeKind::Record(maker.fields())),
            4 => at(TypeKind::Union(maker.some(1, 4, Self::literal))),
            _ => match maker.ty() {
                optional @ Spanned { node: TypeKind::Optional(_), .. } => optional,
                other => at(TypeKind::Optional(Box::new(other))),
            },
        })
    }

    fn literal(&mut self) -> Spanned<Literal> {
        at(match self.below(6) {
            0 => Literal::Text(SmolStr::new(self.one_of(TEXTS))),
            1 => Literal::Int(self.one_of(&[0, 42, -1])),
            2 => Literal::Decimal(self.one_of(&["9.90", "-0.5"]).parse().unwrap()),
            3 => Literal::Bool(true),
            4 => Literal::Bool(false),
            _ => Literal::Null,
        })
    }

    fn connector(&mut self) -> Connector {
        let setting = |maker: &mut Self| {
            let value = match maker.maybe() {
                true => SettingValue::Secret(maker.word(&["TOKEN", "CRM_KEY"])),
                false => SettingValue::Text(maker.text()),
            };
            at(Setting { name: maker.word(&["login", "password", "token", "key", "header", "signing"]), value })
        };
        let kind = self.word(&["basic", "bearer", "api_key"]);
        Connector { name: self.name(), kind, settings: self.some(0, 3, setting), broken: false }
    }

    fn webhook(&mut self) -> Webhook {
        let method = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];
        Webhook {
            name: self.name(),
            request: self.option(|maker| at(Request { method: at(maker.one_of(&method)), url: maker.text() })),
            auth: self.option(Self::name),
            uses: self.some(0, 3, Self::name),
            headers: self.option(|maker| at(maker.record())),
            body: self.option(|maker| {
                at(Body { kind: maker.word(&["json", "xml", "text", "form"]), value: maker.expression() })
            }),
            returns: self
                .option(|maker| at(Returns { kind: maker.word(&["json", "xml", "text"]), ty: maker.option(Self::ty) })),
            timeout: self.option(Self::duration),
            attempts: self.option(|maker| {
                let (from, to) = (maker.option(Self::duration), maker.option(Self::duration));
                at(Attempts { count: at(3), from, to })
            }),
            limit: self.option(|maker| at(Limit { count: at(10), per: maker.duration() })),
            broken: false,
        }
    }

    // ── Messages ────────────────────────────────────────────────────────────────────────────────────────────────────

    fn message(&mut self) -> Message {
        let part = |maker: &mut Self| {
            let name = maker.word(&["from", "to", "subject", "html", "text", "link"]);
            at(Part { name, value: maker.part_value() })
        };
        let channel = |maker: &mut Self| {
            at(MessageChannel { channel: maker.name(), parts: maker.some(0, 3, part), broken: false })
        };
        Message { name: self.name(), channels: self.some(0, 3, channel), broken: false }
    }

    fn part_value(&mut self) -> PartValue {
        let template = |maker: &mut Self| {
            let lines = maker.some(1, 3, |maker| maker.some(1, 2, |maker| maker.one_of(TEMPLATES)).concat());
            PartValue::Template(at(TextBlock::verbatim(lines.join("\n"), at(()).span)))
        };
        self.deeper(template, |maker| match maker.below(5) {
            0 | 1 => template(maker),
            2 => PartValue::File(at(SmolStr::new("templates/promo.html.vm"))),
            3 => PartValue::Path(maker.path()),
            _ => PartValue::List(maker.some(0, 3, |maker| at(maker.part_value()))),
        })
    }

    fn path(&mut self) -> Expr {
        let root = at(ExprKind::Name(SmolStr::new(self.one_of(&["event", "contact", "data", "order"]))));
        let count = self.below(3);
        (0..count).fold(root, |of, _| {
            let of = Box::new(of);
            at(match self.maybe() {
                true => ExprKind::Index { of, index: Box::new(at(ExprKind::Int(0))) },
                false => ExprKind::Field { of, name: self.word(WORDS) },
            })
        })
    }
}
