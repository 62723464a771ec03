//! Calls of macros.
//!
//! A call of a macro that does not exist is no mistake to Velocity, and people read `#footer()`. Without brackets it may well
//! be a text: `#fff`, `#1`, `#header { … }`.

use velocity::{MacroCall, MacroParameter, Place};

use super::Template;
use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::Span;
use crate::suggest;

/// Reports calls that print as they are written, and those that fail when the template is rendered.
pub(super) fn check(template: &Template<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let macros = &template.collected.macros;
    for call in &template.collected.calls {
        let defined = macros.contains_key(&call.name);
        if let Some(Some(parameters)) = macros.get(&call.name) {
            too_few(template, call, parameters, diagnostics);
        }
        match &call.bare_word {
            Some(word) if defined => diagnostics.push(
                Diagnostic::new(Code::TemplateSyntax, template.place(call.span))
                    .message(format!("the word `{word}` cannot be an argument of a macro"))
                    .hint(format!("a text stands in quotes, `'{word}'`, and a value behind `$`")),
            ),
            // `#name (of the year)`
            Some(_) => {}
            None if defined || !call.definite => {}
            None => diagnostics.push(unknown(template, call, macros.keys().map(|name| name.as_str()))),
        }
    }
}

/// Reports a call that gives a parameter no value which the macro prints.
fn too_few(
    template: &Template<'_>,
    call: &MacroCall,
    parameters: &[MacroParameter],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let collected = &template.collected;
    let prints = |parameter: &MacroParameter| {
        let binding = collected.bindings.get(parameter.binding.0 as usize)?;
        // Else the name may have a value from around the call.
        let alone = collected.bindings.iter().filter(|other| other.name == binding.name).count() == 1;
        let reference = collected.references.iter().find(|reference| {
            reference.binding == Some(parameter.binding)
                && matches!(reference.place, Place::Text | Place::String)
                && !(reference.quiet || reference.fallback || reference.found > 0)
        });
        reference.filter(|_| alone && !parameter.has_default)
    };
    let Some(printed) = parameters.iter().skip(call.arguments).find_map(prints) else { return };
    let written = template.source(printed.span);
    let name = call.name.as_str();
    let takes = match parameters.len() {
        1 => "1 argument".to_owned(),
        count => format!("{count} arguments"),
    };
    diagnostics.push(
        Diagnostic::new(Code::SentAsWritten, name_place(template, call))
            .message(format!("`#{name}` takes {takes}, not {}, and people read `{written}`", call.arguments))
            .also(template.place(printed.span), "printed here")
            .hint(format!(
                "give it a value, or write a default into the definition: `#macro({name} … ${} = '…')`",
                printed.root
            )),
    );
}

fn unknown<'m>(template: &Template<'_>, call: &MacroCall, macros: impl Iterator<Item = &'m str>) -> Diagnostic {
    let name = call.name.as_str();
    let place = name_place(template, call);
    let finding = Diagnostic::new(Code::SentAsWritten, place)
        .message(format!("there is no macro `#{name}`, and its call is sent as it is written"));
    match suggest::nearest(name, macros) {
        Some(meant) => finding.hint(format!("did you mean `#{meant}`?")).fix(Fix::replace(place, meant)),
        None => finding.hint(format!(
            "define it by `#macro({name} …) … #end`; what is to be sent so stands between `#[[` and `]]#`"
        )),
    }
}

/// The place of the name in a call.
fn name_place(template: &Template<'_>, call: &MacroCall) -> Span {
    let range = call.span.range();
    match template.source(call.span).find(call.name.as_str()) {
        Some(at) => template.origin.place(range.start + at..range.start + at + call.name.len()),
        None => template.place(call.span),
    }
}
