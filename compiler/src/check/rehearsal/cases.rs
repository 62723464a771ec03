//! `cases { plan, tier | "pro", "gold" | "free", "basic" }`: a table, and the tests that its rows make of one.
//!
//! The values of a row are put in the place of the columns' names, and what that makes is a test like any other: so each row is
//! held to all that a test is held to.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::fill::Fill;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::Written;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, Expr, ExprKind, Name, TestStep, TestStepKind};
use crate::types::{self, Environment};

/// How many rows a table may have.
const MOST_ROWS: usize = 1_000;

/// Words that mean something in the place of a value.
const TAKEN: &[&str] = &["data", "present", "absent", "same", "unchanged"];

/// One way in which a test is played.
pub(super) struct Case {
    /// The name of the test, with the row's values.
    pub(super) name: Spanned<SmolStr>,
    /// The steps with the row's values.
    pub(super) steps: Vec<TestStep>,
    /// The row.
    pub(super) row: Span,
}

/// The cases of a test with a table; nothing if it has none.
pub(super) fn cases(
    environment: &Environment<'_>,
    test: &ast::Test,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<Case>> {
    let mut tables = test.steps.iter().filter_map(|step| match &step.node {
        TestStepKind::Cases(table) => Some((table, step.span)),
        _ => None,
    });
    let (table, span) = tables.next()?;
    for (_, another) in tables {
        diagnostics.push(
            Diagnostic::new(Code::SettingTwice, another)
                .message("a test has one table of cases")
                .also(span, "it stands here")
                .hint("put the rows together"),
        );
    }
    columns(table, diagnostics);
    let mut used = BTreeSet::new();
    let cases = match rows(environment, table, span, diagnostics) {
        rows if rows.is_empty() => vec![case(test, table, None, &mut used)],
        rows => rows.into_iter().map(|row| case(test, table, Some(row), &mut used)).collect(),
    };
    for column in table.columns.iter().filter(|column| !used.contains(&column.node)) {
        diagnostics.push(
            Diagnostic::new(Code::UnusedDeclaration, column.span)
                .message(format!("no step uses the column `{}`", column.node))
                .hint(format!("write its name where a value stands, or remove the column: `tier: {}`", column.node)),
        );
    }
    Some(cases)
}

/// The steps with the values of a row; without one, nothing is known of the values.
fn case<'t>(test: &'t ast::Test, table: &'t ast::Cases, row: Option<Row<'t>>, used: &mut BTreeSet<SmolStr>) -> Case {
    let broken = ExprKind::Broken;
    let mut values: BTreeMap<&SmolStr, &ExprKind> =
        table.columns.iter().map(|column| (&column.node, &broken)).collect();
    let (name, span) = match row {
        Some(row) => {
            values.extend(table.columns.iter().map(|column| &column.node).zip(row.values));
            (format!("{} ({})", test.name.node, row.words).into(), row.span)
        }
        None => (test.name.node.clone(), test.name.span),
    };
    let mut fill = Fill { values, used };
    let others = test.steps.iter().filter(|step| !matches!(step.node, TestStepKind::Cases(_)));
    let steps = others.map(|step| step.span.with(fill.step(&step.node))).collect();
    Case { name: span.with(name), steps, row: span }
}

/// Reports columns that cannot be told from each other, or from words.
fn columns(table: &ast::Cases, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&SmolStr, Span> = BTreeMap::new();
    for Name { node: name, span } in &table.columns {
        if let Some(first) = seen.get(name) {
            diagnostics.push(
                Diagnostic::new(Code::DuplicateName, *span)
                    .message(format!("the column `{name}` is there twice"))
                    .also(*first, "it stands here first"),
            );
        }
        seen.entry(name).or_insert(*span);
        if TAKEN.contains(&name.as_str()) {
            diagnostics.push(
                Diagnostic::new(Code::ReservedWord, *span)
                    .message(format!("`{name}` means something where a value stands"))
                    .hint("give the column another name"),
            );
        }
    }
}

/// A row whose values are as many as the columns.
struct Row<'t> {
    values: Vec<&'t ExprKind>,
    /// The columns and their values, as they are written.
    words: String,
    span: Span,
}

fn rows<'t>(
    environment: &Environment<'_>,
    table: &'t ast::Cases,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Row<'t>> {
    if table.rows.is_empty() && !table.broken {
        diagnostics.push(
            Diagnostic::new(Code::SettingMissing, span)
                .message("this table has no rows")
                .hint("a row begins with `|` and has a value for each column: `| \"pro\", \"gold\"`"),
        );
    }
    if let Some(beyond) = table.rows.get(MOST_ROWS) {
        diagnostics.push(
            Diagnostic::new(Code::OutOfRange, beyond.span)
                .message(format!("a table has at most {MOST_ROWS} rows"))
                .hint("divide it into several tests"),
        );
    }
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for row in table.rows.iter().take(MOST_ROWS) {
        let before = diagnostics.len();
        let written: Vec<String> = row.node.iter().map(|cell| value(environment, cell, diagnostics)).collect();
        let (columns, values) = (table.columns.len(), row.node.len());
        if columns != values {
            diagnostics.push(
                Diagnostic::new(Code::SettingInvalid, row.span)
                    .message(format!(
                        "the table has {}, this row {}",
                        counted(columns, "column"),
                        counted(values, "value")
                    ))
                    .hint("a row has a value for each column; `null` is none"),
            );
        }
        if diagnostics.len() > before {
            continue;
        }
        let words: Vec<String> =
            table.columns.iter().zip(&written).map(|(column, value)| format!("{}: {value}", column.node)).collect();
        let words = words.join(", ");
        if let Some(first) = seen.get(&words) {
            diagnostics.push(
                Diagnostic::new(Code::DuplicateValue, row.span)
                    .message("this row is there already")
                    .also(*first, "it stands here first")
                    .fix(Fix::delete(row.span)),
            );
            continue;
        }
        seen.insert(words.clone(), row.span);
        rows.push(Row { values: row.node.iter().map(|cell| &cell.node).collect(), words, span: row.span });
    }
    rows
}

/// A value of a row, in words.
fn value(environment: &Environment<'_>, cell: &Expr, diagnostics: &mut Vec<Diagnostic>) -> String {
    if let ExprKind::Name(name) = &cell.node {
        diagnostics.push(
            Diagnostic::new(Code::WrongType, cell.span)
                .message("the values of a table are written out")
                .hint(format!("a text stands in quotes: `\"{name}\"`"))
                .fix(Fix::replace(cell.span, format!("\"{name}\""))),
        );
        return String::new();
    }
    Written(&types::expression(environment, cell, diagnostics).expression).to_string()
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("one {what}") } else { format!("{count} {what}s") }
}

/// What the cases of a test have found, said once: a mistake of the test itself, or one of some rows, with those rows.
pub(super) fn merge(found: Vec<(Span, Vec<Diagnostic>)>, diagnostics: &mut Vec<Diagnostic>) {
    let cases = found.len();
    let mut merged: Vec<(Diagnostic, Vec<Span>)> = Vec::new();
    let mut places: BTreeMap<(Span, &'static str, String), usize> = BTreeMap::new();
    for (row, findings) in found {
        for finding in findings {
            let identity = (finding.span, finding.code.slug(), finding.message.clone());
            let index = *places.entry(identity).or_insert(merged.len());
            match merged.get_mut(index) {
                Some((_, rows)) => rows.push(row),
                None => merged.push((finding, vec![row])),
            }
        }
    }
    for (mut finding, rows) in merged {
        if rows.len() < cases {
            // What is to be changed stands in the table.
            finding.fixes.clear();
            for row in rows.into_iter().take(SHOWN_ROWS) {
                finding = finding.also(row, "so it is with this row");
            }
        }
        diagnostics.push(finding);
    }
}

/// How many of the rows that share a mistake are shown.
const SHOWN_ROWS: usize = 3;
