//! `sycee code decode` and `sycee code encode`.

use serde_json::{Map, Value as Json};
use sycee_codes::crc::crc16;
use sycee_codes::emvco::tlv::write_field;
use sycee_codes::field::Field;

/// The id of the checksum, always last (EMVCo MPM 1.1, section 4.7.3).
const CHECKSUM_ID: &str = "63";

/// The reverse of decoding: the text of what [`sycee_codes::Decoded::to_json`] shows. The checksum is computed, whatever `63` says.
///
/// # Errors
/// One line that says what is wrong.
pub fn encode(json: &str) -> Result<String, String> {
    let shown: Json = serde_json::from_str(json).map_err(|error| format!("not JSON: {error}"))?;
    match shown["kind"].as_str() {
        Some("emvco-mpm") => {}
        Some(kind) => return Err(format!("kind {kind:?} cannot be encoded; emvco-mpm can")),
        None => return Err("\"kind\" is missing".into()),
    }
    let fields = shown["fields"].as_object().ok_or("\"fields\" is missing or no object")?;
    let mut text = String::new();
    for field in convert(fields)?.iter().filter(|field| field.id != CHECKSUM_ID) {
        write_field(&mut text, field, &field.id).map_err(|problem| problem.to_string())?;
    }
    text.push_str(CHECKSUM_ID);
    text.push_str("04");
    let checksum = crc16(text.as_bytes());
    Ok(format!("{text}{checksum:04X}"))
}

fn convert(fields: &Map<String, Json>) -> Result<Vec<Field>, String> {
    let one = |(id, value): (&String, &Json)| match value {
        Json::String(text) => Ok(Field::text(id.as_str(), text.as_str())),
        Json::Object(inner) => Ok(Field::template(id.as_str(), convert(inner)?)),
        _ => Err(format!("field {id} is neither a text nor an object")),
    };
    fields.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_decoded_is_encoded_again() {
        // The same codes that the crate's own vectors hold: texts made by others.
        let vectors: Json = serde_json::from_str(include_str!("../../codes/tests/vectors/qr_mpm.json")).unwrap();
        let mut same = 0;
        for vector in vectors["vectors"].as_array().unwrap() {
            let payload = vector["payload"].as_str().unwrap();
            let decoded = sycee_codes::decode(payload);
            // Only texts whose fields stand in order of their ids can come out as they were.
            let ids: Vec<&str> =
                decoded.fields.iter().map(|field| field.id.as_str()).filter(|id| *id != "63").collect();
            if decoded.valid && decoded.problems.is_empty() && ids.is_sorted() {
                assert_eq!(encode(&decoded.to_json()).unwrap(), payload);
                same += 1;
            }
        }
        assert!(same >= 20, "only {same}");
    }

    #[test]
    fn what_cannot_be_encoded_says_why() {
        for (json, expected) in [
            ("{", "not JSON"),
            ("{}", "kind"),
            (r#"{"kind":"url","fields":{}}"#, "url"),
            (r#"{"kind":"emvco-mpm"}"#, "fields"),
            (r#"{"kind":"emvco-mpm","fields":{"00":1}}"#, "00"),
            (r#"{"kind":"emvco-mpm","fields":{"abc":"1"}}"#, "id_out_of_range abc"),
        ] {
            let error = encode(json).unwrap_err();
            assert!(error.contains(expected), "{json}: {error}");
        }
    }
}
