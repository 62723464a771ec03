//! What a template refers to: for checks that know the types of its data.
//!
//! Every reference is reported, also inside directives, interpolated strings and arguments, in the order of the source.
//! Root names that a `#set`, a loop or a macro has bound point to that [`Binding`], so that types can be followed.

mod collect;

pub(crate) use collect::collect;

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::span::Span;

/// What a template refers to, what it binds, and what it compares.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Collected {
    /// The references, in the order of the source.
    pub references: Vec<Reference>,
    /// The references behind a backslash, which are not among the others: only whether they have a value is asked. What
    /// they are asked with is among the others.
    pub escaped: Vec<Reference>,
    /// The bindings.
    pub bindings: Vec<Binding>,
    /// The two sides of each `==` and `!=`.
    pub equalities: Vec<(Argument, Argument)>,
    /// The parameters of the macros that it defines, by name; `None` of one that is defined several times.
    pub macros: BTreeMap<SmolStr, Option<Vec<MacroParameter>>>,
    /// The calls of macros, whether it defines them or not.
    pub calls: Vec<MacroCall>,
}

/// A parameter of a macro.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MacroParameter {
    /// What it is in the macro's body.
    pub binding: BindingId,
    /// Whether it has a value where a call gives it none.
    pub has_default: bool,
}

/// A call of a macro: `#name(…)`. Of a macro that is not defined it prints as it is written.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MacroCall {
    /// The call, from `#` on, without a body.
    pub span: Span,
    /// The macro's name.
    pub name: SmolStr,
    /// How many arguments it has.
    pub arguments: usize,
    /// Whether it ends in a bracket or `#end`: what has neither may be a text, such as a colour.
    pub definite: bool,
    /// A bare word among the arguments: where the macro is defined, the rendering fails here.
    pub bare_word: Option<SmolStr>,
}

/// A reference's number in [`Template::references`](crate::Template::references).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReferenceId(pub u32);

/// A binding's number in [`Template::bindings`](crate::Template::bindings).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BindingId(pub u32);

/// One reference of a template, such as `$!{order.items.get(0).name}`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reference {
    /// The whole reference, from `$` on.
    pub span: Span,
    /// The name after `$`.
    pub root: SmolStr,
    /// The name's place.
    pub root_span: Span,
    /// What follows the name.
    pub path: Vec<Segment>,
    /// Whether it is written `$!`: nothing is printed when there is no value.
    pub quiet: bool,
    /// Whether it is written in braces.
    pub formal: bool,
    /// Whether it has an alternate value: `${name|'friend'}`.
    pub fallback: bool,
    /// Where it stands.
    pub place: Place,
    /// How much of it, the name and the steps after it counted, an `#if` around it or an `&&` before it found to be there.
    pub found: usize,
    /// What has bound the root name here, in the order of the source; `None`: the data, or a tool.
    pub binding: Option<BindingId>,
}

impl Reference {
    /// Whether it is only reached when an `#if` around it, or an `&&` before it, found the same reference true.
    #[must_use]
    pub fn is_tested(&self) -> bool {
        self.found > self.path.len()
    }
}

/// Where a reference stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// In the text: its value is printed.
    Text,
    /// In an interpolated string: its value becomes part of a text.
    String,
    /// It, or a comparison that contains it, decides an `#if` or `#elseif`.
    Condition,
    /// On the right side of `#set`.
    SetValue,
    /// On the left side of `#set`: it is written, not read.
    SetTarget,
    /// It is what `#foreach` walks over.
    ForeachSource,
    /// An argument of a method, an index, or a directive.
    Argument,
    /// An element of a list, a map or a range.
    Element,
    /// In the alternate value of another reference.
    Fallback,
}

/// One step of a reference's path.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// The step with its dot or brackets.
    pub span: Span,
    /// What the step does.
    pub kind: SegmentKind,
}

/// What a step of a path does.
#[derive(Clone, Debug, PartialEq)]
pub enum SegmentKind {
    /// `.name`
    Property {
        /// The property's name.
        name: SmolStr,
    },
    /// `[argument]`
    Index {
        /// What is in the brackets.
        argument: Argument,
    },
    /// `.name(arguments)`
    Method {
        /// The method's name.
        name: SmolStr,
        /// The arguments in order.
        arguments: Vec<Argument>,
    },
}

/// An argument of a method or an index.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// The argument's place.
    pub span: Span,
    /// What is known of its value without rendering.
    pub kind: ArgumentKind,
}

/// What is known of an expression's value without rendering it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ArgumentKind {
    /// A text without references in it.
    String(SmolStr),
    /// A text that references are part of.
    Interpolated,
    /// A whole number of any size, as written.
    Integer(SmolStr),
    /// A number with a fraction or an exponent.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A reference.
    Reference(ReferenceId),
    /// `[a, b]`
    List,
    /// `{a: b}`
    Map,
    /// `[a..b]`
    Range,
    /// Anything that is computed.
    Other,
}

/// Something that gives a name a value.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Binding {
    /// The name without `$`.
    pub name: SmolStr,
    /// The name's place.
    pub span: Span,
    /// What binds it.
    pub kind: BindingKind,
    /// Where its value comes from.
    pub value: BindingValue,
}

/// What binds a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BindingKind {
    /// `#set($name = …)`
    Set,
    /// The variable of `#foreach`: one element of its value.
    Foreach,
    /// An argument of a `#macro`.
    MacroArgument,
    /// `#define($name)`
    Define,
    /// A name that the engine provides in a block, such as `$foreach` or `$bodyContent`.
    Scope,
}

/// Where a binding's value comes from.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum BindingValue {
    /// From this expression; for `#foreach` from its elements.
    Expression(Argument),
    /// A macro's parameter: from one of these, which its calls in the template give it.
    Arguments(Vec<Argument>),
    /// From outside: a caller in another template, or the engine.
    Unknown,
}
