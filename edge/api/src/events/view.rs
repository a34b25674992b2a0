//! An event as this API writes it, in pages, in streams and to webhooks alike.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use sycee_contract::{EventDescriptor, EventValue, Products, Telling};
use sycee_engine::{CellHandle, StreamEvent};

use super::cursor::write_cursor;
use crate::wire::{Digits, Instant, MoneyWire};

/// What happened, once.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Event")]
pub(crate) struct EventView<'a> {
    /// Names the event and its place in the cell's stream: send it as `after` to go on behind it. The same however often it comes.
    id: String,
    /// What has happened; the list `x-events` of the document has every type with its fields.
    r#type: String,
    /// When it happened.
    timestamp: Instant,
    /// The name of the cell in which it happened.
    cell: &'a str,
    data: EventData,
}

/// What an event says: the fields of its type.
pub(crate) struct EventData(Telling);

/// The name of a type of events: the product's, a full stop, and the product's name of the event.
pub(crate) fn type_name(products: &Products, event: &EventDescriptor) -> String {
    let [product, _] = event.kind.to_be_bytes();
    let product = products.get(product).map_or("", |product| product.descriptor().name);
    format!("{product}.{}", event.name)
}

impl<'a> EventView<'a> {
    /// An event of a cell; `None` if it cannot be read.
    pub fn new(products: &Products, cell: &'a CellHandle, event: &StreamEvent) -> Option<Self> {
        let descriptor = products.event(event.event.kind)?;
        let telling = (descriptor.tell)(&event.event, cell.number).ok()?;
        Some(Self {
            id: write_cursor(cell.number, event.cursor),
            r#type: type_name(products, descriptor),
            timestamp: Instant(event.time_ns),
            cell: &cell.name,
            data: EventData(telling),
        })
    }

    /// Its id, which is its cursor.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// It as JSON on one line.
    pub fn to_json(&self) -> String {
        // Texts, numbers and a map with text keys: it always has a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for EventData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.values.len()))?;
        for (name, value) in &self.0.values {
            match value {
                EventValue::Party(number) | EventValue::Id(number) => map.serialize_entry(name, &Digits(*number))?,
                EventValue::Money(money) => map.serialize_entry(name, &MoneyWire(*money))?,
                EventValue::Time(time_ns) => map.serialize_entry(name, &Instant(*time_ns))?,
                EventValue::Word(word) => map.serialize_entry(name, word)?,
                EventValue::Number(text) => map.serialize_entry(name, text)?,
            }
        }
        map.end()
    }
}

impl JsonSchema for EventData {
    fn schema_name() -> Cow<'static, str> {
        "EventData".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "What an event says: the fields of its type, as x-events lists them. New ones may be added.",
            "additionalProperties": true,
        })
    }
}
