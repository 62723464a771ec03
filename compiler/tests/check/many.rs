//! Files with many mistakes: each is told once, and none of its consequences. What could not be read hides nothing that
//! stands beside it.

use super::refuses;

/// The errors and warnings that are marked, and no others; at least so many.
#[track_caller]
fn told(least: usize, text: &str) {
    let said = refuses(text);
    let told = said.iter().filter(|said| said.code.slug() != "unused-declaration").count();
    assert!(told >= least, "{told} findings: {said:?}");
}

#[test]
fn in_headers_and_steps() {
    told(
        20,
        r#"
event signup { email: email plan: string visits: int note: string? }
event paid { email: email amount: decimal }
segment loyal { contact.town == "Kyiv" }
webhook score { get "https://score.example.com/" returns json { points: int } }
message hello { email { from "a@b.co" subject "x" text "y" } }
workflow first {
  on signup
  ⟦setting-twice: on signup⟧
  on ⟦unknown-name: signap⟧
  identify by ⟦unknown-name: mail⟧ event.email
  once per ⟦out-of-range: 0s⟧
  one at a time
  ⟦setting-twice: one at a time⟧
  exit on paid as p where p.⟦unknown-field: amont⟧ > 1

  wait ⟦out-of-range: 0min⟧
  wait until ⟦zone-missing: 09:00⟧
  send hello ⟦zone-missing: between 09:00 and 21:00⟧
  send hello between ⟦wrong-type: 9⟧ and 21:00 in ⟦unknown-zone: "Europe/Kyyiv"⟧
  call score identify by id 4 else ⟦create-by-id: create⟧
  if data.score.⟦unknown-field: pionts⟧ > 1 { wait 1h }
  wait for paid as ⟦duplicate-name: data⟧ up to ⟦wrong-type: 5⟧ { wait 1h }
  emit ⟦parameter-missing: paid⟧ { email: ⟦optional-as-value: contact.email⟧ }
  emit paid { email: contact.email ?? "ann@example.com", amount: ⟦wrong-type: "1"⟧ }
  set contact.⟦unknown-field: twon⟧ = "x"
  match contact.language { "de" { wait 1h } ⟦duplicate-value: "de"⟧ { wait 2h } }
  split "s" { 50% "a" { wait 1h } 50% ⟦duplicate-name: "a"⟧ { wait 1h } }
  fail "no end"
}
workflow second {
  on schedule "⟦schedule-invalid: 61⟧ 9 * * *" in "UTC" for segment ⟦unknown-name: loyl⟧

  if contact in loyal { send hello }
}
"#,
    );
}

#[test]
fn in_what_leaves_the_house() {
    told(
        20,
        r#"
event signup { email: email plan: string card: string sensitive }
connector crm basic {
  login "svc:x"
  password ⟦secret-required: "hunter2"⟧
}
connector api bearer { ⟦unknown-setting: tokn⟧ secret("T") }
connector key api_key { header ⟦header-reserved: "Authorization"⟧ key secret(⟦secret-name: "a b"⟧) }
connector other ⟦unknown-kind: oauth⟧ { }
webhook a {
  get "⟦plain-http: http⟧://a.example.com/"
  auth ⟦unknown-name: crn⟧
  timeout ⟦out-of-range: x⟧
}
webhook b {
  get "https://b.example.com/${⟦sensitive-shown: event.card⟧}?q=${⟦optional-as-value: contact.town⟧}"
  ⟦body-with-get: body json { a: 1 }⟧
  limit ⟦out-of-range: 0⟧ per 1s
}
webhook c {
  put "https://${⟦url-host-not-literal: x⟧}.example.com/"
  headers { ⟦header-reserved: Host⟧: "x", "X-A": "1", ⟦header-twice: "x-a"⟧: "2" }
  body form { a: ⟦wrong-type: [1]⟧ }
  returns ⟦unknown-kind: yaml⟧
}
webhook d {
  post "https://d.example.com/"
  body xml """
    <a>${contact.id}⟦xml-malformed: </b>⟧
    """
  attempts ⟦out-of-range: 0⟧
}
channel sms { post "https://sms.example.com/" body json { to: contact.phone, text: message.⟦unknown-field: txt⟧ } }
message m {
  sms { ⟦unknown-setting: title⟧ "x" }
  email { from ⟦address-invalid: "Shop"⟧ subject "$!contact.⟦unknown-field: nam⟧" text file ⟦file-missing: "m.vm"⟧ }
}
workflow w {
  on signup
  identify by email event.email

  call a
  call b
  call c
  call d
  send m
}
"#
        .replace("login \"svc:x\"", "login ⟦setting-invalid: \"svc:x\"⟧")
        .replace("timeout ⟦out-of-range: x⟧", "⟦out-of-range: timeout 1h⟧")
        .replace("${⟦url-host-not-literal: x⟧}", "⟦url-host-not-literal: ${contact.id}⟧")
        .replace("⟦address-invalid: \"Shop\"⟧", "\"⟦address-invalid: Shop⟧\"")
        .as_str(),
    );
}

#[test]
fn in_types_conditions_and_tests() {
    told(
        20,
        r#"
event a { email: email n: ⟦unknown-type: integer⟧ u: "x" | ⟦duplicate-value: "x"⟧ ⟦duplicate-name: email⟧: string ⟦reserved-field: id⟧: string }
event b { email: email total: decimal = ⟦default-does-not-fit: "no"⟧ ok: bool when: date }
contact { ⟦reserved-field: email⟧: string tier: "gold" | "silver" = "gold" }
segment s1 { contact in ⟦unknown-name: s3⟧ }
segment s2 { ⟦not-available-here: event⟧.ok }
webhook h { post "https://h.example.com/" body json { total: event.total } returns json { n: int } }
workflow w {
  on b where ⟦assignment-in-condition: x⟧
  identify by email event.email

  if ⟦types-differ: event.total == "3"⟧ { wait 1h }
  if ⟦wrong-type: event.total⟧ { wait 1h }
  if contact.tier == ⟦not-a-member: "god"⟧ { wait 1h }
  if event.when > 2026-01-01 and event.ok == ⟦unknown-name: tru⟧ { wait 1h }
  if (event.total ?? ⟦needless-default: 0⟧) > 1 { wait 1h }
  if contact in s1 or contact in s2 { wait 1h }
  if event.total < ⟦number-out-of-range: x⟧ { wait 1h }
  call h on failure { wait 1h }
  stop "${⟦result-not-certain: data.h⟧.n} ${⟦unknown-function: x⟧}"
  ⟦unreachable-step: wait 1h⟧
}
test "t" {
  given contact { tier: ⟦not-a-member: "bronze"⟧ }
  stub h { status ⟦out-of-range: 700⟧ body { n: 1 } }
  stub h { body { n: ⟦wrong-type: "1"⟧ } }
  receive ⟦parameter-missing: b⟧ { email: ⟦wrong-type: "x"⟧, ok: true }
  advance ⟦wrong-type: 3⟧
  expect call h { body { ⟦unknown-field: totl⟧: 1 } }
  expect send ⟦unknown-name: m⟧
  expect contact ⟦unknown-name: ann⟧ { tier: "gold" }
}
test ⟦test-expects-nothing: "u"⟧ { advance 1h }
"#
        .replace("where ⟦assignment-in-condition: x⟧", "where event.ok ⟦assignment-in-condition: =⟧ true")
        .replace("⟦number-out-of-range: x⟧", "⟦number-out-of-range: 12345678901234567890123456789012⟧")
        .replace("⟦unknown-function: x⟧", "⟦unknown-function: lower(event.email)⟧")
        .as_str(),
    );
}

#[test]
fn in_words_and_signs_beside_them() {
    // Slips that the parser tells, each in a declaration with one that a check tells.
    told(
        20,
        r#"
event a { email: email, n: int; }
event b { email email m: ⟦unknown-type: txt⟧ }
workflow w1 {
  on a
  identify by email event.⟦unknown-field: emial⟧
  wiat 1h
  send ⟦unknown-name: nothing⟧
}
workflow w2 {
  on a
  identify by email event.email else create
  if event.n > 1 && event.⟦unknown-field: k⟧ > 2 { stop }
  call ⟦unknown-name: ghost⟧
}
workflow w3 {
  on a
  identify: by email event.email
  wait 5m
  set contact.⟦unknown-field: nope⟧ = "x"
}
webhook h {
  post 'https://h.example.com/'
  headers { ⟦header-reserved: Cookie⟧: "x" }
  timeout: 5s
  body json { n: contact.⟦unknown-field: nn⟧ }
}
workflow w4 {
  on a
  identify by email event.email
  call h
  split "s" { 50% "a" { stop } 40% "b" { wait 1h } }
  match event.n { ⟦types-differ: "1"⟧ { stop } else { stop } }
}
test "t" {
  recieve a { email: "ann@example.com", n: ⟦wrong-type: "1"⟧ }
  expect send ⟦unknown-name: nothing⟧
}
"#
        .replace("int; }", "int⟦foreign-sign: ;⟧ }")
        .replace("event b { email email", "event b { ⟦unexpected-token: email⟧ email")
        .replace("wiat", "⟦unknown-keyword: wiat⟧")
        .replace("&&", "⟦foreign-sign: &&⟧")
        .replace("identify: by", "identify⟦needless-colon: :⟧ by")
        .replace("wait 5m", "wait ⟦malformed-duration: 5m⟧")
        .replace("'https://h.example.com/'", "⟦foreign-sign: 'https://h.example.com/'⟧")
        .replace("timeout: 5s", "timeout⟦needless-colon: :⟧ 5s")
        .replace("split \"s\" {", "⟦shares-not-whole: split \"s\"⟧ {")
        .replace("recieve", "⟦unknown-keyword: recieve⟧")
        .as_str(),
    );
}
