//! Signed requests to the Alipay gateway, as a shop's SDK makes them: refunds, and payments by scanning a customer's code.

use std::collections::BTreeMap;

use serde_json::Value;
use sycee_alipay::signature::SigningKey;

use crate::bench::client::Client;

/// The code of an answer that says that it was done.
pub const DONE: &str = "10000";
/// The code of an answer that says that a rule has refused.
pub const REFUSED: &str = "40004";

/// Asks a method on behalf of an app and gives back the answer's node.
///
/// # Errors
/// One line: the request did not arrive, or what came back is not an answer. A refusal is an answer.
pub async fn ask(
    client: &mut Client,
    key: &SigningKey,
    app_id: &str,
    method: &str,
    biz: &Value,
) -> Result<Value, String> {
    let mut parameters: BTreeMap<&str, String> = BTreeMap::from([
        ("app_id", app_id.to_owned()),
        ("method", method.to_owned()),
        ("charset", "utf-8".to_owned()),
        ("sign_type", "RSA2".to_owned()),
        // When the SDK's own machine says it is; the server only looks at the form.
        ("timestamp", "2026-01-01 12:00:00".to_owned()),
        ("version", "1.0".to_owned()),
        ("biz_content", biz.to_string()),
    ]);
    let text = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    let signature = key.sign(text.as_bytes()).map_err(|error| format!("{method}: signing: {error}"))?;
    parameters.insert("sign", signature);
    let body =
        parameters.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&");
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let (status, bytes) = client.exchange("POST", "/gateway.do", &headers, &body).await?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let reply: Value = serde_json::from_slice(&bytes).map_err(|error| format!("{method}: {status} {error}: {text}"))?;
    let node = reply.get(format!("{}_response", method.replace('.', "_")));
    node.cloned().ok_or_else(|| format!("{method}: {status} {text}"))
}

/// A value as a form has it.
fn encoded(value: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(value.len() * 2);
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            text.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _written = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// An amount as the protocol writes it: two decimals in every currency.
#[must_use]
pub fn decimal(minor: u64, decimals: u32) -> String {
    let hundredths = u128::from(minor) * 10_u128.pow(2_u32.saturating_sub(decimals));
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_two_decimals_in_every_currency() {
        for (minor, decimals, expected) in [
            (1_250, 2, "12.50"),
            (5, 2, "0.05"),
            (0, 2, "0.00"),
            (3_000, 0, "3000.00"),
            (u64::MAX, 0, "18446744073709551615.00"),
        ] {
            assert_eq!(decimal(minor, decimals), expected);
        }
    }
}
