//! Names of secrets.
//!
//! A secret is kept outside the project, under the environment variable `WF_SECRET_NAME` or in a file `NAME` of the
//! daemon's folder of secrets. So that one name works as both, everywhere, it is made of capital letters, digits and `_`,
//! begins with a letter and has at most 64 characters.

use smol_str::SmolStr;

use crate::catalogue::Code;
use crate::diagnostic::{Diagnostic, Fix};
use crate::ir::SecretName;
use crate::syntax::ast::Name;

/// The longest name of a secret, in characters.
const LONGEST: usize = 64;

/// Reads the name of a secret.
pub(crate) fn name(name: &Name, diagnostics: &mut Vec<Diagnostic>) -> Option<SecretName> {
    if is_name(&name.node) {
        return Some(name.node.clone());
    }
    // An interpolation is reported where the text is read; an escape would make the place longer than the text.
    if name.node.contains("${") && name.span.len() as usize == name.node.len() + 2 {
        return None;
    }
    let mut finding = Diagnostic::new(Code::SecretName, name.span)
        .message(format!("`{}` cannot name a secret", name.node))
        .hint("a name is made of capital letters, digits and `_`, begins with a letter and has at most 64 characters");
    let instead = name.node.to_uppercase().replace(['-', '.', ' ', '/'], "_");
    if is_name(&instead) {
        finding = finding.fix(Fix::replace(name.span, format!("\"{instead}\"")));
    }
    diagnostics.push(finding);
    None
}

/// A name that could be meant for the setting of a connector: `CRM_PASSWORD`.
pub(crate) fn suggestion(connector: &str, setting: &str) -> SmolStr {
    let name: String = format!("{connector}_{setting}")
        .to_uppercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .take(LONGEST)
        .collect();
    if is_name(&name) { name.into() } else { setting.to_uppercase().into() }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.len() <= LONGEST
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}
