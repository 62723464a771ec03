//! What a request is made of: the data that somebody who sends it by hand has to bring.

use std::collections::BTreeSet;

use compiler::ir::{Access, BinaryOperator, Body, Expression, Literal, Part, Program, Root, Webhook};
use smol_str::SmolStr;

/// What a request reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Parameters of the event, `id` and `occurred_at` among them; `*` for all of it.
    pub event: BTreeSet<SmolStr>,
    /// Fields of the contact; `*` for all of it.
    pub contact: BTreeSet<SmolStr>,
    /// Names that answers of earlier calls are stored under.
    pub answers: BTreeSet<SmolStr>,
    /// Names that events are bound to by `as`.
    pub aliases: BTreeSet<SmolStr>,
    /// Parts of a message; `*` for all of it.
    pub message: BTreeSet<SmolStr>,
    /// Parts of which it asks whether they are there; they may be left out.
    pub asked_parts: BTreeSet<SmolStr>,
}

impl Needs {
    /// What a webhook's request reads.
    pub fn of(program: &Program, webhook: &Webhook) -> Needs {
        let mut reader = Reader { program, needs: Needs::default(), segments: BTreeSet::new() };
        reader.parts(&webhook.url.path);
        for parameter in &webhook.url.query {
            reader.parts(parameter.value.as_deref().unwrap_or_default());
        }
        for header in &webhook.headers {
            reader.parts(&header.value);
        }
        match &webhook.body {
            None => {}
            Some(Body::Json(value)) => reader.expression(value),
            Some(Body::Xml(parts) | Body::Text(parts)) => reader.parts(parts),
            Some(Body::Form(fields)) => fields.iter().for_each(|(_, value)| reader.expression(value)),
        }
        reader.needs
    }
}

struct Reader<'p> {
    program: &'p Program,
    needs: Needs,
    /// Segments that were looked into; they may name each other.
    segments: BTreeSet<SmolStr>,
}

impl Reader<'_> {
    fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            if let Part::Value { value, .. } = part {
                self.expression(value);
            }
        }
    }

    fn expression(&mut self, expression: &Expression) {
        match expression {
            Expression::Literal(_) => {}
            Expression::Reference { root, path } => {
                self.reference(root, path);
                for access in path {
                    if let Access::Index(index) = access {
                        self.expression(index);
                    }
                }
            }
            Expression::Text(parts) => self.parts(parts),
            Expression::List(items) => items.iter().for_each(|item| self.expression(item)),
            Expression::Record(fields) => fields.iter().for_each(|(_, value)| self.expression(value)),
            Expression::Not(inner) | Expression::Negate(inner) => self.expression(inner),
            Expression::IsSet(inner) => self.asked(inner),
            Expression::InSegment(segment) => {
                let program = self.program;
                if let Some(declared) = program.segments.get(segment)
                    && self.segments.insert(segment.clone())
                {
                    self.expression(&declared.condition);
                }
            }
            Expression::Binary { operator, left, right } => {
                match operator {
                    BinaryOperator::Default => self.asked(left),
                    _ => self.expression(left),
                }
                self.expression(right);
            }
        }
    }

    /// What the request asks whether it is there: `is set`, `??`.
    fn asked(&mut self, expression: &Expression) {
        if let Expression::Reference { root: Root::Message, path } = expression {
            self.needs.asked_parts.insert(first_of(path));
        }
        self.expression(expression);
    }

    fn reference(&mut self, root: &Root, path: &[Access]) {
        let first = first_of(path);
        match root {
            Root::Event => self.needs.event.insert(first),
            Root::Contact => self.needs.contact.insert(first),
            Root::Data(name) => self.needs.answers.insert(name.clone()),
            Root::Alias(name) => self.needs.aliases.insert(name.clone()),
            Root::Message => self.needs.message.insert(first),
        };
    }
}

/// The name below a root that a path begins with; `*` where it is not known.
fn first_of(path: &[Access]) -> SmolStr {
    match path.first() {
        Some(Access::Field(name)) => name.clone(),
        Some(Access::Index(index)) => match &**index {
            Expression::Literal(Literal::String(name)) => SmolStr::new(name),
            _ => SmolStr::new_static("*"),
        },
        None => SmolStr::new_static("*"),
    }
}
