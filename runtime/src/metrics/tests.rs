//! What somebody sees who looks.

use super::*;

#[test]
fn what_was_counted_is_shown_as_openmetrics() {
    let commits = Timing::commits();
    let metrics = Metrics::new(commits.clone());
    commits.observe(Duration::from_millis(2));
    for _ in 0..3 {
        metrics.accepted(false);
    }
    metrics.accepted(true);
    metrics.rejected("params-do-not-fit");
    metrics.started("shop.\"w\"\n");
    metrics.ended("w", RunStatus::Failed);
    metrics.attempted("api.example.com", Some(FailureClass::Timeout), Duration::from_secs(3));
    let state = State { running: 2, waiting: 5, due: 1, ..State::default() };
    let first = metrics.render(Some("abc".to_owned()), &state);
    let text = metrics.render(Some("def".to_owned()), &state);
    for line in [
        "wf_events_accepted_total 3",
        "wf_events_duplicate_total 1",
        r#"wf_events_rejected_total{reason="params-do-not-fit"} 1"#,
        r#"wf_runs_started_total{workflow="shop.\"w\"\n"} 1"#,
        r#"wf_runs_ended_total{workflow="w",status="failed"} 1"#,
        r#"wf_attempts_total{host="api.example.com",outcome="timeout"} 1"#,
        r#"wf_attempt_duration_seconds_bucket{le="2.5"} 0"#,
        r#"wf_attempt_duration_seconds_bucket{le="5.0"} 1"#,
        "wf_commit_duration_seconds_count 1",
        r#"wf_runs{status="running"} 2"#,
        r#"wf_runs{status="waiting"} 5"#,
        "wf_timers_due 1",
        r#"wf_program_info{hash="def"} 1"#,
        "# TYPE wf_attempts counter",
        "# EOF",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(first.contains(r#"hash="abc""#) && !text.contains(r#"hash="abc""#), "one program at a time");
    assert!(text.contains("wf_process_resident_memory_bytes"), "{text}");
}
