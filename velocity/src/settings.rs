//! The engine's settings, under the names that Velocity 2.x gives them.

use crate::error::{Error, ErrorKind, Result};

/// What happens to the white space around directives: `parser.space_gobbling`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SpaceGobbling {
    /// Nothing is removed.
    None,
    /// As Velocity 1.x: the line end after a directive goes, its indentation stays.
    BackwardCompatible,
    /// A directive that stands alone on its line takes the whole line with it.
    #[default]
    Lines,
    /// As `Lines`, and the indentation of a block's body goes too.
    Structured,
}

/// How templates are read and rendered. The defaults are those of Velocity 2.5.
///
/// ```
/// let mut settings = velocity::Settings::default();
/// settings.set("parser.space_gobbling", "none")?;
/// assert!(settings.set("parser.space_goblins", "none").is_err());
/// # Ok::<(), velocity::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// `parser.space_gobbling`.
    pub space_gobbling: SpaceGobbling,
    /// `runtime.strict_mode.enable`: undefined references are errors.
    pub strict: bool,
    /// `runtime.strict_mode.escape`: a backslash before a reference or directive always escapes it.
    pub strict_escape: bool,
    /// `runtime.strict_math`: arithmetic on null is an error.
    pub strict_math: bool,
    /// `runtime.interpolate_string_literals`: references in double quotes are replaced.
    pub interpolate: bool,
    /// `runtime.immutable_ranges`: ranges cannot be changed.
    pub immutable_ranges: bool,
    /// `parser.allow_hyphen_in_identifiers`.
    pub hyphen_in_identifiers: bool,
    /// `directive.if.empty_check`: empty texts, lists and maps and zero are false.
    pub empty_check: bool,
    /// `directive.foreach.max_loops`: further turns are silently left out; `-1` for no bound. Limits hold beside it.
    pub foreach_max_loops: i64,
    /// `directive.foreach.skip_invalid`: a source that is no collection is skipped rather than an error.
    pub foreach_skip_invalid: bool,
    /// `directive.parse.max_depth`: deeper `#parse` renders nothing.
    pub parse_max_depth: u32,
    /// `velocimacro.max_depth`: deeper macro calls are an error.
    pub macro_max_depth: u32,
    /// `velocimacro.arguments.strict`: a wrong number of arguments is an error.
    pub macro_arguments_strict: bool,
    /// `velocimacro.enable_bc_mode`: an argument without a value prints as the call writes it.
    pub macro_backward_compatible: bool,
    /// `velocimacro.inline.allow`: a template may define macros.
    pub macro_inline_allow: bool,
    /// `velocimacro.inline.replace_global`: a template's macro replaces a global one of its name.
    pub macro_replace_global: bool,
    /// `velocimacro.inline.local_scope`: a template's macros are seen by that template alone.
    pub macro_local_scope: bool,
    /// `velocimacro.body_reference`: the name under which a macro sees its body.
    pub body_reference: String,
    /// `directive.define.max_depth`: deeper nesting of one block in itself renders nothing.
    pub define_max_depth: u32,
    /// `directive.foreach.counter.name`, of Velocity 1.x: the name under which a loop counts its turns.
    pub foreach_counter: Option<String>,
    /// `directive.foreach.counter.initial.value`, of Velocity 1.x: what the first turn counts as.
    pub foreach_counter_initial: i32,
    /// `directive.foreach.iterator.name`, of Velocity 1.x: the name that tells whether another turn comes.
    pub foreach_has_next: Option<String>,
    /// `directive.set.null.allowed`, of Velocity 1.x: whether `#set` to nothing takes the old value away.
    pub set_null_allowed: bool,
    /// `context.scope_control.*`: the directives that offer a scope such as `$foreach`.
    pub scopes: Vec<String>,
    /// Whether `#evaluate` may run text as a template. On as in Velocity; hosts that run strangers' data switch it off.
    pub evaluate_allowed: bool,
    /// Whether `$map.size` calls the method, as up to Velocity 2.4, rather than asking the map for `size`.
    pub map_methods_without_parentheses: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            space_gobbling: SpaceGobbling::Lines,
            strict: false,
            strict_escape: false,
            strict_math: false,
            interpolate: true,
            immutable_ranges: true,
            hyphen_in_identifiers: false,
            empty_check: true,
            foreach_max_loops: -1,
            foreach_skip_invalid: true,
            parse_max_depth: 10,
            macro_max_depth: 20,
            macro_arguments_strict: false,
            macro_backward_compatible: false,
            macro_inline_allow: true,
            macro_replace_global: false,
            macro_local_scope: false,
            body_reference: "bodyContent".to_owned(),
            define_max_depth: 2,
            foreach_counter: None,
            foreach_counter_initial: 1,
            foreach_has_next: None,
            set_null_allowed: true,
            scopes: vec!["foreach".to_owned()],
            evaluate_allowed: true,
            map_methods_without_parentheses: false,
        }
    }
}

impl Settings {
    /// Settings for templates that were written for Velocity 1.7.
    ///
    /// `$velocityCount` and `$velocityHasNext` are there, `#if` asks for null and `false` alone, white space is kept as in 1.x,
    /// names may have a hyphen, `#set` to nothing changes nothing, and a macro shows an argument without a value as the call
    /// wrote it. What 2.x brought, such as `${name|'friend'}`, stays.
    ///
    /// ```
    /// use velocity::{Context, Settings, Template, Value};
    ///
    /// let template = Template::parse_with("old.vm", "#foreach($x in $l)$velocityCount:$x #end", &Settings::velocity_1_7())?;
    /// let context: Context = [("l", Value::list(["a", "b"]))].into_iter().collect();
    /// let mut out = String::new();
    /// template.render(&context, &mut out)?;
    /// assert_eq!(out, "1:a 2:b ");
    /// # Ok::<(), velocity::Error>(())
    /// ```
    #[must_use]
    pub fn velocity_1_7() -> Settings {
        Settings {
            space_gobbling: SpaceGobbling::BackwardCompatible,
            hyphen_in_identifiers: true,
            empty_check: false,
            macro_backward_compatible: true,
            foreach_counter: Some("velocityCount".to_owned()),
            foreach_has_next: Some("velocityHasNext".to_owned()),
            set_null_allowed: false,
            ..Settings::default()
        }
    }

    /// Sets one setting by its Velocity 2.x name, or by the one it had in 1.x.
    ///
    /// `compatibility` is this engine's own: `1.7` gives all settings the values of [`Settings::velocity_1_7`], `2.5` the
    /// default ones. Set it before the others.
    ///
    /// # Errors
    /// When this engine has no such setting, or the setting no such value.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let name = current(name);
        let old_scope = name.strip_suffix(".provide.scope.control");
        if let Some(scope) = name.strip_prefix("context.scope_control.").or(old_scope) {
            self.scopes.retain(|known| known != scope);
            if truth(name, value)? {
                self.scopes.push(scope.to_owned());
            }
            return Ok(());
        }
        match name {
            "parser.space_gobbling" => {
                self.space_gobbling = match value {
                    "none" => SpaceGobbling::None,
                    "bc" => SpaceGobbling::BackwardCompatible,
                    "lines" => SpaceGobbling::Lines,
                    "structured" => SpaceGobbling::Structured,
                    _ => return Err(wrong(name, value)),
                };
            }
            "compatibility" => {
                *self = match value {
                    "1.7" => Settings::velocity_1_7(),
                    "2.5" => Settings::default(),
                    _ => return Err(wrong(name, value).with_hint("it is `1.7` or `2.5`")),
                };
            }
            "directive.foreach.counter.name" => self.foreach_counter = named(value),
            "directive.foreach.iterator.name" => self.foreach_has_next = named(value),
            "directive.foreach.counter.initial.value" => self.foreach_counter_initial = number(name, value)?,
            "velocimacro.body_reference" => value.clone_into(&mut self.body_reference),
            "directive.foreach.max_loops" => self.foreach_max_loops = number(name, value)?,
            "directive.parse.max_depth" => self.parse_max_depth = number(name, value)?,
            "directive.define.max_depth" => self.define_max_depth = number(name, value)?,
            "velocimacro.max_depth" => self.macro_max_depth = number(name, value)?,
            _ => *self.switch(name)? = truth(name, value)?,
        }
        Ok(())
    }

    fn switch(&mut self, name: &str) -> Result<&mut bool> {
        Ok(match name {
            "runtime.strict_mode.enable" => &mut self.strict,
            "runtime.strict_mode.escape" => &mut self.strict_escape,
            "runtime.strict_math" => &mut self.strict_math,
            "runtime.interpolate_string_literals" => &mut self.interpolate,
            "runtime.immutable_ranges" => &mut self.immutable_ranges,
            "parser.allow_hyphen_in_identifiers" => &mut self.hyphen_in_identifiers,
            "directive.if.empty_check" => &mut self.empty_check,
            "directive.set.null.allowed" => &mut self.set_null_allowed,
            "directive.foreach.skip_invalid" => &mut self.foreach_skip_invalid,
            "velocimacro.arguments.strict" => &mut self.macro_arguments_strict,
            "velocimacro.enable_bc_mode" => &mut self.macro_backward_compatible,
            "velocimacro.inline.allow" => &mut self.macro_inline_allow,
            "velocimacro.inline.replace_global" => &mut self.macro_replace_global,
            "velocimacro.inline.local_scope" => &mut self.macro_local_scope,
            _ => {
                let error = Error::new(ErrorKind::Unsupported, format!("there is no setting `{name}`"));
                return Err(error.with_hint("settings have the names of Velocity 2.x"));
            }
        })
    }
}

/// The name that a setting has now: those of 1.x and 2.0 were renamed in 2.1.
fn current(name: &str) -> &str {
    match name {
        "space.gobbling" => "parser.space_gobbling",
        "directive.if.emptycheck" => "directive.if.empty_check",
        "directive.foreach.maxloops" => "directive.foreach.max_loops",
        "directive.foreach.skip.invalid" => "directive.foreach.skip_invalid",
        "directive.parse.max.depth" => "directive.parse.max_depth",
        "directive.define.max.depth" => "directive.define.max_depth",
        "velocimacro.max.depth" => "velocimacro.max_depth",
        "velocimacro.body.reference" => "velocimacro.body_reference",
        "velocimacro.arguments.preserve_literals" => "velocimacro.enable_bc_mode",
        "velocimacro.permissions.allow.inline" => "velocimacro.inline.allow",
        "velocimacro.permissions.allow.inline.to.replace.global" => "velocimacro.inline.replace_global",
        "velocimacro.permissions.allow.inline.local.scope" => "velocimacro.inline.local_scope",
        "runtime.references.strict" => "runtime.strict_mode.enable",
        "runtime.references.strict.escape" => "runtime.strict_mode.escape",
        "runtime.interpolate.string.literals" => "runtime.interpolate_string_literals",
        "runtime.strict.math" => "runtime.strict_math",
        current => current,
    }
}

/// A name that a template may have; an empty one switches it off.
fn named(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

fn truth(name: &str, value: &str) -> Result<bool> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(wrong(name, value)),
    }
}

fn number<N: std::str::FromStr>(name: &str, value: &str) -> Result<N> {
    value.parse().map_err(|_| wrong(name, value))
}

fn wrong(name: &str, value: &str) -> Error {
    Error::new(ErrorKind::Unsupported, format!("`{name}` cannot be `{value}`"))
}
