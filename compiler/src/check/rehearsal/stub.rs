//! `stub W [when { … }] { … } then { … }`: what a webhook answers.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::Rehearsal;
use crate::catalogue::Code;
use crate::check::parameters::{self, Owner};
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::test::{Callee, Reply, ReplyBody, ReplyOutcome, RequestPattern, Stub, Stubbed, TestStep};
use crate::ir::{Duration, Expression, Literal, Method};
use crate::names::near;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, Answer, ExpectedParts, Expr, ExprKind, Failure, Name, Record, Webhook};
use crate::types::{self, Returned, Ty};

/// The status of an answer that names none.
const OK: u16 = 200;

impl<'a> Rehearsal<'a, '_> {
    pub(super) fn stub(
        &mut self,
        stubbed: &ast::Stubbed,
        when: Option<&Spanned<ExpectedParts>>,
        answers: &[Spanned<Answer>],
    ) -> Option<TestStep> {
        let (callee, who) = match stubbed {
            ast::Stubbed::Named(name) => {
                let callee = self.callee(name);
                let who = callee.as_ref().map(|(callee, _)| Stubbed::Callee(callee.clone()));
                (callee, who)
            }
            ast::Stubbed::Address { method, url } => (None, self.address(method.node, url)),
        };
        let returned = match &callee {
            Some((Callee::Webhook(name), _)) => self.environment.schema.result(name),
            Some((Callee::Channel(name), _)) => self.environment.schema.answer(name),
            None => None,
        };
        let returned = returned.cloned().unwrap_or(Returned::Unknown);
        let when = when.map(|when| {
            let mut pattern = RequestPattern::default();
            for part in &when.node.parts {
                if !self.request_part(&part.node, callee.as_ref().map(|(_, webhook)| *webhook), &mut pattern) {
                    self.unknown_part("a request", &part.node.name, &["url", "headers", "body"]);
                }
            }
            pattern
        });
        let replies = answers.iter().filter_map(|answer| self.reply(answer, &returned)).collect();
        Some(TestStep::Stub(Stub { who: who?, when, replies }))
    }

    /// `post "https://…"`. Whether anything is sent there is known of the whole program.
    fn address(&mut self, method: ast::Method, url: &Name) -> Option<Stubbed> {
        let Ok(address) = url::Url::parse(&url.node) else {
            self.diagnostics.push(
                Diagnostic::new(Code::UrlInvalid, url.span)
                    .message(format!("`{}` is no whole address", url.node))
                    .hint("write it as it is called: `post \"https://scoring.example.com/v2/score\"`"),
            );
            return None;
        };
        let method = match method {
            ast::Method::Get => Method::Get,
            ast::Method::Post => Method::Post,
            ast::Method::Put => Method::Put,
            ast::Method::Patch => Method::Patch,
            ast::Method::Delete => Method::Delete,
        };
        Some(Stubbed::Address { method, url: url.span.with(address.as_str().into()) })
    }

    /// Who answers: the webhook of this name, or the channel.
    pub(super) fn callee(&mut self, name: &Name) -> Option<(Callee, &'a Webhook)> {
        let names = self.environment.names;
        if names.webhooks.get(&name.node).is_none()
            && let Some(channel) = names.channels.get(&name.node)
        {
            return Some((Callee::Channel(name.node.clone()), channel.node));
        }
        let webhook = names.known(&names.webhooks, name, self.diagnostics)?;
        Some((Callee::Webhook(name.node.clone()), webhook.node))
    }

    fn reply(&mut self, answer: &Spanned<Answer>, returned: &Returned) -> Option<Reply> {
        let written = &answer.node;
        let delay = written.delay.as_ref().and_then(|delay| self.delay(delay));
        let delay = delay.unwrap_or(Duration { milliseconds: 0 });
        let status = written.status.as_ref().map_or(Some(OK), |status| self.status(status));
        let headers = written.headers.as_ref().map_or_else(Vec::new, |headers| self.headers(headers));
        let good = status.is_some_and(|status| (200..300).contains(&status));
        let body = match (&written.body, &written.body_file) {
            (Some(body), _) => self.body(body, status, returned),
            (None, Some(path)) => self.body_file(path, good, returned).unwrap_or(ReplyBody::Empty),
            (None, None) => {
                self.no_body(written, answer.span, status, returned);
                ReplyBody::Empty
            }
        };
        if let Some(failure) = &written.failure {
            let other = [
                written.status.as_ref().map(|status| status.span),
                written.headers.as_ref().map(|headers| headers.span),
                written.body.as_ref().map(|body| body.span),
                written.body_file.as_ref().map(|path| path.span),
            ];
            if let Some(other) = other.into_iter().flatten().next() {
                self.diagnostics.push(
                    Diagnostic::new(Code::SettingInvalid, other)
                        .message("there is no whole answer, so it has no status, no headers and no body")
                        .also(failure.span, "this is what happens instead")
                        .hint("give the answer of the next call behind `then`"),
                );
            }
            let outcome = match failure.node {
                Failure::Timeout => ReplyOutcome::Timeout,
                Failure::Refused => ReplyOutcome::Refused,
                Failure::Reset => ReplyOutcome::Reset,
                Failure::Dns => ReplyOutcome::Dns,
                Failure::Tls => ReplyOutcome::Tls,
                Failure::Truncated => ReplyOutcome::Truncated,
                Failure::Oversize => ReplyOutcome::Oversize,
            };
            return Some(Reply { delay, outcome });
        }
        Some(Reply { delay, outcome: ReplyOutcome::Response { status: status?, headers, body } })
    }

    fn delay(&mut self, written: &Expr) -> Option<Duration> {
        let typed = types::expression(&self.environment, written, self.diagnostics);
        match types::fit(typed, &Ty::Duration, "a delay", self.diagnostics) {
            Expression::Literal(Literal::Duration(duration)) => Some(duration),
            _ => None,
        }
    }

    fn status(&mut self, status: &Expr) -> Option<u16> {
        let typed = types::expression(&self.environment, status, self.diagnostics);
        let value = types::fit(typed, &Ty::Int, "a status", self.diagnostics);
        let Expression::Literal(Literal::Int(number)) = value else { return None };
        let found = u16::try_from(number).ok().filter(|status| (200..=599).contains(status));
        if found.is_none() {
            self.diagnostics.push(
                Diagnostic::new(Code::OutOfRange, status.span)
                    .message("the status of an answer is a number from 200 to 599"),
            );
        }
        found
    }

    pub(super) fn headers(&mut self, headers: &Spanned<Record>) -> Vec<(SmolStr, Expression)> {
        let mut seen = BTreeSet::new();
        let mut lowered = Vec::new();
        for entry in &headers.node.entries {
            if !seen.insert(entry.name.node.to_ascii_lowercase()) {
                self.diagnostics.push(
                    Diagnostic::new(Code::HeaderTwice, entry.name.span)
                        .message(format!("the header `{}` is set twice", entry.name.node)),
                );
            }
            let value = types::printable(&self.environment, &entry.value, self.diagnostics).expression;
            lowered.push((entry.name.node.clone(), value));
        }
        lowered
    }

    /// A body: text if it is a string, else JSON. That of a good answer is one that the webhook takes; what it does with
    /// another is shown by a text.
    fn body(&mut self, written: &Expr, status: Option<u16>, returned: &Returned) -> ReplyBody {
        if let ExprKind::Text(_) = &written.node {
            let typed = types::expression(&self.environment, written, self.diagnostics);
            return ReplyBody::Text(typed.expression);
        }
        let good = status.is_some_and(|status| (200..300).contains(&status));
        let target = match returned {
            Returned::Json(ty) if good => ty.clone(),
            Returned::Xml(_) if good => {
                self.diagnostics.push(
                    Diagnostic::new(Code::WrongType, written.span)
                        .message("the webhook returns XML, this is sent as JSON")
                        .hint("write the document as a text"),
                );
                Ty::Unknown
            }
            _ => Ty::Unknown,
        };
        let owner = Owner { words: "the answer".to_owned(), at: written.span, declared: None };
        let value =
            parameters::value(&self.environment, written, &target, parameters::Extent::Whole, &owner, self.diagnostics);
        ReplyBody::Json(value)
    }

    /// A good answer without a body fits no type.
    fn no_body(&mut self, written: &Answer, span: Span, status: Option<u16>, returned: &Returned) {
        let good = status.is_some_and(|status| (200..300).contains(&status));
        if good
            && written.failure.is_none()
            && !written.broken
            && let Returned::Json(ty) | Returned::Xml(ty) = returned
            && !ty.is_unknown()
        {
            self.diagnostics.push(
                Diagnostic::new(Code::SettingMissing, span)
                    .message(format!("a good answer of this webhook has a body, `{ty}`"))
                    .hint("write `body …`, or an empty one to see the call fail: `body \"\"`")
                    .fix(Fix::insert_before(closing(span), "body \"\" ").left_to_author()),
            );
        }
    }

    /// Reports a part that there is not.
    pub(super) fn unknown_part(&mut self, what: &str, name: &Name, known: &[&'static str]) {
        let finding =
            Diagnostic::new(Code::UnknownSetting, name.span).message(format!("{what} has no `{}`", name.node));
        self.diagnostics.push(match near(&name.node, known.iter().copied()) {
            Some(meant) => finding.hint(format!("did you mean `{meant}`?")).fix(Fix::replace(name.span, meant)),
            None => finding.hint(format!("there are {}", crate::check::settings::listed(known))),
        });
    }
}

/// The place of the closing brace of a block.
const fn closing(span: Span) -> Span {
    Span::new(span.file, span.end.saturating_sub(1), span.end)
}
