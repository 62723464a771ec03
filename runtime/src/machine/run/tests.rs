use super::*;
use crate::machine::sample;

#[test]
fn keys_tell_runs_and_steps_apart_and_hold_no_dot() {
    let step = |id: &str| StepId(id.into());
    let key = idempotency_key("1207-9f3a01bc", &step("if/0/call:a"));
    assert_eq!(key, idempotency_key("1207-9f3a01bc", &step("if/0/call:a")));
    assert!(key.len() == 43 && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')));
    assert_ne!(key, idempotency_key("1207-9f3a01bc", &step("if/0/call:b")));
    assert_ne!(key, idempotency_key("1207-9f3a01bd", &step("if/0/call:a")));
    assert_ne!(idempotency_key("1", &step("2call")), idempotency_key("12", &step("call")));
}

#[test]
fn a_state_that_does_not_belong_to_the_program_is_refused() {
    let run = sample::run(vec![]);
    let resume = |json: &str| {
        let error = Run::resume(run.program.clone(), run.workflow.clone(), run.event.clone(), json).err();
        error.map(|error| error.to_string()).unwrap_or_default()
    };
    let answer = |webhook: &str, value: &str| {
        format!(r#"{{"format":1,"cursor":[0],"results":[{{"name":"a","webhook":"{webhook}","value":{value}}}]}}"#)
    };
    assert_eq!(resume(r#"{"format":1,"cursor":[0]}"#), "");
    assert_eq!(resume(&answer("offer", r#"{"code":"A","price":1.50}"#)), "");
    assert_eq!(
        resume(r#"{"format":2,"cursor":[0]}"#),
        "the kept state of the run has format 2; this wf reads format 1"
    );
    assert!(resume("{").starts_with("the kept state of the run cannot be read: EOF"));
    assert_eq!(resume(&answer("gone", "{}")), "the kept answer `a` cannot be read: there is no webhook `gone`");
    assert_eq!(
        resume(&answer("offer", "{}")),
        "the kept answer `a` cannot be read: the kept answer does not fit: `code`: missing: expected `string`"
    );
}
