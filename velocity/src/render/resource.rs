//! `#parse`, `#include` and `#evaluate`.

use super::{Frame, Rendered, Renderer};
use crate::ast::{Expr, ExprKind};
use crate::error::{Error, ErrorKind, Result};
use crate::parser;
use crate::span::Span;
use smol_str::SmolStr;
use std::sync::Arc;

impl Renderer<'_> {
    /// Renders the library's text of that name in place.
    pub(super) fn parse(&mut self, frame: &Frame, name: Option<&Expr>, out: &mut String) -> Rendered {
        let Some(expression) = name else { return Ok(()) };
        let value = self.value(frame, expression)?;
        if value.is_null() {
            if self.settings.strict {
                let error = Error::new(ErrorKind::Strict, "the name of the text to parse has no value");
                return Err(frame.place(error, expression.span).into());
            }
            return Ok(());
        }
        let most = self.settings.parse_max_depth as usize;
        if most > 0 && self.texts >= most {
            return Ok(());
        }
        let mut text = String::new();
        self.append(&value, &mut text)?;
        let parsed = self.load(&SmolStr::new(&text)).map_err(|error| frame.place(error, expression.span))?;
        self.read.get_or_insert_default().libraries.push(Arc::clone(&parsed.tree.name));
        self.inner_text(&parsed, "template", std::ptr::from_ref(expression).addr(), out)
    }

    fn load(&mut self, name: &SmolStr) -> Result<Frame> {
        if let Some(frame) = self.read.as_deref().and_then(|read| read.parsed.get(name)) {
            return Ok(frame.clone());
        }
        let Some(source) = self.machine.options.library.get(name).cloned() else {
            let error = Error::new(ErrorKind::Resource, format!("there is no text `{name}`"));
            return Err(error.with_hint("only the texts of the project can be parsed or included"));
        };
        let frame = self.read(&Arc::from(name.as_str()), &source)?;
        self.read.get_or_insert_default().parsed.insert(name.clone(), frame.clone());
        Ok(frame)
    }

    /// Reads a text while rendering.
    fn read(&mut self, name: &Arc<str>, source: &Arc<str>) -> Result<Frame> {
        self.machine.spend_text(source.len())?;
        let macros = self.read.as_deref().map_or(0, |read| read.macros.len());
        self.machine.spend((source.len() / 8 + macros) as u64)?;
        let registered = self.macro_names();
        let tree = parser::parse(name, source, self.settings, &registered, &mut self.scope)?;
        let frame = Frame { tree: Arc::new(tree) };
        self.register(&frame);
        Ok(frame)
    }

    fn inner_text(&mut self, frame: &Frame, scope: &str, owner: usize, out: &mut String) -> Rendered {
        self.machine.enter()?;
        self.texts += 1;
        let scope = self.open_scope(scope, owner);
        let rendered = self.block(frame, &frame.tree.root, out);
        self.close_scope(scope);
        self.texts -= 1;
        self.machine.leave();
        match rendered {
            Err(halt) if !Renderer::ends(&halt, owner) => Err(halt),
            _ => Ok(()),
        }
    }

    /// Copies the library's texts of these names, unread.
    pub(super) fn include(&mut self, frame: &Frame, names: &[Expr], out: &mut String) -> Rendered {
        for (index, expression) in names.iter().enumerate() {
            let may_name =
                matches!(expression.kind, ExprKind::String(..) | ExprKind::Interpolated(..) | ExprKind::Reference(_));
            if !may_name {
                let error = Error::new(ErrorKind::Operation, "`#include` takes texts and references");
                return Err(frame.place(error, expression.span).into());
            }
            let value = self.value(frame, expression)?;
            if value.is_null() {
                out.push_str(&format!("null error with arg {index} please see log. null"));
                continue;
            }
            let mut name = String::new();
            self.append(&value, &mut name)?;
            let Some(source) = self.machine.options.library.get(&name) else {
                let error = Error::new(ErrorKind::Resource, format!("there is no text `{name}`"))
                    .with_hint("only the texts of the project can be parsed or included");
                return Err(frame.place(error, expression.span).into());
            };
            out.push_str(source);
        }
        Ok(())
    }

    /// Reads a value as a template and renders it in place.
    pub(super) fn evaluate(&mut self, frame: &Frame, expression: &Expr, out: &mut String) -> Rendered {
        if !self.settings.evaluate_allowed {
            let error = Error::new(ErrorKind::Unsupported, "`#evaluate` is switched off")
                .with_hint("data is never read as a template");
            return Err(frame.place(error, expression.span).into());
        }
        let value = self.value(frame, expression)?;
        let mut text = String::new();
        if !value.is_null() {
            self.append(&value, &mut text)?;
        }
        // What is read from a text takes many times its room.
        self.machine.spend(4 * text.len() as u64).map_err(|error| frame.place(error, expression.span))?;
        let source: Arc<str> = Arc::from(text);
        let read = self.read(&Arc::clone(&frame.tree.name), &source);
        let read = read.map_err(|error| self.misread(frame, error, expression.span))?;
        self.inner_text(&read, "evaluate", std::ptr::from_ref(expression).addr(), out)
    }

    /// A mistake in an evaluated text is shown where `#evaluate` stands.
    fn misread(&self, frame: &Frame, error: Error, span: Span) -> Error {
        let shown = Error::new(error.kind(), format!("the evaluated text: {}", error.message()));
        let shown = match error.hint() {
            Some(hint) => shown.with_hint(hint),
            None => shown,
        };
        frame.place(shown, span)
    }
}
