//! The body of a webhook's answer, as what the webhook returns.

use compiler::ir::{Returns, Type};

use super::fit::fit_xml;
use super::xml::read_tree;
use super::{Mismatch, ReadError, Value, fit, read};

/// What is wrong with the body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerError {
    /// It is not what it should be at all, for people.
    Unreadable(String),
    /// Places that do not fit.
    Misfit(Vec<Mismatch>),
}

/// Reads the body of a successful answer. [`Returns::Nothing`] looks at nothing and gives [`Value::Null`].
///
/// # Errors
/// What is wrong with the body: it is not JSON or XML, or does not fit in each of these places.
pub fn check_answer(returns: &Returns, body: &str) -> Result<Value, AnswerError> {
    match returns {
        Returns::Nothing => Ok(Value::Null),
        Returns::Text => Ok(Value::from(body)),
        Returns::Json(ty) => {
            let value =
                read(body).map_err(|error| AnswerError::Unreadable(format!("the body is not JSON: {error}")))?;
            fit(value, ty).map_err(AnswerError::Misfit)
        }
        Returns::Xml(ty) => {
            let value =
                read_tree(body).map_err(|error| AnswerError::Unreadable(format!("the body is not XML: {error}")))?;
            fit_xml(value, ty).map_err(AnswerError::Misfit)
        }
    }
}

/// The same, with what is wrong as one sentence.
///
/// # Errors
/// What is wrong with the body, for people: where it is not JSON or XML, or each place that does not fit.
pub fn read_answer(returns: &Returns, body: &str) -> Result<Value, String> {
    check_answer(returns, body).map_err(|error| match error {
        AnswerError::Unreadable(message) => message,
        AnswerError::Misfit(mismatches) => told("the body", &mismatches),
    })
}

/// An XML document as a value, as `returns xml` reads it: texts only, nothing fitted.
///
/// # Errors
/// When it is not well-formed, or holds what is refused in answers.
pub fn read_xml(text: &str) -> Result<Value, ReadError> {
    read_tree(text)
}

/// Reads an answer that was kept as JSON ([`super::to_json`]).
///
/// # Errors
/// When the text is not what [`read_answer`] gave.
pub fn read_kept(returns: &Returns, json: &str) -> Result<Value, String> {
    let value = read(json).map_err(|error| error.to_string())?;
    let ty = match returns {
        Returns::Nothing => &Type::Json,
        Returns::Text => &Type::String,
        Returns::Json(ty) | Returns::Xml(ty) => ty,
    };
    fit(value, ty).map_err(|mismatches| told("the kept answer", &mismatches))
}

/// The mismatches as one sentence; the first ones are enough for people.
fn told(what: &str, mismatches: &[Mismatch]) -> String {
    let first = mismatches.iter().take(5).map(|mismatch| match mismatch.path.as_str() {
        "" => mismatch.message.clone(),
        path => format!("`{path}`: {}", mismatch.message),
    });
    let first: Vec<String> = first.collect();
    let more = match mismatches.len().saturating_sub(first.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{what} does not fit: {}{more}", first.join("; "))
}

#[cfg(test)]
mod tests {
    use compiler::ir::Field;

    use super::super::to_json;
    use super::*;

    fn check(returns: &Returns, body: &str, expected: &str) {
        let got = match read_answer(returns, body) {
            Ok(value) => {
                assert_eq!(read_kept(returns, &to_json(&value)).unwrap(), value, "{body}, kept and read again");
                to_json(&value)
            }
            Err(message) => message,
        };
        assert_eq!(got, expected, "{body}");
    }

    #[test]
    fn bodies_become_what_the_webhook_returns() {
        let field = |ty| Field { ty, sensitive: false, default: None };
        let item = Type::Record([("@sku".into(), field(Type::String)), ("price".into(), field(Type::Decimal))].into());
        let ty = Type::Record(
            [
                ("item".into(), field(Type::List(Box::new(item)))),
                ("paid".into(), field(Type::Bool)),
                ("note".into(), field(Type::String.optional())),
                ("due".into(), field(Type::Date.optional())),
            ]
            .into(),
        );
        let xml = Returns::Xml(ty.clone());
        check(
            &xml,
            r#"<o><item sku="a"><price> 1.50 </price></item><paid>true</paid><due/></o>"#,
            r#"{"item":[{"@sku":"a","price":1.50}],"paid":true}"#,
        );
        check(
            &xml,
            r#"<o><item sku="a"><price cur="EUR">1</price></item><item sku="b"><price>2</price></item><paid>false</paid><note>x</note></o>"#,
            r#"{"item":[{"@sku":"a","price":1},{"@sku":"b","price":2}],"note":"x","paid":false}"#,
        );
        check(&xml, "<o><paid>true</paid></o>", r#"{"item":[],"paid":true}"#);
        check(
            &xml,
            "<o><item><price>x</price></item><paid>yes</paid></o>",
            "the body does not fit: `item[0][\"@sku\"]`: missing: expected `string`; `item[0].price`: expected `decimal` of at \
             most 28 digits, got the text `\"x\"`; `paid`: expected `bool`, got the text `\"yes\"`",
        );
        check(&xml, "<o><paid>", "the body is not XML: the element `paid` is not closed at line 1 column 10");
        check(&Returns::Json(ty), "", "the body is not JSON: EOF while parsing a value at line 1 column 0");
        check(&Returns::Text, "<anything", "\"<anything\"");
        check(&Returns::Nothing, "garbage", "null");
    }
}
