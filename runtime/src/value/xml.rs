//! Reading an XML answer: elements by name, attributes as `"@name"`, repeated elements as lists.
//!
//! Answers come from strangers. There is no document type and so no entity beyond the five of XML, nesting is bounded,
//! and nothing here is recursive.

use indexmap::IndexMap;
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use smol_str::SmolStr;

use super::{ReadError, Record, Value};

/// Elements may be nested so deep.
const DEPTH: usize = 200;

/// The root element as a value. An element with neither attribute nor child is its text; any other is a record of its
/// attributes (`"@name"`), its children by local name, a list where one stands more than once, and its own text
/// (`"#text"`) where there is any but blanks. Namespace declarations are left out.
///
/// # Errors
/// When the text is not well-formed, has a document type or an unknown entity, or is nested too deep.
pub(super) fn read_tree(text: &str) -> Result<Value, ReadError> {
    let mut reader = Reader::from_str(text);
    let mut tree = Tree::default();
    loop {
        let place = reader.buffer_position();
        let refused = |message: String| ReadError { message: format!("{message} at {}", position(text, place)) };
        let event = reader.read_event().map_err(|error| ReadError {
            message: format!("{error} at {}", position(text, reader.error_position())),
        })?;
        match event {
            Event::Start(start) => tree.open(&start).map_err(refused)?,
            Event::Empty(start) => {
                tree.open(&start).map_err(refused)?;
                tree.close();
            }
            Event::End(_) => tree.close(),
            Event::Text(part) => tree.text(&part.xml10_content()).map_err(refused)?,
            Event::CData(part) => tree.text(&part.xml10_content()).map_err(refused)?,
            Event::GeneralRef(reference) => tree.reference(&reference).map_err(refused)?,
            Event::DocType(_) => return Err(refused("a document type is refused".to_owned())),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return tree.finish().map_err(refused),
        }
    }
}

/// The elements that are open, outermost first, and the root when it has been closed.
#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    root: Option<Value>,
}

#[derive(Default)]
struct Element {
    name: SmolStr,
    /// Attributes, then children, by name in the order of their first.
    fields: IndexMap<SmolStr, Vec<Value>>,
    text: String,
}

impl Tree {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        if self.open.len() == DEPTH {
            return Err(format!("elements nested deeper than {DEPTH}"));
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err("a second root element".to_owned());
        }
        let mut element = Element { name: SmolStr::new(start.local_name().as_ref()), ..Element::default() };
        // The reader's own check for duplicates compares each attribute with each.
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| error.to_string())?;
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let name = SmolStr::from(format!("@{}", attribute.key.local_name().as_ref()));
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
            check_characters(&value)?;
            if element.fields.insert(name, vec![Value::from(&*value)]).is_some() {
                return Err(format!("the attribute `{}` stands twice", attribute.key.as_ref()));
            }
        }
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) {
        let Some(element) = self.open.pop() else { return };
        let Element { name, fields, text } = element;
        let value = if fields.is_empty() {
            Value::from(text.as_str())
        } else {
            let mut record: Record = fields.into_iter().map(|(name, values)| (name, one_or_list(values))).collect();
            if !text.trim().is_empty() {
                record.set("#text", Value::from(text.as_str()));
            }
            Value::Record(record.into())
        };
        match self.open.last_mut() {
            Some(parent) => parent.fields.entry(name).or_default().push(value),
            None => self.root = Some(value),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        check_characters(text)?;
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim_start_matches('\u{feff}').trim().is_empty() => {}
            None => return Err("text outside the root element".to_owned()),
        }
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), String> {
        match reference.resolve_char_ref().map_err(|error| error.to_string())? {
            Some(character) => self.text(character.encode_utf8(&mut [0; 4])),
            None => {
                let name = reference.xml10_content();
                let text = resolve_xml_entity(&name).ok_or_else(|| format!("the unknown entity `&{name};`"))?;
                self.text(text)
            }
        }
    }

    fn finish(self) -> Result<Value, String> {
        match (self.root, self.open.last()) {
            (_, Some(element)) => Err(format!("the element `{}` is not closed", element.name)),
            (Some(root), None) => Ok(root),
            (None, None) => Err("no element".to_owned()),
        }
    }
}

fn one_or_list(mut values: Vec<Value>) -> Value {
    match values.pop() {
        Some(only) if values.is_empty() => only,
        Some(last) => {
            values.push(last);
            Value::List(values.into())
        }
        None => Value::Null,
    }
}

/// Whether XML 1.0 has the character at all (section 2.2).
pub(crate) fn is_xml_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn check_characters(text: &str) -> Result<(), String> {
    match text.chars().find(|character| !is_xml_character(*character)) {
        Some(character) => Err(format!("the character U+{:04X}, which XML does not have", u32::from(character))),
        None => Ok(()),
    }
}

/// Line and column of a byte offset, as people count.
fn position(text: &str, offset: u64) -> String {
    let before = usize::try_from(offset).ok().and_then(|offset| text.get(..offset)).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    format!("line {line} column {column}")
}

#[cfg(test)]
mod tests {
    use super::super::to_json;
    use super::*;

    fn check(xml: &str, expected: &str) {
        let got = read_tree(xml).map_or_else(|error| error.message, |value| to_json(&value));
        assert_eq!(got, expected, "{xml}");
    }

    #[test]
    fn elements_become_values() {
        for (xml, expected) in [
            ("<a>x</a>", r#""x""#),
            ("<a/>", r#""""#),
            ("<?xml version='1.0'?>\n<!-- c --><a><b>1</b><c>2</c><b>3</b></a>\n", r#"{"b":["1","3"],"c":"2"}"#),
            (r#"<p:a xmlns:p="u" xmlns="v" p:id="7" n="&lt;&#65;"><p:b/></p:a>"#, r#"{"@id":"7","@n":"<A","b":""}"#),
            ("<a>one &amp; <![CDATA[<two>]]> &#x263A;</a>", r#""one & <two> ☺""#),
            (r#"<a u="EUR"> 5 </a>"#, r##"{"@u":"EUR","#text":" 5 "}"##),
            ("<a>\r\n <b> x </b>\r\n</a>", r#"{"b":" x "}"#),
        ] {
            check(xml, expected);
        }
    }

    #[test]
    fn hostile_and_broken_documents_are_refused() {
        for (xml, expected) in [
            ("", "no element at line 1 column 1"),
            ("plain", "text outside the root element at line 1 column 1"),
            ("<a>", "the element `a` is not closed at line 1 column 4"),
            ("<a/><b/>", "a second root element at line 1 column 5"),
            ("<a>&nope;</a>", "the unknown entity `&nope;` at line 1 column 4"),
            (
                "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
                "a document type is refused at line 1 column 1",
            ),
            ("<a x='1' x='2'/>", "the attribute `x` stands twice at line 1 column 1"),
            ("<a>&#1;</a>", "the character U+0001, which XML does not have at line 1 column 4"),
        ] {
            check(xml, expected);
        }
        assert!(read_tree("<a></b>").is_err());
        assert!(read_tree("<a b='&nope;'/>").is_err());
    }

    #[test]
    fn depth_is_bounded_and_size_is_cheap() {
        let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert!(read_tree(&nested(200)).is_ok());
        assert!(read_tree(&nested(201)).unwrap_err().message.starts_with("elements nested deeper than 200"));
        assert!(read_tree(&"<a>".repeat(1_000_000)).is_err());

        let attributes: String = (0..50_000).map(|number| format!(" a{number}=''")).collect();
        assert!(read_tree(&format!("<a{attributes}/>")).is_ok());
        let children: String = (0..50_000).map(|number| format!("<c{number}/>")).collect();
        assert!(read_tree(&format!("<a>{children}</a>")).is_ok());
    }
}
