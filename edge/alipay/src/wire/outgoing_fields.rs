//! Fields that we sign and hand to a merchant: a notification's form or a redirect's query.

use form_urlencoded::byte_serialize;

use crate::signature::{SIGN_TYPE, SigningError, SigningKey};

/// Ordered fields with their decoded values. A field given again replaces the earlier value; an empty value is not
/// sent, because the two sides of a signature disagree on what to do with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutgoingFields {
    fields: Vec<(String, String)>,
}

impl OutgoingFields {
    /// No fields yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field. `sign` and `sign_type` are not taken: signing adds them.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        self.fields.retain(|(earlier, _)| *earlier != name);
        if !value.is_empty() && name != "sign" && name != "sign_type" {
            self.fields.push((name, value));
        }
        self
    }

    /// As [`OutgoingFields::with`], when there is a value.
    #[must_use]
    pub fn with_optional(self, name: &str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The fields in the order in which they are sent.
    #[must_use]
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// The text that is signed: all fields, ordered by name (byte order), `name=value` joined with `&`, values
    /// decoded. `sign` and `sign_type` are not part of it.
    #[must_use]
    pub fn text_to_sign(&self) -> String {
        let mut sorted: Vec<_> = self.fields.iter().collect();
        sorted.sort();
        sorted.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    /// The fields, then `sign_type` and `sign`, as `application/x-www-form-urlencoded` in UTF-8.
    ///
    /// # Errors
    /// [`SigningError`] when the key cannot sign.
    pub fn signed_form(&self, key: &SigningKey) -> Result<String, SigningError> {
        let sign = key.sign(self.text_to_sign().as_bytes())?;
        let signature_fields = [("sign_type", SIGN_TYPE), ("sign", sign.as_str())];
        let mut form = String::new();
        let fields = self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(signature_fields);
        for (name, value) in fields {
            if !form.is_empty() {
                form.push('&');
            }
            form.extend(byte_serialize(name.as_bytes()));
            form.push('=');
            form.extend(byte_serialize(value.as_bytes()));
        }
        Ok(form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_text_is_sorted_and_decoded_without_empties() {
        let fields = OutgoingFields::new()
            .with("trade_no", "2026112322001")
            .with("app_id", "2021000000000001")
            .with("subject", "可乐 & {\"a\"=1}")
            .with("empty", "")
            .with("sign", "forged")
            .with("sign_type", "RSA")
            .with_optional("absent", None::<String>);
        assert_eq!(fields.text_to_sign(), "app_id=2021000000000001&subject=可乐 & {\"a\"=1}&trade_no=2026112322001");
    }

    #[test]
    fn a_field_given_again_replaces_the_earlier_one() {
        let fields = OutgoingFields::new().with("a", "1").with("b", "2").with("a", "3");
        assert_eq!(fields.text_to_sign(), "a=3&b=2");
        assert_eq!(fields.with("b", "").text_to_sign(), "a=3");
    }
}
