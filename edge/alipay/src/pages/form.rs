//! What a form or a query sends.

use std::collections::BTreeMap;

use axum::body::Body;

/// The longest form, bytes: a number, a PIN, and what stands hidden beside them.
const FORM_MAX_BYTES: usize = 16 * 1024;

/// Names with their values; of a name that comes twice, neither counts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Form(BTreeMap<String, Option<String>>);

impl Form {
    /// Reads a query, or the body of a form (`application/x-www-form-urlencoded`, URL Standard, section 5.1).
    pub fn parse(bytes: &[u8]) -> Self {
        let mut fields = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(bytes.get(..FORM_MAX_BYTES).unwrap_or(bytes)) {
            let value = Some(value.into_owned());
            fields.entry(name.into_owned()).and_modify(|kept| *kept = None).or_insert(value);
        }
        Self(fields)
    }

    /// Reads the body of a request; one that is too long or breaks off has no fields.
    pub async fn of_body(body: Body) -> Self {
        axum::body::to_bytes(body, FORM_MAX_BYTES).await.map(|bytes| Self::parse(&bytes)).unwrap_or_default()
    }

    /// A field that is there and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_deref().filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_and_doubled_ones_count_for_nothing() {
        let form = Form::parse("a=1+2&b=%E5%BA%97&c=&d=1&d=2&e&%ff=x".as_bytes());
        for (name, expected) in
            [("a", Some("1 2")), ("b", Some("店")), ("c", None), ("d", None), ("e", None), ("f", None)]
        {
            assert_eq!(form.get(name), expected, "{name}");
        }
        assert_eq!(Form::parse(b""), Form::default());
    }
}
