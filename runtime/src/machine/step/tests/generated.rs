//! Laws that hold for every workflow: programs and outcomes are made up.

use proptest::prelude::*;

use super::*;

/// A statement without its identity, which depends on where it stands.
#[derive(Clone, Debug)]
enum Draft {
    Call(Option<Vec<Draft>>),
    CallAsOther,
    WaitFor(Vec<Draft>, Vec<Draft>),
    Emit,
    Send,
    Wait(u64),
    If(Vec<(bool, Vec<Draft>)>, Vec<Draft>),
    Match(Vec<Vec<Draft>>, Vec<Draft>),
    Split(Vec<(u32, Vec<Draft>)>),
    Set(Option<String>),
    Stop,
    Fail,
}

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    let leaf = prop_oneof![
        3 => Just(Draft::Call(None)),
        1 => Just(Draft::Send),
        1 => Just(Draft::CallAsOther),
        1 => Just(Draft::Emit),
        3 => (0..5_u64).prop_map(Draft::Wait),
        3 => proptest::option::of("[a-z]{0,3}").prop_map(Draft::Set),
        1 => Just(Draft::Stop),
        1 => Just(Draft::Fail),
    ];
    let draft = leaf.prop_recursive(4, 40, 4, |inner| {
        let block = || proptest::collection::vec(inner.clone(), 0..4);
        let branches = proptest::collection::vec((any::<bool>(), block()), 1..3);
        prop_oneof![
            block().prop_map(|block| Draft::Call(Some(block))),
            (block(), block()).prop_map(|(then, late)| Draft::WaitFor(then, late)),
            (branches, block()).prop_map(|(branches, otherwise)| Draft::If(branches, otherwise)),
            (proptest::collection::vec(block(), 1..3), block())
                .prop_map(|(arms, otherwise)| Draft::Match(arms, otherwise)),
            proptest::collection::vec((0..3_u32, block()), 1..4).prop_map(Draft::Split),
        ]
    });
    proptest::collection::vec(draft, 0..6)
}

/// Gives each statement its identity, and counts them.
fn block(drafts: &[Draft], prefix: &str, count: &mut usize) -> Block {
    let mut steps = Vec::new();
    for (index, draft) in drafts.iter().enumerate() {
        *count += 1;
        let id = format!("{prefix}{index}");
        let mut inner = |branch: usize, drafts: &[Draft]| block(drafts, &format!("{id}/{branch}/"), count);
        let statement = match draft {
            Draft::Call(on_failure) => Statement::Call {
                webhook: "offer".into(),
                store_as: "offer".into(),
                identification: None,
                on_failure: on_failure.as_ref().map(|drafts| inner(0, drafts)),
            },
            Draft::CallAsOther => listening::call_as_other(),
            Draft::WaitFor(then, late) => Statement::WaitFor {
                event: "cart".into(),
                alias: Some("later".into()),
                filter: None,
                up_to: duration(1),
                then: inner(0, then),
                on_timeout: inner(1, late),
            },
            Draft::Emit => listening::emit(),
            Draft::Send => Statement::Send { message: "promo".into(), to: None, between: None },
            Draft::Wait(seconds) => Statement::Wait { duration: duration(*seconds) },
            Draft::If(branches, otherwise) => Statement::If {
                branches: branches
                    .iter()
                    .enumerate()
                    .map(|(at, (holds, drafts))| Branch { condition: boolean(*holds), block: inner(at, drafts) })
                    .collect(),
                otherwise: inner(branches.len(), otherwise),
            },
            Draft::Match(arms, otherwise) => Statement::Match {
                value: path("data.offer.code"),
                arms: arms
                    .iter()
                    .enumerate()
                    .map(|(at, drafts)| MatchArm {
                        values: vec![Literal::String(at.to_string())],
                        block: inner(at, drafts),
                    })
                    .collect(),
                otherwise: inner(arms.len(), otherwise),
            },
            Draft::Split(arms) => Statement::Split(Split {
                name: "split".into(),
                arms: arms
                    .iter()
                    .enumerate()
                    .map(|(at, (share, drafts))| SplitArm {
                        label: at.to_string().into(),
                        share: *share,
                        block: inner(at, drafts),
                    })
                    .collect(),
            }),
            Draft::Set(value) => Statement::Set {
                field: "tier".into(),
                value: value.as_ref().map_or(Expression::Literal(Literal::Null), |text| string(text)),
            },
            Draft::Stop => Statement::Stop { reason: None },
            Draft::Fail => Statement::Fail { reason: vec![] },
        };
        steps.push(step(&id, statement));
    }
    steps
}

/// Whether an effect is carried out in passing.
fn passing(line: &str) -> bool {
    line.contains(": set tier ") || line.contains(": emit cart ")
}

/// What a driver would answer to what the run waits for.
fn answer(waiting: &Waiting, good: bool) -> Happened {
    match waiting {
        Waiting::Call { step, .. } if good => {
            let outcome = CallOutcome::Succeeded(read(r#"{"code":"1","price":9.90}"#).unwrap());
            Happened::Called { step: step.clone(), outcome }
        }
        Waiting::Call { step, .. } => {
            let failure = CallFailure { class: FailureClass::Timeout, status: None, message: "too late".into() };
            Happened::Called { step: step.clone(), outcome: CallOutcome::Failed(failure) }
        }
        Waiting::Send { step, .. } => Happened::Sent { step: step.clone(), outcome: SendOutcome::Sent },
        Waiting::Identify { step, .. } if good => {
            Happened::Identified { step: step.clone(), found: Ok(sample::card()) }
        }
        Waiting::Identify { step, .. } => {
            let reason_code = ReasonCode::ContactNotFound;
            let found = Err(Ending::Stopped { reason: None, reason_code });
            Happened::Identified { step: step.clone(), found }
        }
        Waiting::Claim { step, .. } => Happened::Claimed { step: step.clone(), taken: !good },
        Waiting::Event { .. } if good => Happened::Heard,
        Waiting::Sleep { step, .. } | Waiting::Event { step, .. } => Happened::Woken { step: step.clone() },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// `Feeding` compares each turn with one of a run that went through JSON.
    #[test]
    fn every_run_ends_and_asks_for_one_thing_at_a_time(
        drafts in drafts(),
        outcomes in proptest::collection::vec(any::<bool>(), 64),
    ) {
        let mut count = 0;
        let steps = block(&drafts, "", &mut count);
        let mut feeding = Feeding::of(steps);
        let (mut happened, mut heard) = (Happened::Started, vec![]);
        let mut outcomes = outcomes.into_iter().cycle();
        // A call for another contact waits twice.
        for _ in 0..=2 * count {
            let shown = feeding.feed_hearing(&heard, happened);
            let (last, before) = shown.lines().collect::<Vec<_>>().split_last().map(|(last, before)| (last.to_string(), before.len())).unwrap();
            prop_assert_eq!(shown.lines().filter(|line| passing(line)).count(), before, "{}", shown);
            prop_assert!(!passing(&last), "{}", shown);
            prop_assert_eq!(feeding.feed(Happened::Started), "");
            prop_assert_eq!(feeding.feed(Happened::Woken { step: StepId("elsewhere".into()) }), "");
            let Some(waiting) = feeding.run.saved.waiting.clone() else { break };
            let good = outcomes.next().unwrap_or(true);
            heard.clear();
            match &waiting {
                Waiting::Event { .. } if good => heard.push(listening::heard("cart", "x", feeding.at)),
                Waiting::Sleep { until, .. } | Waiting::Event { until, .. } => feeding.at = *until,
                _ => {}
            }
            happened = answer(&waiting, good);
        }
        prop_assert!(feeding.run.saved.ending.is_some());
        prop_assert!(feeding.run.saved.steps.iter().all(|record| record.ended_at.is_some() && record.outcome.is_some()));
    }
}
