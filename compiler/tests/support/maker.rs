//! Trees of any shape that the language has, decided by bytes.

use compiler::source::{FileId, Span, Spanned};
use compiler::syntax::ast::*;
use compiler::syntax::text_block::TextBlock;
use jiff::civil;
use jiff::tz::Offset;
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

    // ── Workflows ───────────────────────────────────────────────────────────────────────────────────────────────────

    fn workflow(&mut self) -> Workflow {
        let headers = self.some(0, 4, |maker| at(maker.header()));
        Workflow { name: self.name(), headers, steps: self.block() }
    }

    fn header(&mut self) -> HeaderKind {
        match self.below(8) {
            0 => HeaderKind::On(Trigger::Event { event: self.name(), condition: self.option(Self::expression) }),
            1 => HeaderKind::On(Trigger::Schedule {
                cron: self.text(),
                zone: self.option(Self::expression),
                segment: self.option(Self::name),
            }),
            2 => HeaderKind::On(Trigger::ContactChanged { field: self.word(WORDS) }),
            3 => HeaderKind::Identify(self.identify()),
            4 => HeaderKind::OncePer(self.duration()),
            5 => HeaderKind::OnceEver,
            6 => HeaderKind::OneAtATime,
            _ => HeaderKind::ExitOn(ExitOn {
                event: self.name(),
                alias: self.option(Self::name),
                condition: self.option(Self::expression),
            }),
        }
    }

    fn identify(&mut self) -> Identify {
        let otherwise = [Otherwise::Create, Otherwise::Stop];
        Identify {
            key: self.word(&["id", "email", "phone", "external_id"]),
            value: self.expression(),
            otherwise: self.option(|maker| at(maker.one_of(&otherwise))),
        }
    }

    fn block(&mut self) -> Block {
        let steps = |maker: &mut Self| maker.some(0, 3, |maker| at(Box::new(maker.step())));
        at(self.deeper(|_| Vec::new(), steps))
    }

    fn step(&mut self) -> StatementKind {
        match self.below(13) {
            0 => StatementKind::Wait(self.expression()),
            1 => StatementKind::Call(Call {
                webhook: self.name(),
                identify: self.option(|maker| at(Box::new(maker.identify()))),
                alias: self.option(Self::name),
                on_failure: self.option(Self::block),
            }),
            2 => StatementKind::Send(Send {
                message: self.name(),
                to: self.option(Self::expression),
                between: self.option(|maker| {
                    let zone = maker.option(Self::expression);
                    Box::new(at(Between { from: maker.expression(), to: maker.expression(), zone }))
                }),
            }),
            3 => StatementKind::WaitUntil(self.moment()),
            4 => StatementKind::WaitFor(Box::new(WaitFor {
                event: self.name(),
                alias: self.option(Self::name),
                condition: self.option(Self::expression),
                up_to: self.expression(),
                block: self.block(),
                on_timeout: self.option(Self::block),
            })),
            5 | 6 => {
                let branch = |maker: &mut Self| Branch { condition: maker.expression(), block: maker.block() };
                StatementKind::If(If { branches: self.some(1, 3, branch), otherwise: self.option(Self::block) })
            }
            7 => {
                let arm =
                    |maker: &mut Self| at(Arm { patterns: maker.some(1, 3, Self::literal), block: maker.block() });
                let subject = self.expression();
                let (arms, otherwise) = (self.some(0, 3, arm), self.option(Self::block));
                StatementKind::Match(Match { subject, arms, otherwise, broken: false })
            }
            8 => {
                let share = |maker: &mut Self| match maker.below(3) {
                    0 => Share::Rest,
                    1 => Share::Percent("50".parse().unwrap()),
                    _ => Share::Percent("12.5".parse().unwrap()),
                };
                let way =
                    |maker: &mut Self| at(Way { share: at(share(maker)), label: maker.name(), block: maker.block() });
                StatementKind::Split(Split { name: self.name(), ways: self.some(0, 3, way), broken: false })
            }
            9 => StatementKind::Set(Set { field: self.word(WORDS), value: self.expression() }),
            10 => StatementKind::Emit { event: self.name(), parameters: at(self.record()) },
            11 => StatementKind::Stop(self.option(Self::text)),
            _ => StatementKind::Fail(self.text()),
        }
    }

    fn moment(&mut self) -> Moment {
        Moment { at: self.expression(), zone: self.option(Self::expression) }
    }

    // ── Tests ───────────────────────────────────────────────────────────────────────────────────────────────────────

    fn test(&mut self) -> Test {
        Test { name: self.name(), steps: self.some(0, 4, |maker| at(maker.test_step())) }
    }

    fn test_step(&mut self) -> TestStepKind {
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

    fn fixture(&mut self) -> Fixture {
        match self.below(3) {
            0 => Fixture::File(self.word(&["tests/ann.json", "a b.json"])),
            _ => Fixture::Written(at(self.record())),
        }
    }

    /// A declaration in a `reload`.
    fn inner_declaration(&mut self) -> Declaration {
        let kind = match self.below(3) {
            0 => DeclarationKind::Event(Event { name: self.name(), fields: self.fields() }),
            1 => DeclarationKind::Message(self.message()),
            _ => DeclarationKind::Workflow(self.workflow()),
        };
        at(DeclarationNode { docs: None, kind })
    }

    fn cases(&mut self) -> Cases {
        let columns = self.some(1, 3, |maker| maker.word(&["plan", "tier", "count"]));
        let rows = self.some(0, 3, |maker| at(maker.some(1, 3, Self::expression)));
        Cases { columns, rows, broken: false }
    }

    fn answer(&mut self) -> Answer {
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

    fn expectation(&mut self) -> Expectation {
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

    fn parts(&mut self) -> Spanned<ExpectedParts> {
        let part = |maker: &mut Self| {
            let name = maker.word(&["attempts", "body", "to", "subject", "from", "headers", "text"]);
            at(ExpectedPart { name, contains: maker.option(|_| at(())), value: maker.expression() })
        };
        at(ExpectedParts { parts: self.some(0, 3, part), broken: false })
    }

    // ── Values ──────────────────────────────────────────────────────────────────────────────────────────────────────

    fn duration(&mut self) -> Spanned<Duration> {
        let units = [DurationUnit::Seconds, DurationUnit::Minutes, DurationUnit::Days, DurationUnit::Milliseconds];
        at(Duration { amount: self.one_of(&[1, 10, 90]), unit: self.one_of(&units) })
    }

    fn record(&mut self) -> Record {
        let entry = |maker: &mut Self| Entry { name: maker.key(), value: maker.expression() };
        Record { entries: self.deeper(|_| Vec::new(), |maker| maker.some(0, 4, entry)), broken: false }
    }

    fn text(&mut self) -> Spanned<Text> {
        let mut parts: Vec<TextPart> = Vec::new();
        for _ in 0..self.below(4) {
            let value = self.below(3) == 1 && self.depth < 4;
            match parts.last_mut() {
                _ if value => {
                    let value = self.deeper(Self::leaf, Self::expression);
                    parts.push(TextPart::Interpolation(at(value)));
                }
                Some(TextPart::Literal(block)) => block.text.push_str(self.one_of(TEXTS)),
                _ => parts.push(TextPart::Literal(TextBlock::verbatim(self.one_of(TEXTS), at(()).span))),
            }
        }
        at(Text { parts })
    }

    fn leaf(&mut self) -> Expr {
        at(match self.below(9) {
            0 => ExprKind::Name(SmolStr::new(self.one_of(&["event", "contact", "message", "data", "loyal", "order"]))),
            1 => ExprKind::Int(self.one_of(&[0, 7, 2026])),
            2 => ExprKind::Decimal(self.one_of(&["9.90", "0.5"]).parse().unwrap()),
            3 => ExprKind::Bool(self.maybe()),
            4 => ExprKind::Null,
            5 => ExprKind::Date(civil::date(2026, 11, 24)),
            6 => {
                let offset = self.one_of(&[None, Some(Offset::UTC), Some(Offset::constant(2))]);
                ExprKind::DateTime(DateTime { civil: civil::date(2026, 11, 24).at(9, 30, 0, 0), offset })
            }
            7 => ExprKind::Time(civil::time(9, 30, 0, 0)),
            _ => ExprKind::Duration(self.duration().node),
        })
    }

    pub(crate) fn expression(&mut self) -> Expr {
        self.deeper(Self::leaf, |maker| {
            let operators = [
                BinaryOperator::Or,
                BinaryOperator::And,
                BinaryOperator::Equal,
                BinaryOperator::NotEqual,
                BinaryOperator::Less,
                BinaryOperator::GreaterOrEqual,
                BinaryOperator::In,
                BinaryOperator::NotIn,
                BinaryOperator::Contains,
                BinaryOperator::Add,
                BinaryOperator::Subtract,
                BinaryOperator::Multiply,
                BinaryOperator::Divide,
                BinaryOperator::Coalesce,
            ];
            match maker.below(12) {
                0 | 1 => maker.leaf(),
                2 | 3 => maker.path(),
                4 => at(ExprKind::Text(maker.text().node)),
                5 => at(ExprKind::List(maker.some(0, 4, Self::expression))),
                6 => at(ExprKind::Record(maker.record())),
                7 => at(ExprKind::Call {
                    function: Box::new(at(ExprKind::Name(SmolStr::new("round")))),
                    arguments: maker.some(0, 2, Self::expression),
                }),
                8 => {
                    let operator = at(maker.one_of(&[UnaryOperator::Not, UnaryOperator::Negate]));
                    at(ExprKind::Unary { operator, operand: Box::new(maker.expression()) })
                }
                9 => at(ExprKind::IsSet { operand: Box::new(maker.expression()), negated: maker.maybe() }),
                _ => {
                    let operator = maker.one_of(&operators);
                    let count = maker.below(4) + 1;
                    (0..count).fold(maker.expression(), |left, _| {
                        let (left, right) = (Box::new(left), Box::new(maker.expression()));
                        at(ExprKind::Binary { operator: at(operator), left, right })
                    })
                }
            }
        })
    }
}
