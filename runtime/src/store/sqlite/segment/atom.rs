//! One field of the contact in a condition of SQL.
//!
//! INVARIANT: a value is compared in SQL only where it stands there in the one form that its type is written in. What a field
//! holds from before it had its type may fit in another form, or not at all; then the answer is what stands for unknown.

use compiler::ir::{BinaryOperator, Literal, Type};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::prelude::ToPrimitive as _;
use smol_str::SmolStr;

use crate::machine::expression::compare_values;
use crate::value::{Value, to_json};

/// A field of the contact.
#[derive(Clone, Debug)]
pub(super) struct Operand {
    name: SmolStr,
    ty: Type,
    /// Whether the project declares it: then it may have had another type.
    declared: bool,
    /// What stands for it where a contact has none.
    fallback: Option<Literal>,
}

/// When a kept value is one of the field's type.
struct Kept {
    /// It certainly is, in the form that it is compared in.
    sure: String,
    /// Otherwise it may be; `None` when it certainly is not.
    perhaps: Option<String>,
}

/// The ways in which a kept field is looked at: its kind, its JSON, its value.
pub(super) fn looks(field: &str) -> [String; 3] {
    [format!("json_type(fields,'$.{field}')"), format!("(fields->'$.{field}')"), format!("(fields->>'$.{field}')")]
}

impl Operand {
    pub(super) fn new(name: SmolStr, ty: Type, declared: bool, fallback: Option<Literal>) -> Operand {
        let fallback = fallback.filter(|literal| *literal != Literal::Null);
        Operand { name, ty: ty.required().clone(), declared, fallback }
    }

    /// The same with a value that stands for nothing.
    pub(super) fn or(mut self, fallback: &Literal) -> Operand {
        if self.fallback.is_none() && *fallback != Literal::Null {
            self.fallback = Some(fallback.clone());
        }
        self
    }

    /// The same, if it holds a list.
    pub(super) fn list(self) -> Option<Operand> {
        matches!(self.ty, Type::List(_)).then_some(self)
    }

    /// The field.
    pub(super) fn name(&self) -> &SmolStr {
        &self.name
    }

    /// The column that holds the field by itself, where one does; it always has a value.
    fn column(&self) -> Option<&'static str> {
        match self.name.as_str() {
            "id" => Some("id"),
            "created_at" => Some("created_at"),
            "updated_at" => Some("updated_at"),
            _ => None,
        }
    }

    /// The kind of the kept JSON.
    fn kind(&self) -> String {
        let [kind, _, _] = looks(&self.name);
        kind
    }

    /// The kept JSON as it is written.
    fn json(&self) -> String {
        let [_, json, _] = looks(&self.name);
        json
    }

    /// The kept value as SQL has it.
    fn value(&self) -> String {
        let [_, _, value] = looks(&self.name);
        value
    }

    /// The members of a union of texts, as JSON.
    fn members(&self) -> Option<Vec<&Literal>> {
        let Type::Union(members) = &self.ty else { return None };
        members.iter().all(|member| matches!(member, Literal::String(_))).then(|| members.iter().collect())
    }

    fn kept(&self) -> Kept {
        let (kind, json, value) = (self.kind(), self.json(), self.value());
        let sure = |sure: String| Kept { sure, perhaps: None };
        let text = || format!("{kind} IS 'text'");
        match &self.ty {
            Type::String => sure(text()),
            // Those of the card have always been of their types.
            Type::Email | Type::Phone | Type::Date if !self.declared => sure(text()),
            Type::Bool => sure(format!("{kind} IN ('true','false')")),
            Type::Int => Kept {
                sure: format!("{kind} IS 'integer' AND typeof({value})='integer'"),
                perhaps: Some(format!("{kind} IN ('real','text')")),
            },
            Type::Decimal => Kept {
                sure: format!(
                    "{kind} IN ('integer','real') AND length({json})<28 AND instr({json},'e')=0 AND instr({json},'E')=0"
                ),
                perhaps: Some(format!("{kind} IN ('integer','real','text')")),
            },
            Type::Date => {
                Kept { sure: format!("{kind} IS 'text' AND date({value}) IS {value}"), perhaps: Some(text()) }
            }
            Type::Datetime => {
                let second = format!("substr({value},1,19)");
                Kept {
                    sure: format!(
                        "{kind} IS 'text' AND strftime('%Y-%m-%dT%H:%M:%S',{second}) IS {second} AND \
                         (substr({value},20)='Z' OR (substr({value},20,1)='.' AND length({value})<31 AND \
                         substr({value},21,1) BETWEEN '0' AND '9' AND ltrim(substr({value},21),'0123456789')='Z'))"
                    ),
                    perhaps: Some(text()),
                }
            }
            Type::Union(_) => match self.members().and_then(|members| texts(&members)) {
                Some(members) => sure(format!("{json} IN ({members})")),
                None => Kept { sure: "false".to_owned(), perhaps: Some(format!("{kind} IS NOT NULL")) },
            },
            Type::Email
            | Type::Phone
            | Type::Url
            | Type::Duration
            | Type::Json
            | Type::List(_)
            | Type::Record(_)
            | Type::Optional(_) => Kept { sure: "false".to_owned(), perhaps: Some(format!("{kind} IS NOT NULL")) },
        }
    }

    /// Tells the kept values that are known from those that are not, and from nothing.
    fn cases(&self, known: &str, nothing: bool, unknown: &str) -> String {
        let kept = self.kept();
        let perhaps = kept.perhaps.map(|perhaps| format!(" WHEN {perhaps} THEN {unknown}")).unwrap_or_default();
        format!("CASE WHEN {} THEN {known}{perhaps} ELSE {nothing} END", kept.sure)
    }

    /// Whether it has a value.
    pub(super) fn is_set(&self, negated: bool, unknown: &str) -> String {
        if self.column().is_some() || self.fallback.is_some() {
            return (!negated).to_string();
        }
        self.cases(&(!negated).to_string(), negated, unknown)
    }

    /// Whether it is true, for a field that is true or false.
    pub(super) fn is_true(&self, negated: bool, unknown: &str) -> Option<String> {
        let nothing = match &self.fallback {
            None => false,
            Some(Literal::Bool(value)) => *value,
            Some(_) => return None,
        };
        let known = format!("{} {} 'true'", self.kind(), if negated { "IS NOT" } else { "IS" });
        (self.ty == Type::Bool).then(|| self.cases(&known, nothing != negated, unknown))
    }

    /// A comparison with literals, one of which must hold. `None` when SQL cannot tell, or the machine may fail.
    pub(super) fn compare(
        &self,
        operator: BinaryOperator,
        literals: &[&Literal],
        negated: bool,
        unknown: &str,
    ) -> Option<String> {
        if let Some(column) = self.column() {
            let known = self.whole(column, operator, literals)?;
            return Some(if negated { format!("NOT {known}") } else { known });
        }
        let fallback = self.fallback.as_ref().map(Value::from).unwrap_or_default();
        let nothing = any(operator, &fallback, literals)?;
        if let Some(members) = self.members() {
            return self.among(&members, operator, literals, nothing, negated);
        }
        let not = if negated { "NOT " } else { "" };
        let known = match (&self.ty, operator) {
            (Type::String, BinaryOperator::Equal) => return self.equals(literals, nothing, negated),
            (Type::Email | Type::Phone, BinaryOperator::Equal) if !self.declared => {
                return self.equals(literals, nothing, negated);
            }
            (Type::String, BinaryOperator::Contains) => match literals {
                [Literal::String(part)] => format!("{not}(instr({},{})>0)", self.value(), quote(part)?),
                _ => return None,
            },
            (Type::Bool, BinaryOperator::Equal) => match literals {
                [Literal::Bool(expected)] => {
                    format!("{not}({} IS '{expected}')", self.kind())
                }
                _ => return None,
            },
            (Type::Int, _) => format!("{not}{}", self.whole(&self.value(), operator, literals)?),
            (Type::Decimal, _) => self.about(operator, literals, negated, unknown)?,
            (Type::Date, _) => format!("{not}{}", self.day(operator, literals)?),
            (Type::Datetime, _) => self.moment(operator, literals, negated, unknown)?,
            (Type::List(item), BinaryOperator::Contains) if **item == Type::String => {
                return self.has_item(literals, nothing, negated, unknown);
            }
            _ => return None,
        };
        Some(self.cases(&known, nothing != negated, unknown))
    }

    /// A text among texts: one look at the kept JSON where nothing is not among them.
    fn equals(&self, literals: &[&Literal], nothing: bool, negated: bool) -> Option<String> {
        let same = format!("{} IN ({})", self.json(), texts(literals)?);
        Some(match (nothing, negated) {
            (false, false) => format!("({same}) IS TRUE"),
            (false, true) => format!("({same}) IS NOT TRUE"),
            (true, false) => format!("(({same}) IS TRUE OR {} IS NOT 'text')", self.kind()),
            (true, true) => format!("(({same}) IS NOT TRUE AND {} IS 'text')", self.kind()),
        })
    }

    /// A member of a union: the machine says of each whether it is meant.
    fn among(
        &self,
        members: &[&Literal],
        operator: BinaryOperator,
        literals: &[&Literal],
        nothing: bool,
        negated: bool,
    ) -> Option<String> {
        let mut meant = Vec::new();
        for member in members {
            // Those that answer otherwise than nothing does are looked for.
            if any(operator, &Value::from(*member), literals)? != nothing {
                meant.push(*member);
            }
        }
        let is = if nothing == negated { "IS" } else { "IS NOT" };
        Some(format!("({} IN ({})) {is} TRUE", self.json(), texts(&meant)?))
    }

    /// A whole number, or an instant as one.
    fn whole(&self, column: &str, operator: BinaryOperator, literals: &[&Literal]) -> Option<String> {
        let number = |literal: &&Literal| match (&self.ty, *literal) {
            (Type::Int, Literal::Int(number)) => Some(number.to_string()),
            (Type::Datetime, Literal::Datetime(at)) => Some(i64::try_from(at.as_nanosecond()).ok()?.to_string()),
            _ => None,
        };
        let numbers: Option<Vec<String>> = literals.iter().map(number).collect();
        listed(column, operator, &numbers?)
    }

    /// A calendar day; written so, days stand in their order.
    fn day(&self, operator: BinaryOperator, literals: &[&Literal]) -> Option<String> {
        let day = |literal: &&Literal| match *literal {
            Literal::Date(day) if day.year() >= 0 => Some(format!("'{day}'")),
            _ => None,
        };
        let days: Option<Vec<String>> = literals.iter().map(day).collect();
        listed(&self.value(), operator, &days?)
    }

    /// A decimal: SQL has binary fractions only, so what is very near is left to the machine.
    fn about(&self, operator: BinaryOperator, literals: &[&Literal], negated: bool, unknown: &str) -> Option<String> {
        let [literal] = literals else { return None };
        let number = match literal {
            Literal::Int(number) => rust_decimal::Decimal::from(*number),
            Literal::Decimal(number) => *number,
            _ => return None,
        }
        .to_f64()?;
        let margin = number.abs().max(1.0) * 1e-9;
        let value = format!("CAST({} AS REAL)", self.value());
        let (below, above) = sides(operator, negated)?;
        Some(format!(
            "CASE WHEN {value}<{:?} THEN {below} WHEN {value}>{:?} THEN {above} ELSE {unknown} END",
            number - margin,
            number + margin
        ))
    }

    /// An instant as a text in UTC: what falls into the same second is left to the machine.
    fn moment(&self, operator: BinaryOperator, literals: &[&Literal], negated: bool, unknown: &str) -> Option<String> {
        let [Literal::Datetime(at)] = literals else { return None };
        let second = second(*at)?;
        let value = format!("substr({},1,19)", self.value());
        let (below, above) = sides(operator, negated)?;
        Some(format!(
            "CASE WHEN {value}<'{second}' THEN {below} WHEN {value}>'{second}' THEN {above} ELSE {unknown} END"
        ))
    }

    /// A list of texts that has one of them.
    fn has_item(&self, literals: &[&Literal], nothing: bool, negated: bool, unknown: &str) -> Option<String> {
        let [Literal::String(item)] = literals else { return None };
        let items = format!("SELECT 1 FROM json_each(fields,'$.{}') AS item WHERE item.", self.name);
        let not = if negated { "NOT " } else { "" };
        Some(format!(
            "CASE WHEN {} IS NOT 'array' THEN {} WHEN EXISTS ({items}type<>'text') THEN {unknown} \
             ELSE {not}EXISTS ({items}value={}) END",
            self.kind(),
            nothing != negated,
            quote(item)?
        ))
    }
}

/// What the machine says of a value and literals, one of which must do; `None` when it fails.
fn any(operator: BinaryOperator, value: &Value, literals: &[&Literal]) -> Option<bool> {
    let mut holds = false;
    for literal in literals {
        holds |= compare_values(operator, value, &Value::from(*literal)).ok()?;
    }
    Some(holds)
}

/// What an ordering says of a value that is below, and of one that is above.
fn sides(operator: BinaryOperator, negated: bool) -> Option<(bool, bool)> {
    let (below, above) = match operator {
        BinaryOperator::Equal => (false, false),
        BinaryOperator::Less | BinaryOperator::LessOrEqual => (true, false),
        BinaryOperator::Greater | BinaryOperator::GreaterOrEqual => (false, true),
        _ => return None,
    };
    Some((below != negated, above != negated))
}

fn listed(column: &str, operator: BinaryOperator, values: &[String]) -> Option<String> {
    let sign = match operator {
        BinaryOperator::Equal => return Some(format!("({column} IN ({}))", values.join(","))),
        BinaryOperator::Less => "<",
        BinaryOperator::LessOrEqual => "<=",
        BinaryOperator::Greater => ">",
        BinaryOperator::GreaterOrEqual => ">=",
        _ => return None,
    };
    match values {
        [value] => Some(format!("({column}{sign}{value})")),
        _ => None,
    }
}

/// Texts as JSON, for a list of SQL. Anything else is the same as no text.
fn texts(literals: &[&Literal]) -> Option<String> {
    let texts = literals.iter().filter(|literal| matches!(literal, Literal::String(_)));
    let texts: Option<Vec<String>> = texts.map(|literal| quote(&to_json(&Value::from(*literal)))).collect();
    Some(texts?.join(","))
}

/// A text of SQL; `None` for one that no statement can hold.
fn quote(text: &str) -> Option<String> {
    (!text.contains('\0')).then(|| format!("'{}'", text.replace('\'', "''")))
}

/// An instant to the second, as it is kept.
fn second(at: Timestamp) -> Option<String> {
    let text = at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S").to_string();
    (text.len() == 19 && !text.starts_with('-')).then_some(text)
}
