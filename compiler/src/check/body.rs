//! Bodies of requests.

use crate::catalogue::Code;
use crate::check::pieces::{Piece, fill, plain};
use crate::check::settings::unknown_kind;
use crate::check::{credential, foreign, xml};
use crate::diagnostic::Diagnostic;
use crate::ir::{self, Escape};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, Expr, ExprKind, Record};
use crate::types::{self, Environment};

/// The kinds of bodies.
const KINDS: &[&str] = &["json", "xml", "text", "form"];

/// A body whose structure is right; the values in it have no type yet.
#[derive(Clone, Debug)]
pub(crate) enum Body<'a> {
    /// Any value: what may be absent becomes `null`.
    Json(&'a Expr),
    /// A well-formed document.
    Xml(Vec<Piece<'a>>),
    /// Any text.
    Text(Vec<Piece<'a>>),
    /// Named values, each of which is there and can be written.
    Form(&'a Record),
}

/// Reads a body. Nothing if a finding makes it unusable.
pub(crate) fn read<'a>(body: &'a Spanned<ast::Body>, diagnostics: &mut Vec<Diagnostic>) -> Option<Body<'a>> {
    let (kind, value) = (&body.node.kind, &body.node.value);
    if matches!(value.node, ExprKind::Broken) {
        return None;
    }
    foreign_texts(value, diagnostics);
    credential::in_expression(value, None, diagnostics);
    match (kind.node.as_str(), &value.node) {
        ("json", ExprKind::Text(_)) => {
            diagnostics.push(Diagnostic::new(Code::JsonBodyIsText, value.span).hint(
                "write a record: `body json { town: contact.town }`; it cannot be malformed and values need no quotes",
            ));
            None
        }
        ("json", _) => Some(Body::Json(value)),
        ("xml", ExprKind::Text(text)) => xml::read(text, value.span, diagnostics).map(Body::Xml),
        ("xml", _) => {
            diagnostics.push(not_text(value.span, "an XML body is a text").hint("write `body xml \"\"\" … \"\"\"`"));
            None
        }
        ("text", ExprKind::Text(text)) => Some(Body::Text(plain(text))),
        ("text", ExprKind::Record(_) | ExprKind::List(_)) => {
            diagnostics
                .push(not_text(value.span, "a text body is a text").hint("a record is sent as `body json { … }`"));
            None
        }
        ("text", _) => Some(Body::Text(vec![Piece::Hole { value, escape: Escape::None }])),
        ("form", ExprKind::Record(record)) => Some(Body::Form(record)),
        ("form", _) => {
            diagnostics.push(
                Diagnostic::new(Code::WrongType, value.span)
                    .message("a form is a record")
                    .hint("write named values: `body form { name: contact.first_name ?? \"\" }`"),
            );
            None
        }
        _ => {
            diagnostics.push(unknown_kind("body", kind, KINDS));
            None
        }
    }
}

/// Types the values of a body.
pub(crate) fn check(body: &Body<'_>, environment: &Environment<'_>, diagnostics: &mut Vec<Diagnostic>) -> ir::Body {
    match body {
        Body::Json(value) => {
            foreign::quoted_paths(value, environment, diagnostics);
            ir::Body::Json(types::expression(environment, value, diagnostics).expression)
        }
        Body::Xml(pieces) => ir::Body::Xml(fill(pieces, environment, diagnostics)),
        Body::Text(pieces) => ir::Body::Text(fill(pieces, environment, diagnostics)),
        Body::Form(record) => ir::Body::Form(form(record, environment, diagnostics)),
    }
}

/// The fields of a form in the order written. A name may stand twice, as in a form with several boxes to tick.
fn form(
    record: &Record,
    environment: &Environment<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(smol_str::SmolStr, ir::Expression)> {
    record.entries.iter().for_each(|entry| foreign::quoted_paths(&entry.value, environment, diagnostics));
    let fields = record.entries.iter();
    fields
        .map(|entry| (entry.name.node.clone(), types::printable(environment, &entry.value, diagnostics).expression))
        .collect()
}

fn not_text(span: Span, message: &str) -> Diagnostic {
    Diagnostic::new(Code::BodyIsNoText, span).message(message)
}

/// Reports literal texts of a body that look like values in the spelling of another language.
pub(crate) fn foreign_texts(value: &Expr, diagnostics: &mut Vec<Diagnostic>) {
    match &value.node {
        ExprKind::Text(text) => foreign::text(text, diagnostics),
        ExprKind::List(items) => items.iter().for_each(|item| foreign_texts(item, diagnostics)),
        ExprKind::Record(record) => record.entries.iter().for_each(|entry| foreign_texts(&entry.value, diagnostics)),
        ExprKind::Binary { left, right, .. } => {
            foreign_texts(left, diagnostics);
            foreign_texts(right, diagnostics);
        }
        // Nothing else holds a text that is sent.
        _ => {}
    }
}
