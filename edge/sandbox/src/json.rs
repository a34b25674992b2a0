//! Requests and replies as JSON: amounts with their currency, instants, numbers as text.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sycee_money::{Amount, Currency, Money};

use crate::problem::Problem;

/// A request's body. Unknown fields are refused by the types that are read.
pub(crate) struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::too_large()
            } else {
                Problem::bad_request("the body did not arrive whole")
            }
        })?;
        read(&bytes).map(Body)
    }
}

/// Reads a body.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| Problem::bad_request(error.to_string()))
}

/// An answer with status 200.
pub(crate) fn ok<T: Serialize>(value: &T) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response(),
        Err(error) => Problem::internal("an answer has no JSON form", &error).into_response(),
    }
}

/// An amount as this API writes it: `{"currency": "EUR", "minor": 1250}`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "MoneyFields")]
pub(crate) struct MoneyJson(pub Money);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MoneyFields {
    currency: String,
    minor: u64,
}

impl TryFrom<MoneyFields> for MoneyJson {
    type Error = String;

    fn try_from(fields: MoneyFields) -> Result<Self, String> {
        let currency = Currency::from_code(&fields.currency)
            .ok_or("currency is an ISO 4217 code of three capitals, such as EUR")?;
        let amount = Amount::new(fields.minor).map_err(|_| format!("minor is at most {}", Amount::MAX_MINOR))?;
        Ok(Self(Money::new(amount, currency)))
    }
}

impl Serialize for MoneyJson {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut fields = serializer.serialize_struct("Money", 2)?;
        fields.serialize_field("currency", self.0.currency.code())?;
        fields.serialize_field("minor", &self.0.amount.minor())?;
        fields.end()
    }
}

/// One amount, or a list of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Amounts(pub Vec<Money>);

impl<'de> Deserialize<'de> for Amounts {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> serde::de::Visitor<'de> for OneOrMany {
            type Value = Amounts;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an amount {currency, minor} or a list of them")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Amounts, A::Error> {
                let one = MoneyJson::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(Amounts(vec![one.0]))
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Amounts, A::Error> {
                let mut amounts = Vec::new();
                while let Some(MoneyJson(money)) = list.next_element()? {
                    amounts.push(money);
                }
                Ok(Amounts(amounts))
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

/// An instant in UTC nanoseconds as RFC 3339 text.
pub(crate) fn instant(time_ns: u64) -> String {
    // A u64 of nanoseconds ends in the year 2554, far inside what a timestamp can be.
    Timestamp::from_nanosecond(i128::from(time_ns)).unwrap_or(Timestamp::MAX).to_string()
}

/// A party's number as text: 16 digits.
pub(crate) fn party(number: u64) -> String {
    format!("{number:016}")
}

/// A name as people write it: 1 to 200 characters, not blank, no control characters. Gives it back without the blanks around.
pub(crate) fn name<'a>(field: &str, text: &'a str) -> Result<&'a str, Problem> {
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed.chars().nth(200).is_some() || trimmed.chars().any(char::is_control) {
        return Err(Problem::bad_field(field, "has 1 to 200 characters and no control characters"));
    }
    Ok(trimmed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: u64, code: &str) -> Money {
        Money::new(Amount::new(minor).unwrap(), Currency::from_code(code).unwrap())
    }

    #[test]
    fn amounts_are_read_exactly_or_not_at_all() {
        let good: &[(&str, &[Money])] = &[
            (r#"{"currency":"EUR","minor":1250}"#, &[money(1_250, "EUR")]),
            (r#"{"minor":0,"currency":"JPY"}"#, &[money(0, "JPY")]),
            (r#"[{"currency":"EUR","minor":1},{"currency":"USD","minor":2}]"#, &[money(1, "EUR"), money(2, "USD")]),
            ("[]", &[]),
            (r#"{"currency":"EUR","minor":10000000000000000}"#, &[money(10_000_000_000_000_000, "EUR")]),
        ];
        for (text, expected) in good {
            assert_eq!(read::<Amounts>(text.as_bytes()).unwrap().0, *expected, "{text}");
        }
        let bad = [
            (r#"{"currency":"EUR","minor":12.5}"#, "12.5"),
            (r#"{"currency":"EUR","minor":-1}"#, "-1"),
            (r#"{"currency":"EUR","minor":"1"}"#, "string"),
            (r#"{"currency":"EUR","minor":1e3}"#, ""),
            (r#"{"currency":"EUR","minor":10000000000000001}"#, "at most 10000000000000000"),
            (r#"{"currency":"eur","minor":1}"#, "ISO 4217"),
            (r#"{"currency":"EUR"}"#, "`minor`"),
            (r#"{"currency":"EUR","minor":1,"major":1}"#, "`major`"),
            (r#"{"currency":"EUR","minor":1,"minor":2}"#, "`minor`"),
            ("7", "an amount"),
            ("", "EOF"),
        ];
        for (text, says) in bad {
            let problem = read::<Amounts>(text.as_bytes()).unwrap_err();
            assert_eq!((problem.status.as_u16(), &*problem.code), (400, "bad_request"), "{text}");
            assert!(problem.detail.contains(says), "{text}: {}", problem.detail);
        }
    }

    #[test]
    fn amounts_are_written_as_they_are_read() {
        let text = serde_json::to_string(&MoneyJson(money(1_250, "EUR"))).unwrap();
        assert_eq!(text, r#"{"currency":"EUR","minor":1250}"#);
    }

    #[test]
    fn instants_are_rfc_3339() {
        let table = [
            (0, "1970-01-01T00:00:00Z"),
            (1_798_761_600_000_000_000, "2027-01-01T00:00:00Z"),
            (1_798_761_600_500_000_000, "2027-01-01T00:00:00.5Z"),
        ];
        for (time_ns, expected) in table {
            assert_eq!(instant(time_ns), expected);
        }
        assert!(instant(u64::MAX).starts_with("2554-"));
    }

    #[test]
    fn names_are_short_and_printable() {
        let long = "é".repeat(201);
        let table =
            [("Anna", Some("Anna")), (" 店 ", Some("店")), ("", None), ("  ", None), ("a\u{7}b", None), (&long, None)];
        for (text, expected) in table {
            assert_eq!(name("name", text).ok(), expected, "{text:?}");
        }
        assert!(name("name", &"é".repeat(200)).is_ok());
    }
}
