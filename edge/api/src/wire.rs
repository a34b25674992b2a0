//! How this API writes and reads values: amounts with their currency, ids as text, instants of RFC 3339.

use std::borrow::Cow;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{DeserializeOwned, Error as _};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sycee_money::{Amount, Currency, Money};

use crate::problem::Problem;

/// Reads a body. An empty one is read as an object without members.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    serde_json::from_slice(bytes).map_err(|error| Problem::unreadable(error.to_string()))
}

/// An amount: `{"currency": "EUR", "minor": "1250"}`. Minor units are a string of digits, so that no reader makes a float of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct MoneyWire(pub Money);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MoneyFields<'a> {
    #[serde(borrow)]
    currency: Cow<'a, str>,
    #[serde(borrow)]
    minor: Cow<'a, str>,
}

impl<'de> Deserialize<'de> for MoneyWire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = MoneyFields::deserialize(deserializer)?;
        let currency = Currency::from_code(&fields.currency)
            .ok_or_else(|| D::Error::custom("currency is an ISO 4217 code of three capitals, such as EUR"))?;
        let digits = &*fields.minor;
        let good = (1..=17).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'));
        let minor = digits.parse().ok().filter(|_| good).and_then(|minor: u64| Amount::new(minor).ok());
        let amount = minor.ok_or_else(|| {
            D::Error::custom(format!(
                "minor is a string of digits without leading zeros, at most {}",
                Amount::MAX_MINOR
            ))
        })?;
        Ok(Self(Money::new(amount, currency)))
    }
}

impl Serialize for MoneyWire {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Money", 2)?;
        fields.serialize_field("currency", self.0.currency.code())?;
        fields.serialize_field("minor", &Digits(self.0.amount.minor()))?;
        fields.end()
    }
}

impl JsonSchema for MoneyWire {
    fn schema_name() -> Cow<'static, str> {
        "Money".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "An amount of money, in minor units (cents, yen) of its currency.",
            "properties": {
                "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217 code."},
                "minor": {
                    "type": "string", "pattern": "^(0|[1-9][0-9]{0,16})$",
                    "description": "Minor units as digits, at most 10000000000000000.",
                },
            },
            "required": ["currency", "minor"],
            "additionalProperties": false,
        })
    }
}

/// A number that is written as a string of digits, without a string being made for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Digits(pub u64);

impl Serialize for Digits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        digits(&text).map(Self).ok_or_else(|| D::Error::custom("an id is a string of digits"))
    }
}

impl JsonSchema for Digits {
    fn schema_name() -> Cow<'static, str> {
        "Id".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^[0-9]{1,20}$", "description": "An id: digits."})
    }
}

/// The number that digits write, and nothing else.
pub(crate) fn digits(text: &str) -> Option<u64> {
    let good = (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| good)
}

/// A party's number: 16 digits.
pub(crate) fn party_number(text: &str) -> Option<u64> {
    digits(text).filter(|number| text.len() == 16 && sycee_party::cell_of(*number).is_some())
}

/// An instant, UTC nanoseconds, that is written as RFC 3339.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Instant(pub u64);

impl Instant {
    /// As it is written.
    pub fn text(self) -> String {
        // A u64 of nanoseconds ends in the year 2554, far inside what a timestamp can be.
        Timestamp::from_nanosecond(i128::from(self.0)).unwrap_or(Timestamp::MAX).to_string()
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A u64 of nanoseconds ends in the year 2554, far inside what a timestamp can be.
        serializer.collect_str(&Timestamp::from_nanosecond(i128::from(self.0)).unwrap_or(Timestamp::MAX))
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let time: Option<Timestamp> = text.parse().ok();
        let ns = time.and_then(|time| u64::try_from(time.as_nanosecond()).ok());
        ns.map(Self).ok_or_else(|| D::Error::custom("a time is written as in RFC 3339, such as 2027-01-01T00:00:00Z"))
    }
}

impl JsonSchema for Instant {
    fn schema_name() -> Cow<'static, str> {
        "Instant".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date-time", "description": "An instant, RFC 3339."})
    }
}

/// A name as people write it: 1 to 200 characters, not blank, no control characters; without the blanks around it.
pub(crate) fn name<'a>(field: &'static str, text: &'a str) -> Result<&'a str, Problem> {
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed.chars().nth(200).is_some() || trimmed.chars().any(char::is_control) {
        return Err(Problem::bad_field(field, "has 1 to 200 characters and no control characters"));
    }
    Ok(trimmed)
}

/// A phone number without blanks and hyphens: 6 to 15 digits (E.164), with or without the plus in front.
pub(crate) fn phone(field: &'static str, text: &str) -> Result<String, Problem> {
    let number: String = text.chars().filter(|character| !matches!(character, ' ' | '-')).collect();
    let digits = number.strip_prefix('+').unwrap_or(&number);
    if (6..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(number)
    } else {
        Err(Problem::bad_field(field, "has 6 to 15 digits, with or without + in front"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: u64, code: &str) -> Money {
        Money::new(Amount::new(minor).unwrap(), Currency::from_code(code).unwrap())
    }

    #[test]
    fn amounts_are_read_exactly_or_not_at_all() {
        let table = [
            (r#"{"currency":"EUR","minor":"1250"}"#, Some(money(1_250, "EUR"))),
            (r#"{"minor":"0","currency":"JPY"}"#, Some(money(0, "JPY"))),
            (r#"{"currency":"EUR","minor":"10000000000000000"}"#, Some(money(10_000_000_000_000_000, "EUR"))),
            (r#"{"currency":"EUR","minor":"10000000000000001"}"#, None),
            (r#"{"currency":"EUR","minor":1250}"#, None),
            (r#"{"currency":"EUR","minor":"12.5"}"#, None),
            (r#"{"currency":"EUR","minor":"-1"}"#, None),
            (r#"{"currency":"EUR","minor":"+1"}"#, None),
            (r#"{"currency":"EUR","minor":"01"}"#, None),
            (r#"{"currency":"EUR","minor":""}"#, None),
            (r#"{"currency":"eur","minor":"1"}"#, None),
            (r#"{"currency":"EUR"}"#, None),
            (r#"{"currency":"EUR","minor":"1","major":"1"}"#, None),
            (r#"{"currency":"EUR","minor":"1","minor":"2"}"#, None),
            ("7", None),
        ];
        for (text, expected) in table {
            assert_eq!(read::<MoneyWire>(text.as_bytes()).ok().map(|money| money.0), expected, "{text}");
        }
        let written = serde_json::to_string(&MoneyWire(money(1_250, "EUR"))).unwrap();
        assert_eq!(written, r#"{"currency":"EUR","minor":"1250"}"#);
    }

    #[test]
    fn instants_are_rfc_3339() {
        for (time_ns, text) in [(0, "1970-01-01T00:00:00Z"), (1_798_761_600_500_000_000, "2027-01-01T00:00:00.5Z")] {
            assert_eq!(serde_json::to_string(&Instant(time_ns)).unwrap(), format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Instant>(&format!("\"{text}\"")).unwrap(), Instant(time_ns));
        }
        assert!(serde_json::from_str::<Instant>("\"1969-12-31T00:00:00Z\"").is_err());
        assert!(serde_json::from_str::<Instant>("\"tomorrow\"").is_err());
    }

    #[test]
    fn party_numbers_have_sixteen_digits_and_name_a_cell() {
        let table = [
            ("2088070000000000", Some(2_088_070_000_000_000)),
            ("2088000000000000", None), // no cell 0
            ("208807000000000", None),
            ("+208807000000000", None),
            ("２088070000000000", None),
        ];
        for (text, expected) in table {
            assert_eq!(party_number(text), expected, "{text}");
        }
    }
}
