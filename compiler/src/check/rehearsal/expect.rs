//! `expect …`: what must have come of it.

use smol_str::SmolStr;

use super::Rehearsal;
use crate::catalogue::Code;
use crate::check::channel::PARTS;
use crate::check::parameters::{self, Extent, Owner};
use crate::diagnostic::Diagnostic;
use crate::ir;
use crate::ir::test::{Expectation, Matcher, RequestPattern};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, ExpectedPart, ExpectedParts, Expr, ExprKind, Name, Webhook};
use crate::types::{self, Environment, Ty};

/// What can be known of a call.
const CALL: &[&str] = &["attempts", "times", "url", "headers", "body"];
/// The codes of why an event or a change starts no run of a workflow.
const KEPT_OUT: &[&str] =
    &["where", "once", "one_at_a_time", "contact_not_found", "expression_failed", "chain_too_long", "own_change"];

impl<'a> Rehearsal<'a, '_> {
    pub(super) fn expectation(&mut self, written: &Spanned<ast::Expectation>) -> Option<Expectation> {
        Some(match &written.node {
            ast::Expectation::Call { webhook, parts } => self.call(webhook, parts.as_ref())?,
            ast::Expectation::Send { message, parts } => self.send(message, parts.as_ref()),
            ast::Expectation::Contact { name, fields } => {
                if let Some(name) = name {
                    self.is_given(name);
                }
                let (unchanged, fields) = self.unchanged(fields);
                let fields = self.contact_fields(&fields);
                Expectation::Contact { name: name.as_ref().map(|name| name.node.clone()), fields, unchanged }
            }
            ast::Expectation::Event { event, parameters } => {
                let nothing = event.span.with(ast::Record { entries: Vec::new(), broken: false });
                let parameters = self.parameters(event, parameters.as_ref().unwrap_or(&nothing), false);
                Expectation::Event { event: event.node.clone(), parameters }
            }
            ast::Expectation::InOrder { expectations, .. } => {
                let lowered = expectations.iter().filter_map(|one| Some(one.span.with(self.in_order(one)?))).collect();
                Expectation::InOrder(lowered)
            }
            ast::Expectation::Path(id) => Expectation::Path(id.clone()),
            ast::Expectation::Waiting(id) => Expectation::Waiting(id.clone()),
            ast::Expectation::Workflow { workflow, parts } => self.workflow(workflow, parts.as_ref()),
            ast::Expectation::NothingElse => Expectation::NothingElse,
            ast::Expectation::Complete => Expectation::Complete,
            ast::Expectation::Stop(reason) => Expectation::Stop(text(reason.as_ref())),
            ast::Expectation::Fail(reason) => Expectation::Fail(text(reason.as_ref())),
            ast::Expectation::Exit(event) => {
                if let Some(event) = event {
                    let names = self.environment.names;
                    names.known(&names.events, event, self.diagnostics);
                }
                Expectation::Exit(text(event.as_ref()))
            }
            ast::Expectation::Broken => return None,
        })
    }

    /// What can come one after the other: something that happens.
    fn in_order(&mut self, written: &Spanned<ast::Expectation>) -> Option<Expectation> {
        if let ast::Expectation::Contact { .. }
        | ast::Expectation::InOrder { .. }
        | ast::Expectation::Waiting(_)
        | ast::Expectation::NothingElse = &written.node
        {
            self.diagnostics.push(
                Diagnostic::new(Code::SettingInvalid, written.span)
                    .message("this happens at no moment of its own")
                    .hint("calls, sends, events and the end of a run come in order"),
            );
        }
        self.expectation(written)
    }

    fn call(&mut self, name: &Name, parts: Option<&Spanned<ExpectedParts>>) -> Option<Expectation> {
        let callee = self.callee(name);
        let webhook = callee.as_ref().map(|(_, webhook)| *webhook);
        let (mut attempts, mut times) = (None, None);
        let mut request = RequestPattern::default();
        for part in self.once_each(parts) {
            match part.name.node.as_str() {
                "attempts" => attempts = self.plain_count(part, 1),
                "times" => times = self.plain_count(part, 0),
                _ if self.request_part(part, webhook, &mut request) => {}
                _ => self.unknown_part("a call", &part.name, CALL),
            }
        }
        let (callee, _) = callee?;
        Some(Expectation::Call { callee, attempts, times, request })
    }

    fn workflow(&mut self, name: &Name, parts: Option<&Spanned<ExpectedParts>>) -> Expectation {
        let names = self.environment.names;
        names.known(&names.workflows, name, self.diagnostics);
        let (mut times, mut kept_out) = (None, None);
        for part in self.once_each(parts) {
            match part.name.node.as_str() {
                "times" => times = self.plain_count(part, 0),
                "kept_out" => {
                    self.no_contains(part);
                    kept_out = self.reason_code(&part.value);
                }
                _ => self.unknown_part("the beginning of a workflow", &part.name, &["times", "kept_out"]),
            }
        }
        Expectation::Workflow { workflow: name.node.clone(), times, kept_out }
    }

    /// Why a contact is kept out: one of the codes that there are.
    fn reason_code(&mut self, value: &Expr) -> Option<SmolStr> {
        let ExprKind::Text(text) = &value.node else {
            self.diagnostics.push(
                Diagnostic::new(Code::WrongType, value.span)
                    .message("why it was kept out is a text")
                    .hint("write the code: `kept_out \"once\"`"),
            );
            return None;
        };
        let code = text.literal()?;
        if !KEPT_OUT.contains(&code) {
            let finding = Diagnostic::new(Code::NotAMember, value.span)
                .message(format!("nobody is kept out because of `{code}`"));
            self.diagnostics.push(match crate::names::near(code, KEPT_OUT.iter().copied()) {
                Some(meant) => finding
                    .hint(format!("did you mean `{meant}`?"))
                    .fix(crate::diagnostic::Fix::replace(value.span, format!("{meant:?}"))),
                None => finding.hint(format!("there are {}", crate::check::settings::listed(KEPT_OUT))),
            });
        }
        Some(code.into())
    }

    fn send(&mut self, name: &Name, parts: Option<&Spanned<ExpectedParts>>) -> Expectation {
        let names = self.environment.names;
        let message = names.known(&names.messages, name, self.diagnostics);
        let known: Vec<&'static str> = message.map_or_else(Vec::new, |message| {
            let has = |wanted: &str| {
                message.node.channels.iter().any(|it| (it.node.channel.node == "email") == (wanted == "email"))
            };
            let email = if has("email") { ir::Email::WORDS.as_slice() } else { &[] };
            let others = if has("other") { PARTS.map(|(part, _)| part).to_vec() } else { Vec::new() };
            let mut known: Vec<&'static str> = email.to_vec();
            known.extend(others.into_iter().filter(|part| !email.contains(part)));
            known.push("times");
            known
        });
        let mut times = None;
        let mut lowered = Vec::new();
        for part in self.once_each(parts) {
            let word = &part.name;
            if word.node == "times" {
                times = self.plain_count(part, 0);
            } else if known.contains(&word.node.as_str()) || message.is_none() {
                let value = self.matcher(part, &Ty::String);
                lowered.push((word.node.clone(), value));
            } else {
                self.unknown_part(&format!("the message `{}`", name.node), word, &known);
            }
        }
        Expectation::Send { message: name.node.clone(), times, parts: lowered }
    }

    /// The parts, each of which stands once.
    fn once_each<'p>(&mut self, parts: Option<&'p Spanned<ExpectedParts>>) -> Vec<&'p ExpectedPart> {
        let mut seen: Vec<(&SmolStr, bool, Span)> = Vec::new();
        let mut kept = Vec::new();
        for part in parts.into_iter().flat_map(|parts| &parts.node.parts) {
            let (name, contains) = (&part.node.name.node, part.node.contains.is_some());
            // A text may contain several others.
            match seen.iter().find(|(other, also, _)| *other == name && !(contains && *also)) {
                Some((_, _, first)) => self.diagnostics.push(
                    Diagnostic::new(Code::SettingTwice, part.span)
                        .message(format!("`{name}` is written twice"))
                        .also(*first, "written here first")
                        .hint("keep one of them"),
                ),
                None => kept.push(&part.node),
            }
            seen.push((name, contains, part.span));
        }
        kept
    }

    /// A part that says what a request is like; `false` if it is another one.
    pub(super) fn request_part(
        &mut self,
        part: &ExpectedPart,
        webhook: Option<&'a Webhook>,
        pattern: &mut RequestPattern,
    ) -> bool {
        match (part.name.node.as_str(), &part.value.node) {
            ("url", _) => pattern.url = Some(self.matcher(part, &Ty::String)),
            ("headers", ExprKind::Record(record)) => {
                self.no_contains(part);
                let record = self.header_words(record, pattern);
                pattern.headers = self.headers(&part.value.span.with(record));
            }
            ("headers", _) => self.diagnostics.push(
                Diagnostic::new(Code::WrongType, part.value.span)
                    .message("headers are a record")
                    .hint("write `headers { \"X-Name\": \"value\" }`"),
            ),
            ("body", _) => pattern.body = Some(self.request_body(part, webhook)),
            _ => return false,
        }
        true
    }

    /// Takes the headers out that are expected with a word and not with a value: `present`, `absent`, `same`.
    fn header_words(&mut self, record: &ast::Record, pattern: &mut RequestPattern) -> ast::Record {
        let mut record = record.clone();
        record.entries.retain(|entry| {
            let ExprKind::Name(word) = &entry.value.node else { return true };
            let into = match word.as_str() {
                "present" => &mut pattern.present,
                "absent" => &mut pattern.absent,
                "same" => &mut pattern.same,
                _ => return true,
            };
            into.push(entry.name.node.clone());
            false
        });
        record
    }

    /// Takes the fields out that are expected to be `unchanged`; they must be fields of the contact.
    fn unchanged(&mut self, fields: &Spanned<ast::Record>) -> (Vec<SmolStr>, Spanned<ast::Record>) {
        let is_word = |entry: &ast::Entry| matches!(&entry.value.node, ExprKind::Name(word) if word == "unchanged");
        let (words, values): (Vec<_>, Vec<_>) = fields.node.entries.iter().cloned().partition(is_word);
        let contact = std::sync::Arc::clone(self.environment.schema.contact());
        for entry in &words {
            if !contact.fields.contains_key(&entry.name.node) && !contact.broken {
                let declared = self.environment.names.contact().map(|(_, span)| span);
                self.diagnostics.push(types::unknown_field("the contact", &contact, &entry.name, declared));
            }
        }
        let names = words.into_iter().map(|entry| entry.name.node).collect();
        (names, fields.span.with(ast::Record { entries: values, broken: fields.node.broken }))
    }

    /// What a body must be: held to what the webhook sends, so that a field which is never sent is found here.
    fn request_body(&mut self, part: &ExpectedPart, webhook: Option<&'a Webhook>) -> Matcher {
        let Some(webhook) = webhook else { return self.matcher(part, &Ty::Unknown) };
        let Some(body) = &webhook.body else {
            if webhook.request.is_some() && !webhook.broken {
                self.diagnostics.push(
                    Diagnostic::new(Code::SettingInvalid, part.name.span)
                        .message(format!("`{}` sends no body", webhook.name.node))
                        .also(webhook.name.span, "declared here without `body`"),
                );
            }
            return self.matcher(part, &Ty::Unknown);
        };
        let sent = match body.node.kind.node.as_str() {
            "json" | "form" => {
                let environment = Environment::unused(self.environment.names, self.environment.schema);
                // What is wrong with the body is said where it stands.
                types::expression(&environment.for_webhook(webhook), &body.node.value, &mut Vec::new()).ty
            }
            "xml" | "text" => Ty::String,
            _ => Ty::Unknown,
        };
        // A form is compared field by field, and a field of a body may be nothing.
        let sent = if part.contains.is_some() { Ty::Unknown } else { sent };
        if let ExprKind::Text(_) = part.value.node {
            return self.matcher(part, &Ty::Unknown);
        }
        let words = format!("the body of `{}`", webhook.name.node);
        let owner = Owner { words, at: part.name.span, declared: Some(body.span) };
        let value = self.value(&part.value, &sent, &owner);
        Matcher { contains: part.contains.is_some(), value }
    }

    fn value(&mut self, written: &Expr, target: &Ty, owner: &Owner) -> crate::ir::Expression {
        parameters::value(&self.environment, written, target, Extent::Part, owner, self.diagnostics)
    }

    fn matcher(&mut self, part: &ExpectedPart, target: &Ty) -> Matcher {
        let typed = types::expression(&self.environment, &part.value, self.diagnostics);
        let what = format!("`{}`", part.name.node);
        let value = types::fit(typed, target, &what, self.diagnostics);
        Matcher { contains: part.contains.is_some(), value }
    }

    fn plain_count(&mut self, part: &ExpectedPart, least: u32) -> Option<u32> {
        self.no_contains(part);
        self.count(&part.value, least, "a count")
    }

    fn no_contains(&mut self, part: &ExpectedPart) {
        if let Some(contains) = &part.contains {
            self.diagnostics.push(
                Diagnostic::new(Code::SettingInvalid, contains.span)
                    .message(format!("`{}` is no text that could contain another one", part.name.node))
                    .fix(crate::diagnostic::Fix::delete(contains.span)),
            );
        }
    }
}

fn text(name: Option<&Name>) -> Option<SmolStr> {
    name.map(|name| name.node.clone())
}
