//! What the OpenAPI document says, as far as a client needs it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::pascal;
use crate::run::{Failure, Result, fail};

/// A type of values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Type {
    Text,
    Integer,
    Truth,
    Nothing,
    Anything,
    /// One of these texts.
    Words(Vec<String>),
    List(Box<Type>),
    /// An object with any names.
    Map(Box<Type>),
    Named(String),
    Either(Vec<Type>),
}

/// A member of an object.
pub struct Field {
    pub name: String,
    pub meaning: String,
    pub required: bool,
    pub of: Type,
}

/// A named type.
pub struct Definition {
    pub name: String,
    pub meaning: String,
    pub shape: Shape,
}

/// What a named type is.
pub enum Shape {
    Object(Vec<Field>),
    Other(Type),
}

/// What a client gets.
pub enum Reply {
    Json(Type),
    /// JSON, or the whole list as CSV if that is asked for.
    JsonOrCsv(Type),
    /// One after the other, for as long as the connection stands (server-sent events).
    Stream(Type),
    Text,
}

impl Reply {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Json(_) | Self::JsonOrCsv(_) => "json",
            Self::Stream(_) => "stream",
            Self::Text => "text",
        }
    }
}

/// What makes a request that is sent twice one request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Repeat {
    /// It changes nothing.
    Read,
    /// The header Idempotency-Key.
    Key,
    /// A number in it, or that it says what shall be.
    Number,
    /// Nothing: it is not sent again unless it is certain that it was not done.
    Never,
}

impl Repeat {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Key => "key",
            Self::Number => "number",
            Self::Never => "never",
        }
    }
}

/// An operation.
pub struct Operation {
    pub id: String,
    pub meaning: String,
    pub method: String,
    pub path: String,
    /// Those in the path, in its order.
    pub parameters: Vec<String>,
    /// The type of the query, and whether it must be given.
    pub query: Option<(Type, bool)>,
    /// The type of the body, and whether it must be given.
    pub body: Option<(Type, bool)>,
    pub reply: Reply,
    pub repeat: Repeat,
}

/// The document.
pub struct Api {
    pub definitions: Vec<Definition>,
    pub operations: Vec<Operation>,
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

fn members(value: &Value) -> BTreeMap<&String, &Value> {
    value.as_object().into_iter().flatten().collect()
}

impl Api {
    /// # Errors
    /// What in the document has no form here.
    pub fn read(document: &Value) -> Result<Self> {
        let mut reading = Reading::default();
        for (name, schema) in members(&document["components"]["schemas"]) {
            reading.define(name, schema)?;
        }
        let mut operations = Vec::new();
        for (path, item) in members(&document["paths"]) {
            for (method, operation) in members(item) {
                operations.push(reading.operation(path, method, operation)?);
            }
        }
        operations.sort_by(|left, right| left.id.cmp(&right.id));
        Ok(Self { definitions: reading.definitions.into_values().collect(), operations })
    }
}

#[derive(Default)]
struct Reading {
    definitions: BTreeMap<String, Definition>,
}

impl Reading {
    fn define(&mut self, name: &str, schema: &Value) -> Result {
        let shape = if schema["properties"].is_object() {
            Shape::Object(self.fields(name, schema)?)
        } else {
            Shape::Other(self.of(name, schema)?)
        };
        let definition = Definition { name: name.to_owned(), meaning: text(schema, "description").to_owned(), shape };
        if self.definitions.insert(name.to_owned(), definition).is_some() {
            return fail(format!("two types are called {name}"));
        }
        Ok(())
    }

    fn fields(&mut self, owner: &str, schema: &Value) -> Result<Vec<Field>> {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut fields = Vec::new();
        for (name, property) in members(&schema["properties"]) {
            fields.push(Field {
                name: name.clone(),
                meaning: text(property, "description").to_owned(),
                required: required.contains(&name.as_str()),
                of: self.of(&format!("{owner}{}", pascal(name)), property)?,
            });
        }
        Ok(fields)
    }

    /// The type of a schema; `name` is what an object in it is called that has no name of its own.
    fn of(&mut self, name: &str, schema: &Value) -> Result<Type> {
        if let Some(reference) = schema["$ref"].as_str() {
            let target = reference.strip_prefix("#/components/schemas/");
            return target
                .map(|name| Type::Named(name.to_owned()))
                .ok_or_else(|| Failure(format!("{name}: {reference}")));
        }
        if let Some(variants) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
            let each = variants.iter().enumerate();
            let types = each.map(|(place, variant)| self.of(&variant_name(name, place, variant), variant));
            return Ok(either(types.collect::<Result<_>>()?));
        }
        if let Some(only) = schema["const"].as_str() {
            return Ok(Type::Words(vec![only.to_owned()]));
        }
        if let Some(words) = schema["enum"].as_array() {
            return Ok(Type::Words(words.iter().filter_map(Value::as_str).map(str::to_owned).collect()));
        }
        if let Some(kinds) = schema["type"].as_array() {
            let types = kinds.iter().filter_map(Value::as_str).map(|kind| self.kind(name, kind, schema));
            return Ok(either(types.collect::<Result<_>>()?));
        }
        match schema["type"].as_str() {
            Some(kind) => self.kind(name, kind, schema),
            None if schema["allOf"].is_null() => Ok(Type::Anything),
            None => fail(format!("{name}: allOf has no form here")),
        }
    }

    fn kind(&mut self, name: &str, kind: &str, schema: &Value) -> Result<Type> {
        Ok(match kind {
            "string" => Type::Text,
            "integer" => Type::Integer,
            "boolean" => Type::Truth,
            "null" => Type::Nothing,
            "array" => Type::List(Box::new(self.of(&format!("{name}Item"), &schema["items"])?)),
            "object" if schema["properties"].is_object() => {
                self.define(name, schema)?;
                Type::Named(name.to_owned())
            }
            "object" => Type::Map(Box::new(self.of(&format!("{name}Value"), &schema["additionalProperties"])?)),
            // A number that is not whole would be a float in every language.
            other => return fail(format!("{name}: {other} has no form here")),
        })
    }

    fn operation(&mut self, path: &str, method: &str, operation: &Value) -> Result<Operation> {
        let id = text(operation, "operationId").to_owned();
        let name = pascal(&id);
        let declared = operation["parameters"].as_array().into_iter().flatten();
        let (mut has_key, mut properties, mut required) = (false, serde_json::Map::new(), Vec::new());
        for parameter in declared {
            match text(parameter, "in") {
                "header" => has_key |= text(parameter, "name") == "Idempotency-Key",
                "query" => {
                    let mut schema = parameter["schema"].clone();
                    schema["description"] = parameter["description"].clone();
                    properties.insert(text(parameter, "name").to_owned(), schema);
                    required
                        .extend(parameter["required"].as_bool().filter(|is| *is).map(|_| parameter["name"].clone()));
                }
                _ => {}
            }
        }
        let query = (!properties.is_empty()).then(|| {
            let must = !required.is_empty();
            let description = format!("The query of {id}.");
            let schema = serde_json::json!({
                "type": "object", "description": description, "properties": properties, "required": required,
            });
            self.of(&format!("{name}Query"), &schema).map(|of| (of, must))
        });
        let body = &operation["requestBody"];
        let body = (!body.is_null()).then(|| {
            let of = self.of(&format!("{name}Body"), &body["content"]["application/json"]["schema"]);
            of.map(|of| (of, body["required"].as_bool().unwrap_or(false)))
        });
        let contents = members(&operation["responses"]["200"]["content"]);
        let of = |media: &str| {
            contents.iter().find(|(name, _)| name.as_str() == media).map(|(_, content)| &content["schema"])
        };
        let reply_name = format!("{name}Reply");
        let reply = match (of("application/json"), of("text/csv"), of("text/event-stream")) {
            (Some(schema), None, _) => Reply::Json(self.of(&reply_name, schema)?),
            (Some(schema), Some(_), _) => Reply::JsonOrCsv(self.of(&reply_name, schema)?),
            (None, _, Some(schema)) => Reply::Stream(self.of(&reply_name, schema)?),
            (None, _, None) => Reply::Text,
        };
        let repeat = match method {
            "get" => Repeat::Read,
            _ if has_key => Repeat::Key,
            // A command without a key has a natural number, or does nothing the second time; so does what is deleted.
            _ if method == "delete" || operation["x-command"].is_string() => Repeat::Number,
            _ => Repeat::Never,
        };
        Ok(Operation {
            meaning: text(operation, "summary").to_owned(),
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            parameters: path
                .split('/')
                .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
                .map(str::to_owned)
                .collect(),
            query: query.transpose()?,
            body: body.transpose()?,
            reply,
            repeat,
            id,
        })
    }
}

/// A variant is called by the first word that only it may have, or by its place.
fn variant_name(owner: &str, place: usize, variant: &Value) -> String {
    let word = members(&variant["properties"]).values().find_map(|property| property["const"].as_str().map(pascal));
    format!("{owner}{}", word.unwrap_or_else(|| format!("Variant{}", place + 1)))
}

/// One of several types; words are joined.
fn either(types: Vec<Type>) -> Type {
    let (mut words, mut others) = (Vec::new(), Vec::new());
    for of in types {
        match of {
            Type::Words(more) => words.extend(more),
            other if others.contains(&other) => {}
            other => others.push(other),
        }
    }
    if !words.is_empty() {
        others.insert(0, Type::Words(words));
    }
    match <[Type; 1]>::try_from(others) {
        Ok([only]) => only,
        Err(several) => Type::Either(several),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(schema: &Value) -> Result<Type> {
        Reading::default().of("Name", schema)
    }

    #[test]
    fn schemas_are_types_or_are_said_to_have_no_form() {
        let words = |list: &[&str]| Type::Words(list.iter().map(|word| (*word).to_owned()).collect());
        let table = [
            (json!({"type": "string"}), Some(Type::Text)),
            (json!({"type": ["string", "null"]}), Some(Type::Either(vec![Type::Text, Type::Nothing]))),
            (json!({"enum": ["a", "b"], "type": "string"}), Some(words(&["a", "b"]))),
            (json!({"oneOf": [{"const": "a"}, {"const": "b"}]}), Some(words(&["a", "b"]))),
            (
                json!({"items": {"$ref": "#/components/schemas/A"}, "type": "array"}),
                Some(Type::List(Box::new(Type::Named("A".into())))),
            ),
            (json!({"type": "object"}), Some(Type::Map(Box::new(Type::Anything)))),
            (json!({"type": "object", "properties": {}}), Some(Type::Named("Name".into()))),
            (json!(true), Some(Type::Anything)),
            (json!({"type": "number"}), None),
            (json!({"allOf": []}), None),
            (json!({"$ref": "other.json"}), None),
        ];
        for (schema, expected) in table {
            assert_eq!(of(&schema).ok(), expected, "{schema}");
        }
    }

    #[test]
    fn what_makes_a_repeat_one_request() {
        let key = json!([{"in": "header", "name": "Idempotency-Key"}]);
        let table = [
            ("get", json!({}), Repeat::Read),
            ("post", json!({"parameters": key, "x-command": "wallet.send"}), Repeat::Key),
            ("post", json!({"x-command": "acquiring.refund"}), Repeat::Number),
            ("delete", json!({}), Repeat::Number),
            ("post", json!({}), Repeat::Never),
        ];
        for (method, operation, expected) in table {
            let read = Reading::default()
                .operation("/a/{b}/c/{d}", method, &operation)
                .map(|read| (read.repeat, read.parameters));
            assert_eq!(read, Ok((expected, vec!["b".to_owned(), "d".to_owned()])), "{operation}");
        }
    }
}
