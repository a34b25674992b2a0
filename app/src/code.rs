//! `sycee code decode` and `sycee code encode`.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use sycee_codes::encode::kinds;
use sycee_codes::field::Field;
use sycee_codes::scheme::{AccountDetails, Named, SchemeDetails};

/// What [`sycee_codes::Decoded::to_json`] shows, as far as it is needed to write the code again. Everything else in it is
/// passed over.
#[derive(Deserialize)]
struct Shown {
    kind: Option<String>,
    fields: Option<Fields>,
    details: Option<Details>,
}

/// Fields in the order in which they stand, which is the order of the code.
struct Fields(Vec<Field>);

/// A national scheme's code by the names of its fields.
#[derive(Deserialize)]
struct Details {
    scheme: String,
    #[serde(default)]
    accounts: Vec<Account>,
    #[serde(default)]
    values: Option<Fields>,
}

#[derive(Deserialize)]
struct Account {
    scheme: String,
    template: Option<u8>,
    values: Fields,
}

/// The reverse of decoding: the text of what [`sycee_codes::Decoded::to_json`] shows. Checksums are computed, whatever
/// the fields say of them.
///
/// Without `fields`, a merchant-presented code is written from `details`: strictly, as its scheme has it.
///
/// # Errors
/// One line that says what is wrong.
pub fn encode(json: &str) -> Result<String, String> {
    let shown: Shown = serde_json::from_str(json).map_err(|error| format!("not the JSON of a code: {error}"))?;
    let kind = shown.kind.ok_or("\"kind\" is missing")?;
    if !kinds().any(|known| known == kind) {
        let known = kinds().collect::<Vec<_>>().join(", ");
        return Err(format!("kind {kind:?} cannot be encoded; these can: {known}"));
    }
    match (shown.fields, shown.details) {
        (Some(Fields(fields)), _) => sycee_codes::encode(&kind, &fields).map_err(|problem| problem.to_string()),
        (None, Some(details)) if kind == "emvco-mpm" => {
            details.read()?.generate().map_err(|refused| refused.to_string())
        }
        (None, _) => Err("\"fields\" is missing".into()),
    }
}

impl Details {
    fn read(self) -> Result<SchemeDetails, String> {
        let mut accounts = Vec::new();
        for Account { scheme, template, values } in self.accounts {
            let first = sycee_codes::scheme::first_layout(&scheme);
            let template = template.or(first.map(|layout| *layout.templates.start()));
            let template = template.ok_or_else(|| format!("there is no scheme {scheme:?}"))?;
            accounts.push(AccountDetails { scheme, template, values: values.named()? });
        }
        let values = self.values.map_or(Ok(Vec::new()), Fields::named)?;
        Ok(SchemeDetails { scheme: self.scheme, accounts, values, unnamed: Vec::new() })
    }
}

impl Fields {
    fn named(self) -> Result<Vec<Named>, String> {
        let one = |field: Field| match field.value.as_text() {
            Some(value) => Ok(Named { value: value.into(), name: field.id }),
            None => Err(format!("value {} is no text", field.id)),
        };
        self.0.into_iter().map(one).collect()
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of texts and such objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields: Vec<Field> = Vec::new();
        while let Some(id) = map.next_key::<String>()? {
            if fields.iter().any(|field| field.id == id) {
                return Err(A::Error::custom(format!("{id:?} stands twice")));
            }
            fields.push(match map.next_value::<TextOrFields>()? {
                TextOrFields::Text(text) => Field::text(id, text),
                TextOrFields::Fields(Fields(inner)) => Field::template(id, inner),
            });
        }
        Ok(Fields(fields))
    }
}

enum TextOrFields {
    Text(String),
    Fields(Fields),
}

impl<'de> Deserialize<'de> for TextOrFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrFieldsVisitor)
    }
}

struct TextOrFieldsVisitor;

impl<'de> Visitor<'de> for TextOrFieldsVisitor {
    type Value = TextOrFields;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text or an object")
    }

    fn visit_str<E>(self, text: &str) -> Result<TextOrFields, E> {
        Ok(TextOrFields::Text(text.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TextOrFields, A::Error> {
        FieldsVisitor.visit_map(map).map(TextOrFields::Fields)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    /// The payloads of the crate's own vectors: texts made by others.
    fn payloads() -> Vec<String> {
        let read = |text: &str| -> Json { serde_json::from_str(text).unwrap() };
        let mpm = read(include_str!("../../codes/tests/vectors/qr_mpm.json"));
        let cpm = read(include_str!("../../codes/tests/vectors/qr_cpm.json"));
        let europe = read(include_str!("../../codes/tests/vectors/qr_europe.json"));
        let lists = [&mpm["vectors"], &cpm["bertlv"], &europe["epc"]["vectors"], &europe["swiss"]["vectors"]]
            .map(Json::as_array);
        let all = lists.into_iter().flat_map(|list| list.unwrap().iter());
        all.map(|vector| vector["payload"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn what_is_decoded_is_encoded_again_byte_by_byte() {
        let mut same = 0;
        for payload in payloads() {
            let decoded = sycee_codes::decode(&payload);
            if decoded.valid && decoded.problems.is_empty() {
                assert_eq!(encode(&decoded.to_json()).unwrap(), payload);
                same += 1;
            }
        }
        assert!(same >= 35, "only {same}");
    }

    #[test]
    fn a_code_that_somebody_changed_gets_its_checksum() {
        let payload = "00020101021126330012hk.com.hkicl0313+852-6789123452040000530334454031005802HK5914company_1_data\
            6002HK62170513INV/TEST/00016304A154";
        let mut shown: Json = serde_json::from_str(&sycee_codes::decode(payload).to_json()).unwrap();
        shown["fields"]["54"] = json!("200");
        let changed = encode(&shown.to_string()).unwrap();
        let decoded = sycee_codes::decode(&changed);
        assert!(decoded.valid, "{changed}");
        assert_eq!(sycee_codes::field::text_at(&decoded.fields, "54"), Some("200"));
    }

    #[test]
    fn details_alone_make_a_code() {
        let shown = json!({"kind": "emvco-mpm", "details": {"scheme": "vietqr",
            "accounts": [{"scheme": "vietqr", "values": {"bank_identification_number": "970422",
                "account_or_card": "0023457923442", "service": "QRIBFTTA"}}],
            "values": {"initiation": "12", "currency": "704", "amount": "40123", "country": "VN",
                "purpose": "test text string"}}});
        let published = payloads().into_iter().find(|payload| payload.contains("0023457923442")).unwrap();
        assert_eq!(encode(&shown.to_string()).unwrap(), published);
    }

    #[test]
    fn what_cannot_be_encoded_says_why() {
        for (json, expected) in [
            ("{", "not the JSON of a code"),
            ("[]", "not the JSON of a code"),
            ("{}", "\"kind\" is missing"),
            (r#"{"kind":"unknown","fields":{}}"#, "\"unknown\" cannot be encoded; these can: emvco-mpm, "),
            (r#"{"kind":"emvco-mpm"}"#, "\"fields\" is missing"),
            (r#"{"kind":"emvco-mpm","fields":{"00":1}}"#, "a text or an object"),
            (r#"{"kind":"emvco-mpm","fields":{"00":"01","00":"01"}}"#, "\"00\" stands twice"),
            (r#"{"kind":"emvco-mpm","fields":{"abc":"1"}}"#, "id_out_of_range abc"),
            (r#"{"kind":"epc","fields":{"colour":"red"}}"#, "unknown_name colour"),
            (r#"{"kind":"epc","details":{"scheme":"fps"}}"#, "\"fields\" is missing"),
            (r#"{"kind":"emvco-mpm","details":{"scheme":"fps"}}"#, "no_merchant_account"),
            (
                r#"{"kind":"emvco-mpm","details":{"scheme":"x","accounts":[{"scheme":"x","values":{}}]}}"#,
                "there is no scheme \"x\"",
            ),
        ] {
            let error = encode(json).unwrap_err();
            assert!(error.contains(expected), "{json}: {error}");
            assert!(!error.contains('\n'), "{json}");
        }
        let deep = format!(r#"{{"kind":"url","fields":{}"#, r#"{"a":"#.repeat(100_000));
        assert!(encode(&deep).is_err());
    }
}
