//! Declarations, fields and types, the lines of webhooks.

use super::{keep_first, readable_unboxed, unbox};
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::source::Spanned;
use crate::syntax::ast::{
    Attempts, Block, Body, Connector, Contact, DeclarationKind, Duration, Event, Expr, Field, Fields, Header,
    HeaderKind, Limit, Message, MessageChannel, Name, Part, PartValue, Record, Request, Returns, Segment, Setting,
    SettingValue, StatementKind, Test, TestStep, Type, TypeKind, Webhook, Workflow,
};
use crate::syntax::reader::{Bad, Reader};

/// A declaration with a name; without one it is broken, for nothing can refer to it.
fn named(name: Option<Name>, build: impl FnOnce(Name) -> DeclarationKind) -> DeclarationKind {
    name.map_or(DeclarationKind::Broken(None), build)
}

pub(crate) fn event(name: Option<Name>, fields: Fields) -> DeclarationKind {
    named(name, |name| DeclarationKind::Event(Event { name, fields }))
}

pub(crate) fn contact(fields: Fields) -> DeclarationKind {
    DeclarationKind::Contact(Contact { fields })
}

pub(crate) fn connector(
    name: Option<Name>,
    kind: Name,
    settings: Vec<Option<Box<Spanned<Setting>>>>,
) -> DeclarationKind {
    let (settings, broken) = readable_unboxed(settings);
    named(name, |name| DeclarationKind::Connector(Connector { name, kind, settings, broken }))
}

pub(crate) fn segment(name: Option<Name>, condition: Expr) -> DeclarationKind {
    named(name, |name| DeclarationKind::Segment(Segment { name, condition }))
}

pub(crate) fn message(name: Option<Name>, channels: Vec<Option<Box<Spanned<MessageChannel>>>>) -> DeclarationKind {
    let (channels, broken) = readable_unboxed(channels);
    named(name, |name| DeclarationKind::Message(Message { name, channels, broken }))
}

pub(crate) fn workflow(name: Option<Name>, headers: Vec<Header>, steps: Block) -> DeclarationKind {
    // Steps above a header line were passed over: what they did may be what the others need.
    let passed_over = headers.iter().find(|header| header.node == HeaderKind::Broken && header.span.is_empty());
    let broken = passed_over.map(|header| header.span.with(Box::new(StatementKind::Broken(Vec::new()))));
    let steps = steps.map(|steps| broken.into_iter().chain(steps).collect());
    named(name, |name| DeclarationKind::Workflow(Workflow { name, headers, steps }))
}

pub(crate) fn test(name: Option<Name>, steps: Vec<TestStep>) -> DeclarationKind {
    named(name, |name| DeclarationKind::Test(Test { name, steps }))
}

pub(crate) fn fields_of(fields: Vec<Option<Box<Spanned<Field>>>>) -> Fields {
    let (fields, broken) = readable_unboxed(fields);
    Fields { fields, broken }
}

/// A line of a webhook or a channel.
pub(crate) enum Line {
    Request(Spanned<Request>),
    Auth(Name),
    Uses(Vec<Name>),
    Headers(Spanned<Record>),
    Body(Spanned<Box<Body>>),
    Returns(Spanned<Box<Returns>>),
    Timeout(Spanned<Duration>),
    Attempts(Spanned<Box<Attempts>>),
    Limit(Spanned<Limit>),
    Broken,
}

impl Reader<'_> {
    pub(crate) fn named_contact(&mut self, bad: Bad, fields: Fields) -> DeclarationKind {
        self.mistake(bad);
        contact(fields)
    }

    /// A connector without its kind, or without name and kind: which settings it needs is not known.
    pub(crate) fn broken_connector(&mut self, name: Option<Name>, bad: Bad) -> DeclarationKind {
        self.mistake(bad);
        DeclarationKind::Broken(name)
    }

    pub(crate) fn field(
        &mut self,
        start: u32,
        name: Name,
        ty: Type,
        sensitive: Option<Spanned<()>>,
        default: Option<Expr>,
        end: u32,
    ) -> Option<Box<Spanned<Field>>> {
        let docs = self.description_above(start);
        Some(Box::new(self.at(start, Field { docs, name, ty, sensitive, default }, end)))
    }

    pub(crate) fn broken_field(&mut self, start: u32, name: Name, bad: Bad, end: u32) -> Option<Box<Spanned<Field>>> {
        self.mistake(bad);
        let ty = self.at(name.span.end, TypeKind::Broken, end);
        self.field(start, name, ty, None, None, end)
    }

    pub(crate) fn named_type(&mut self, name: Name) -> Type {
        name.map(TypeKind::Named)
    }

    pub(crate) fn optional(&mut self, start: u32, of: Type, end: u32) -> Type {
        // `(T?)?` says nothing more than `T?`, and must not nest without bound.
        match of.node {
            TypeKind::Optional(_) => self.at(start, of.node, end),
            _ => self.at(start, TypeKind::Optional(Box::new(of)), end),
        }
    }

    /// `"a" | "b"?`: read as meant, and reported, for it reads as if only the last one were optional.
    pub(crate) fn optional_union(
        &mut self,
        start: u32,
        members: Vec<Spanned<crate::syntax::ast::Literal>>,
        mark: Spanned<()>,
        end: u32,
    ) -> Type {
        let union = self.at(start, TypeKind::Union(members), mark.span.start);
        let brackets = Fix::insert_before(union.span, "(").and(Edit { span: mark.span.before(), text: ")".to_owned() });
        self.report(
            Diagnostic::new(Code::UnionNeedsBrackets, mark.span)
                .hint("the whole union is optional, so put it in brackets: `(\"a\" | \"b\")?`")
                .fix(brackets.titled("put the union in brackets")),
        );
        self.at(start, TypeKind::Optional(Box::new(union)), end)
    }

    pub(crate) fn secret(&mut self, function: Name, name: Name) -> SettingValue {
        if self.soft(&function, &["secret"]) { SettingValue::Secret(name) } else { SettingValue::Broken }
    }

    pub(crate) fn broken_setting(
        &mut self,
        start: u32,
        name: Name,
        bad: Bad,
        end: u32,
    ) -> Option<Box<Spanned<Setting>>> {
        self.mistake(bad);
        Some(Box::new(self.at(start, Setting { name, value: SettingValue::Broken }, end)))
    }

    pub(crate) fn channel(
        &mut self,
        start: u32,
        channel: Name,
        parts: Vec<Option<Box<Spanned<Part>>>>,
        end: u32,
    ) -> Option<Box<Spanned<MessageChannel>>> {
        let (parts, broken) = readable_unboxed(parts);
        Some(Box::new(self.at(start, MessageChannel { channel, parts, broken }, end)))
    }

    /// `file promo.html`: read as the path that it looks like.
    pub(crate) fn unquoted_file(&mut self, path: super::Deep<Expr>) -> PartValue {
        let span = path.node.span;
        let written = self.slice(span).to_owned();
        self.report_on_line(
            Diagnostic::new(Code::UnexpectedToken, span)
                .message(format!("expected a text in quotes, found `{written}`"))
                .hint("the path of a file is a text in quotes")
                .fix(Fix::replace(span, format!("\"{written}\""))),
        );
        PartValue::File(span.with(written.into()))
    }

    pub(crate) fn headers_line(&mut self, start: u32, record: super::Deep<Spanned<Record>>, end: u32) -> Line {
        Line::Headers(self.at(start, record.node.node, end))
    }

    pub(crate) fn timeout_line(&mut self, start: u32, value: Spanned<Duration>, end: u32) -> Line {
        Line::Timeout(self.at(start, value.node, end))
    }

    pub(crate) fn broken_line(&mut self, bad: Bad) -> Line {
        self.mistake(bad);
        Line::Broken
    }

    /// Gathers the lines of a webhook or channel. The first writing of a line counts, a second one is reported.
    pub(crate) fn webhook(
        &mut self,
        name: Option<Name>,
        lines: Vec<Line>,
        wrap: impl FnOnce(Box<Webhook>) -> DeclarationKind,
    ) -> DeclarationKind {
        let Some(name) = name else { return DeclarationKind::Broken(None) };
        let mut webhook = Box::new(Webhook {
            name,
            request: None,
            auth: None,
            uses: Vec::new(),
            headers: None,
            body: None,
            returns: None,
            timeout: None,
            attempts: None,
            limit: None,
            broken: false,
        });
        for line in lines {
            let repeated = match line {
                Line::Request(found) => keep_first(&mut webhook.request, found),
                Line::Auth(found) => keep_first(&mut webhook.auth, found),
                Line::Uses(found) => {
                    webhook.uses.extend(found);
                    None
                }
                Line::Headers(found) => keep_first(&mut webhook.headers, found),
                Line::Body(found) => keep_first(&mut webhook.body, found.map(unbox)),
                Line::Returns(found) => keep_first(&mut webhook.returns, found.map(unbox)),
                Line::Timeout(found) => keep_first(&mut webhook.timeout, found),
                Line::Attempts(found) => keep_first(&mut webhook.attempts, found.map(unbox)),
                Line::Limit(found) => keep_first(&mut webhook.limit, found),
                Line::Broken => {
                    webhook.broken = true;
                    None
                }
            };
            self.repeated(repeated);
        }
        wrap(webhook)
    }

    /// Reports a line that is there twice.
    pub(super) fn repeated(&mut self, repeated: Option<super::Repeated>) {
        if let Some(super::Repeated { first, second }) = repeated
            // A line whose word was mended may have been meant otherwise.
            && !self.is_slip(second.start)
        {
            self.report(
                Diagnostic::new(Code::SettingTwice, second).also(first, "it is here already").hint("keep one of them"),
            );
        }
    }
}
