//! Tests: what is given, what befalls a run, and what must come of it.

use compiler::source::Spanned;
use compiler::syntax::ast::*;

use super::{Maker, at};

impl Maker<'_> {
    pub(super) fn test(&mut self) -> Test {
        Test { name: self.name(), steps: self.some(0, 4, |maker| at(maker.test_step())) }
    }

    pub(super) fn test_step(&mut self) -> TestStepKind {
        const STEPS: &[&str] = &["if/1/send:offer", "wait~2"];
        match self.below(14) {
            9 => TestStepKind::Crash,
            10 => TestStepKind::Cancel { workflow: self.option(Self::name), contact: self.option(Self::name) },
            11 => TestStepKind::GivenSeed(at(ExprKind::Int(self.one_of(&[0, 7, 2026])))),
            12 => {
                let part = |maker: &mut Self| match maker.below(2) {
                    0 => at(GivenPart::Data(at(maker.record()))),
                    _ => {
                        let (event, alias) = (maker.name(), maker.option(Self::name));
                        at(GivenPart::Event { event, alias, parameters: at(maker.record()) })
                    }
                };
                TestStepKind::GivenRun(Box::new(GivenRun {
                    step: self.word(STEPS),
                    workflow: self.name(),
                    contact: self.option(Self::name),
                    parts: self.some(0, 3, part),
                    broken: false,
                }))
            }
            13 => TestStepKind::Reload(self.option(|maker| Reload {
                declarations: maker.deeper(|_| Vec::new(), |maker| maker.some(0, 2, Self::inner_declaration)),
                broken: false,
            })),
            8 => TestStepKind::Cases(self.cases()),
            0 => TestStepKind::Advance(self.expression()),
            1 => TestStepKind::At(self.moment()),
            2 => TestStepKind::GivenContact { name: self.option(Self::name), fields: self.fixture() },
            3 => TestStepKind::Stub {
                callee: match self.below(3) {
                    0 => Stubbed::Address { method: at(Method::Patch), url: self.word(&["https://example.com/a"]) },
                    _ => Stubbed::Named(self.name()),
                },
                when: self.option(Self::parts),
                answers: self.some(1, 3, |maker| at(maker.answer())),
            },
            4 => TestStepKind::Receive { event: self.name(), parameters: self.fixture() },
            5 => TestStepKind::AdvanceUntil(self.moment()),
            _ => TestStepKind::Expect(Expect { negated: self.option(|_| at(())), what: at(self.expectation()) }),
        }
    }

    pub(super) fn fixture(&mut self) -> Fixture {
        match self.below(3) {
            0 => Fixture::File(self.word(&["tests/ann.json", "a b.json"])),
            _ => Fixture::Written(at(self.record())),
        }
    }

    /// A declaration in a `reload`.
    pub(super) fn inner_declaration(&mut self) -> Declaration {
        let kind = match self.below(3) {
            0 => DeclarationKind::Event(Event { name: self.name(), fields: self.fields() }),
            1 => DeclarationKind::Message(self.message()),
            _ => DeclarationKind::Workflow(self.workflow()),
        };
        at(DeclarationNode { docs: None, kind })
    }

    pub(super) fn cases(&mut self) -> Cases {
        let columns = self.some(1, 3, |maker| maker.word(&["plan", "tier", "count"]));
        let rows = self.some(0, 3, |maker| at(maker.some(1, 3, Self::expression)));
        Cases { columns, rows, broken: false }
    }

    pub(super) fn answer(&mut self) -> Answer {
        let failures = Failure::ALL.map(|(_, failure)| failure);
        let body = self.option(Self::expression);
        let body_file = if body.is_none() { self.option(|maker| maker.word(&["tests/score.json"])) } else { None };
        Answer {
            status: self.option(|maker| {
                at(if maker.below(2) == 0 { ExprKind::Int(503) } else { ExprKind::Name("code".into()) })
            }),
            headers: self.option(|maker| at(maker.record())),
            body,
            body_file,
            delay: self.option(|maker| maker.duration().map(ExprKind::Duration)),
            failure: self.option(|maker| at(maker.one_of(&failures))),
            broken: false,
        }
    }

    pub(super) fn expectation(&mut self) -> Expectation {
        let reasons = ["no promo code", "expired"];
        let complete = |_: &mut Self| Expectation::Complete;
        self.deeper(complete, |maker| match maker.below(13) {
            11 => Expectation::Waiting(maker.option(|maker| maker.word(&["if/1/send:offer", "wait~2"]))),
            12 => Expectation::Workflow { workflow: maker.name(), parts: maker.option(Self::parts) },
            9 => Expectation::Path(maker.word(&["if/1/send:offer", "wait~2"])),
            10 => Expectation::NothingElse,
            0 => Expectation::Complete,
            1 => Expectation::Call { webhook: maker.name(), parts: maker.option(Self::parts) },
            2 => Expectation::Send { message: maker.name(), parts: maker.option(Self::parts) },
            3 => Expectation::Contact { name: maker.option(Self::name), fields: at(maker.record()) },
            4 => Expectation::Event { event: maker.name(), parameters: maker.option(|maker| at(maker.record())) },
            5 => {
                let expectations = maker.some(0, 3, |maker| at(maker.expectation()));
                Expectation::InOrder { expectations, broken: false }
            }
            6 => Expectation::Stop(maker.option(|maker| maker.word(&reasons))),
            7 => Expectation::Fail(maker.option(|maker| maker.word(&reasons))),
            _ => Expectation::Exit(maker.option(|maker| maker.word(&reasons))),
        })
    }

    pub(super) fn parts(&mut self) -> Spanned<ExpectedParts> {
        let part = |maker: &mut Self| {
            let name = maker.word(&["attempts", "body", "to", "subject", "from", "headers", "text"]);
            at(ExpectedPart { name, contains: maker.option(|_| at(())), value: maker.expression() })
        };
        at(ExpectedParts { parts: self.some(0, 3, part), broken: false })
    }
}
