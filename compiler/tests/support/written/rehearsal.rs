//! Tests, step by step.

use compiler::syntax::ast::*;

use super::Writer;

impl Writer<'_, '_> {
    pub(super) fn test_step(&mut self, step: &TestStepKind) {
        match step {
            TestStepKind::At(moment) => {
                self.put("at");
                self.moment(moment);
            }
            TestStepKind::GivenContact { name, fields } => {
                self.put("given contact");
                name.iter().for_each(|name| self.name(name));
                self.fixture(fields);
            }
            TestStepKind::GivenSeed(seed) => {
                self.put("given seed");
                self.sum(seed);
            }
            TestStepKind::GivenRun(run) => {
                self.put("given run at");
                self.string(&run.step.node);
                self.put("in");
                self.name(&run.workflow);
                self.contact(run.contact.as_ref());
                self.braces(&run.parts, |writer, part| match &part.node {
                    GivenPart::Event { event, alias, parameters } => {
                        writer.put("event");
                        writer.name(event);
                        if let Some(alias) = alias {
                            writer.put("as");
                            writer.name(alias);
                        }
                        writer.record(&parameters.node);
                    }
                    GivenPart::Data(results) => {
                        writer.put("data");
                        writer.record(&results.node);
                    }
                });
            }
            TestStepKind::Crash => self.put("crash"),
            TestStepKind::Cancel { workflow, contact } => {
                self.put("cancel");
                if let Some(workflow) = workflow {
                    self.put("workflow");
                    self.name(workflow);
                }
                self.contact(contact.as_ref());
            }
            TestStepKind::Reload(reload) => {
                self.put("reload");
                if let Some(reload) = reload {
                    self.put("{");
                    reload.declarations.iter().for_each(|declaration| self.declaration(&declaration.node.kind));
                    self.put("}");
                }
            }
            TestStepKind::Stub { callee, when, answers } => {
                self.put("stub");
                match callee {
                    Stubbed::Named(name) => self.name(name),
                    Stubbed::Address { method, url } => {
                        self.put(match method.node {
                            Method::Get => "get",
                            Method::Post => "post",
                            Method::Put => "put",
                            Method::Patch => "patch",
                            Method::Delete => "delete",
                        });
                        self.string(&url.node);
                    }
                }
                if let Some(when) = when {
                    self.put("when");
                    self.parts(Some(when));
                }
                for (index, answer) in answers.iter().enumerate() {
                    if index > 0 {
                        self.put("then");
                    }
                    self.answer(&answer.node);
                }
            }
            TestStepKind::Cases(cases) => {
                self.put("cases {");
                for (index, column) in cases.columns.iter().enumerate() {
                    if index > 0 {
                        self.put(",");
                    }
                    self.put(&column.node);
                }
                for row in &cases.rows {
                    self.put("|");
                    for (index, value) in row.node.iter().enumerate() {
                        if index > 0 {
                            self.put(",");
                        }
                        self.expression(value);
                    }
                }
                self.put("}");
            }
            TestStepKind::Receive { event, parameters } => {
                self.put("receive");
                self.name(event);
                self.fixture(parameters);
            }
            TestStepKind::Advance(value) => {
                self.put("advance");
                self.condition_sum(value);
            }
            TestStepKind::AdvanceUntil(moment) => {
                self.put("advance until");
                self.moment(moment);
            }
            TestStepKind::Expect(expect) => {
                self.put(if expect.negated.is_some() { "expect not" } else { "expect" });
                self.expectation(&expect.what.node);
            }
            TestStepKind::Broken => panic!("nothing is broken"),
        }
    }

    fn fixture(&mut self, fixture: &Fixture) {
        match fixture {
            Fixture::Written(record) => self.record(&record.node),
            Fixture::File(path) => {
                self.put("file");
                self.string(&path.node);
            }
        }
    }

    fn contact(&mut self, contact: Option<&Name>) {
        if let Some(contact) = contact {
            self.put("for");
            self.name(contact);
        }
    }

    pub(super) fn answer(&mut self, answer: &Answer) {
        self.put("{");
        if let Some(status) = &answer.status {
            self.put("status");
            self.expression(status);
        }
        if let Some(headers) = &answer.headers {
            self.put("headers");
            self.record(&headers.node);
        }
        if let Some(body) = &answer.body {
            self.put("body");
            self.sum(body);
        }
        if let Some(path) = &answer.body_file {
            self.put("body file");
            self.string(&path.node);
        }
        if let Some(delay) = &answer.delay {
            self.put("delay");
            self.expression(delay);
        }
        if let Some(failure) = &answer.failure {
            let word = Failure::ALL.iter().find(|(_, kind)| *kind == failure.node).map(|(word, _)| *word);
            self.put(word.expect("every failure has a word"));
        }
        self.put("}");
    }

    pub(super) fn expectation(&mut self, expectation: &Expectation) {
        match expectation {
            Expectation::Call { webhook: name, parts } => {
                self.put("call");
                self.name(name);
                self.parts(parts.as_ref());
            }
            Expectation::Send { message: name, parts } => {
                self.put("send");
                self.name(name);
                self.parts(parts.as_ref());
            }
            Expectation::Contact { name, fields } => {
                self.put("contact");
                name.iter().for_each(|name| self.name(name));
                self.record(&fields.node);
            }
            Expectation::Event { event, parameters } => {
                self.put("event");
                self.name(event);
                parameters.iter().for_each(|parameters| self.record(&parameters.node));
            }
            Expectation::InOrder { expectations, .. } => {
                self.phrase("in order");
                self.braces(expectations, |writer, expectation| writer.expectation(&expectation.node));
            }
            Expectation::Path(id) => {
                self.put("path");
                self.string(&id.node);
            }
            Expectation::Waiting(step) => self.reason("waiting", step.as_ref()),
            Expectation::Workflow { workflow, parts } => {
                self.put("workflow");
                self.name(workflow);
                self.parts(parts.as_ref());
            }
            Expectation::NothingElse => self.put("nothing else"),
            Expectation::Complete => self.put("complete"),
            Expectation::Stop(reason) => self.reason("stop", reason.as_ref()),
            Expectation::Fail(reason) => self.reason("fail", reason.as_ref()),
            Expectation::Exit(reason) => self.reason("exit", reason.as_ref()),
            Expectation::Broken => panic!("nothing is broken"),
        }
    }

    pub(super) fn reason(&mut self, word: &str, reason: Option<&Name>) {
        self.put(word);
        if let Some(reason) = reason {
            self.string(&reason.node);
        }
    }

    pub(super) fn parts(&mut self, parts: Option<&compiler::source::Spanned<ExpectedParts>>) {
        let Some(parts) = parts else { return };
        self.braces(&parts.node.parts, |writer, part| {
            writer.put(&part.node.name.node);
            if part.node.contains.is_some() {
                writer.put("contains");
            }
            writer.sum(&part.node.value);
        });
    }
}
