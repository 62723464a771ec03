//! What the language has and this version does not run: each is refused by name, never skipped.

use crate::catalogue::Code;
use crate::diagnostic::Diagnostic;
use crate::names::Names;
use crate::source::Span;

/// The finding that something is not supported yet.
pub(crate) fn not_yet(span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::NotSupportedYet, span)
        .message(format!("{what} is not supported yet"))
        .hint("leave it out for now: this version of `wf` would not run it")
}

/// Declarations of which nothing runs yet.
pub(crate) fn declarations(names: &Names<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for (_, channel) in names.channels.iter() {
        // What is said of the channel is enough: that nothing uses it would be noise.
        channel.mark_used();
        if let Some(auth) = &channel.node.auth {
            names.connector(auth, diagnostics);
        }
        diagnostics.push(not_yet(channel.name.span, "a `channel`"));
    }
    for (_, test) in names.tests.iter() {
        diagnostics.push(
            Diagnostic::new(Code::TestNotRunYet, test.name.span)
                .message(format!("the test {:?} is read and not run yet", test.name.node)),
        );
    }
}
