//! Text of trees: every spelling that means the tree, chosen by bytes.

mod rehearsal;
mod value;
mod workflow;

use compiler::syntax::ast::*;
use compiler::vocabulary::KEYWORDS;

use super::maker::Maker;

/// Writes trees down, token by token.
pub(crate) struct Writer<'a, 'bytes> {
    tokens: Vec<String>,
    maker: &'a mut Maker<'bytes>,
}

/// A text that says what the trees say, with comments and line ends between the tokens.
pub(crate) fn written(declarations: &[Declaration], maker: &mut Maker<'_>) -> String {
    lay_out(&tokens(declarations, maker), maker)
}

/// The tokens of trees. Some of them are lines of a description, with their line ends.
pub(crate) fn tokens(declarations: &[Declaration], maker: &mut Maker<'_>) -> Vec<String> {
    let mut writer = Writer { tokens: Vec::new(), maker };
    for declaration in declarations {
        writer.docs(declaration.node.docs.as_ref());
        writer.declaration(&declaration.node.kind);
    }
    writer.tokens
}

/// The tokens, with anything between them that means nothing. Only a declaration may begin in the first column.
fn lay_out(tokens: &[String], maker: &mut Maker<'_>) -> String {
    let between = [" ", "  ", "\n ", "\t", "\n\n\n\t", " // behind\n ", "\n// above\n// it\n  ", "\r\n "];
    let mut text = String::new();
    for token in tokens {
        text.push_str(token);
        // Mostly a blank: else nothing is ever on one line.
        text.push_str(if maker.below(4) == 3 { maker.one_of(&between) } else { " " });
    }
    text
}

fn is_word(text: &str) -> bool {
    let first = text.chars().next();
    first.is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '$' => escaped.push_str("\\$"),
            '\n' => escaped.push_str("\\n"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

impl Writer<'_, '_> {
    // ── Tokens ──────────────────────────────────────────────────────────────────────────────────────────────────────

    /// Words and signs, apart.
    fn put(&mut self, text: &str) {
        self.tokens.extend(text.split(' ').map(str::to_owned));
    }

    /// Words that stand on one line: the reader may take a word that begins one for a line's own.
    fn phrase(&mut self, words: &str) {
        self.tokens.push(words.to_owned());
    }

    fn string(&mut self, text: &str) {
        self.tokens.push(format!("\"{}\"", escaped(text)));
    }

    /// A declared name or one that leads to it.
    fn name(&mut self, name: &Name) {
        let reserved = KEYWORDS.iter().any(|keyword| keyword.word == name.node);
        if is_word(&name.node) && !reserved && self.maker.below(4) < 3 {
            self.put(&name.node);
        } else {
            self.string(&name.node);
        }
    }

    fn key(&mut self, name: &Name) {
        if is_word(&name.node) && self.maker.below(4) < 3 {
            self.tokens.push(format!("{}:", name.node));
        } else {
            let blank = if self.maker.maybe() { " " } else { "" };
            self.tokens.push(format!("\"{}\"{blank}:", escaped(&name.node)));
        }
    }

    fn docs(&mut self, docs: Option<&compiler::source::Spanned<smol_str::SmolStr>>) {
        if let Some(docs) = docs {
            self.tokens.push(format!("\n/// {}\n", docs.node));
        }
    }

    fn braces<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) {
        self.put("{");
        for one in items {
            item(self, one);
        }
        self.put("}");
    }

    /// Fields: a comma behind each, or none.
    fn fields_of<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) {
        self.braces(items, |writer, one| {
            item(writer, one);
            if writer.maker.maybe() {
                writer.put(",");
            }
        });
    }

    /// Elements with commas between them; a last one is welcome in some places.
    fn separated<T>(&mut self, items: &[T], more: bool, mut item: impl FnMut(&mut Self, &T)) {
        for (index, one) in items.iter().enumerate() {
            item(self, one);
            if index + 1 < items.len() || (more && self.maker.maybe()) {
                self.put(",");
            }
        }
    }

    // ── Declarations ────────────────────────────────────────────────────────────────────────────────────────────────

    fn declaration(&mut self, kind: &DeclarationKind) {
        // The keyword begins a line: else what is above might be taken for its beginning.
        self.tokens.push("\n".to_owned());
        match kind {
            DeclarationKind::Event(event) => {
                self.put("event");
                self.name(&event.name);
                self.fields(&event.fields);
            }
            DeclarationKind::Contact(contact) => {
                self.put("contact");
                self.fields(&contact.fields);
            }
            DeclarationKind::Connector(connector) => {
                self.put("connector");
                self.name(&connector.name);
                self.put(&connector.kind.node);
                self.braces(&connector.settings, |writer, setting| {
                    writer.put(&setting.node.name.node);
                    match &setting.node.value {
                        SettingValue::Text(text) => writer.text(&text.node, true),
                        SettingValue::Secret(name) => {
                            writer.put("secret (");
                            writer.string(&name.node);
                            writer.put(")");
                        }
                        SettingValue::Broken => panic!("nothing is broken"),
                    }
                });
            }
            DeclarationKind::Webhook(webhook) => self.webhook("webhook", webhook),
            DeclarationKind::Channel(webhook) => self.webhook("channel", webhook),
            DeclarationKind::Segment(segment) => {
                self.put("segment");
                self.name(&segment.name);
                self.put("{");
                self.condition(&segment.condition);
                self.put("}");
            }
            DeclarationKind::Message(message) => {
                self.put("message");
                self.name(&message.name);
                self.braces(&message.channels, |writer, channel| {
                    writer.name(&channel.node.channel);
                    writer.braces(&channel.node.parts, |writer, part| {
                        writer.put(&part.node.name.node);
                        writer.part_value(&part.node.value);
                    });
                });
            }
            DeclarationKind::Workflow(workflow) => {
                self.put("workflow");
                self.name(&workflow.name);
                self.put("{");
                // A line each: `on a if b` on one line is taken for a condition of the event.
                for header in &workflow.headers {
                    self.phrase("\n ");
                    self.header(&header.node);
                }
                for step in &workflow.steps.node {
                    self.phrase("\n ");
                    self.step(&step.node);
                }
                self.put("}");
            }
            DeclarationKind::Test(test) => {
                self.put("test");
                self.name(&test.name);
                self.braces(&test.steps, |writer, step| writer.test_step(&step.node));
            }
            DeclarationKind::Broken(_) => panic!("nothing is broken"),
        }
    }

    fn fields(&mut self, fields: &Fields) {
        self.fields_of(&fields.fields, |writer, field| {
            let field = &field.node;
            writer.docs(field.docs.as_ref());
            writer.key(&field.name);
            writer.ty(&field.ty);
            // On the line of the type: at the beginning of one it would be taken for the next field's.
            if field.sensitive.is_some()
                && let Some(end) = writer.tokens.last_mut()
            {
                end.push_str(" sensitive");
            }
            if let Some(default) = &field.default {
                writer.put("=");
                writer.expression(default);
            }
        });
    }

    fn ty(&mut self, ty: &Type) {
        match &ty.node {
            TypeKind::Named(name) => self.put(name),
            TypeKind::List(of) => {
                self.put("[");
                self.ty(of);
                self.put("]");
            }
            TypeKind::Record(fields) => self.fields(fields),
            TypeKind::Union(members) => {
                for (index, member) in members.iter().enumerate() {
                    if index > 0 {
                        self.put("|");
                    }
                    self.literal(&member.node);
                }
            }
            TypeKind::Optional(of) => {
                let brackets = matches!(&of.node, TypeKind::Union(members) if members.len() > 1);
                if brackets {
                    self.put("(");
                }
                self.ty(of);
                self.put(if brackets { ") ?" } else { "?" });
            }
            TypeKind::Broken => panic!("nothing is broken"),
        }
    }

    fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Text(text) => self.string(text),
            Literal::Int(number) => self.number(&number.to_string()),
            Literal::Decimal(number) => self.number(&number.to_string()),
            Literal::Bool(value) => self.put(if *value { "true" } else { "false" }),
            Literal::Null => self.put("null"),
            Literal::Broken => panic!("nothing is broken"),
        }
    }

    fn number(&mut self, number: &str) {
        match number.strip_prefix('-') {
            Some(rest) => self.tokens.extend(["-".to_owned(), rest.to_owned()]),
            None => self.put(number),
        }
    }

    fn webhook(&mut self, keyword: &str, webhook: &Webhook) {
        self.put(keyword);
        self.name(&webhook.name);
        self.put("{");
        if let Some(request) = &webhook.request {
            self.put(match request.node.method.node {
                Method::Get => "get",
                Method::Post => "post",
                Method::Put => "put",
                Method::Patch => "patch",
                Method::Delete => "delete",
            });
            self.text(&request.node.url.node, true);
        }
        if let Some(auth) = &webhook.auth {
            self.put("auth");
            self.name(auth);
        }
        if !webhook.uses.is_empty() {
            self.put("uses");
            self.separated(&webhook.uses, false, Self::name);
        }
        if let Some(headers) = &webhook.headers {
            self.put("headers");
            self.record(&headers.node);
        }
        if let Some(body) = &webhook.body {
            self.put("body");
            self.put(&body.node.kind.node);
            self.expression(&body.node.value);
        }
        if let Some(returns) = &webhook.returns {
            self.put("returns");
            self.put(&returns.node.kind.node);
            if let Some(ty) = &returns.node.ty {
                self.ty(ty);
            }
        }
        if let Some(timeout) = &webhook.timeout {
            self.put("timeout");
            self.duration(timeout.node);
        }
        if let Some(attempts) = &webhook.attempts {
            self.put("attempts");
            self.put(&attempts.node.count.node.to_string());
            for (word, duration) in [("from", &attempts.node.from), ("to", &attempts.node.to)] {
                if let Some(duration) = duration {
                    self.put(word);
                    self.duration(duration.node);
                }
            }
        }
        if let Some(limit) = &webhook.limit {
            self.put("limit");
            self.put(&limit.node.count.node.to_string());
            self.put("per");
            self.duration(limit.node.per.node);
        }
        self.put("}");
    }

    fn part_value(&mut self, value: &PartValue) {
        match value {
            // A quote within a template of one line would need a backslash, and a backslash none: the pool has neither.
            PartValue::Template(template) if template.node.text.contains('\n') || self.maker.maybe() => {
                let lines = template.node.text.split('\n').map(str::to_owned).collect();
                self.block(lines);
            }
            PartValue::Template(template) => self.tokens.push(format!("\"{}\"", template.node.text)),
            PartValue::File(path) => {
                self.put("file");
                self.string(&path.node);
            }
            PartValue::Path(path) => self.expression(path),
            PartValue::List(values) => {
                self.put("[");
                self.separated(values, true, |writer, value| writer.part_value(&value.node));
                self.put("]");
            }
            PartValue::Broken => panic!("nothing is broken"),
        }
    }
}
