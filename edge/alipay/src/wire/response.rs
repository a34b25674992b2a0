//! Answers: `{"<method>_response":{…},"sign":"…"}`, in the one shape that every client can cut its signed part from.
//!
//! Clients do not parse what they verify; they cut the text of the node out of the body with regular expressions, brace
//! counters and searches for `"sign"`. All of them succeed on compact JSON with the node first, `sign` last and nothing
//! between, whose strings contain no brace: user text has `{` and `}` written as `\u007b` and `\u007d`. The HTTP status
//! is always 200, and failures are signed like successes.

use std::borrow::Cow;

use crate::codes::GatewayCode;
use crate::signature::{SigningError, SigningKey};
use crate::wire::charset::Charset;
use crate::wire::failure::Failure;
use crate::wire::parameters::Parameters;
use crate::wire::request::is_method_name;

/// `content-type` of an answer.
pub const CONTENT_TYPE: &str = "application/json;charset=utf-8";
/// The node's name when the request has no method that a name could be made of.
const ERROR_RESPONSE_KEY: &str = "error_response";
/// The one method whose failures are documented to come as `error_response`.
const OAUTH_TOKEN_METHOD: &str = "alipay.system.oauth.token";

/// A value in an answer. The wire has strings, lists and objects; amounts and counts are strings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeValue {
    /// A string.
    Text(String),
    /// A list.
    List(Vec<NodeValue>),
    /// An object.
    Object(Node),
}

impl From<String> for NodeValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for NodeValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Node> for NodeValue {
    fn from(node: Node) -> Self {
        Self::Object(node)
    }
}

impl From<Vec<Node>> for NodeValue {
    fn from(nodes: Vec<Node>) -> Self {
        Self::List(nodes.into_iter().map(Self::Object).collect())
    }
}

/// An object in an answer, its fields in the order in which they were added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    fields: Vec<(&'static str, NodeValue)>,
    is_ascii: bool,
}

impl Node {
    /// An object without fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The beginning of an answer that is no failure: `code` and `msg`.
    #[must_use]
    pub fn with_outcome(code: GatewayCode) -> Self {
        Self::new().with("code", code.code()).with("msg", code.message())
    }

    /// A failure: `code`, `msg`, `sub_code`, `sub_msg`. Fields may follow; a failed `alipay.trade.pay` has amounts.
    #[must_use]
    pub fn with_failure(failure: &Failure) -> Self {
        Self::with_outcome(failure.gateway_code())
            .with("sub_code", failure.sub_code.name)
            .with("sub_msg", failure.message.as_ref())
    }

    /// Adds a field.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<NodeValue>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// Adds a field when there is a value.
    #[must_use]
    pub fn with_optional(self, name: &'static str, value: Option<impl Into<NodeValue>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The same for a client that reads answers in `charset`: beyond UTF-8, characters beyond ASCII are escaped.
    #[must_use]
    pub fn for_charset(mut self, charset: Charset) -> Self {
        self.is_ascii = matches!(charset, Charset::Gbk | Charset::Gb18030);
        self
    }

    /// The text of a field, if the object has it and it is text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.iter().find_map(|(field, value)| match value {
            NodeValue::Text(text) if *field == name => Some(text.as_str()),
            _ => None,
        })
    }

    /// Takes fields away.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        self.fields.retain(|(field, _)| !names.contains(field));
        self
    }

    /// The object as compact JSON, without a brace inside any string.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        self.write(&mut json);
        if self.is_ascii { in_ascii(&json) } else { json }
    }

    fn write(&self, json: &mut String) {
        json.push('{');
        for (at, (name, value)) in self.fields.iter().enumerate() {
            if at > 0 {
                json.push(',');
            }
            write_string(name, json);
            json.push(':');
            value.write(json);
        }
        json.push('}');
    }
}

impl NodeValue {
    /// The value as compact JSON; notifications carry such text inside of a field (`fund_bill_list`).
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        self.write(&mut json);
        json
    }

    fn write(&self, json: &mut String) {
        match self {
            Self::Text(text) => write_string(text, json),
            Self::Object(node) => node.write(json),
            Self::List(items) => {
                json.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        json.push(',');
                    }
                    item.write(json);
                }
                json.push(']');
            }
        }
    }
}

/// JSON whose characters beyond ASCII are escaped (RFC 8259, section 7), so that it is the same bytes in every character set that
/// a client may read it in. In JSON of ours such characters stand inside strings only.
#[must_use]
fn in_ascii(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    ascii
}

/// Writes a JSON string (RFC 8259, section 7). Escaped are the quote, the backslash, control characters and, because
/// clients count braces, `{` and `}`. A slash stays as it is, and text beyond ASCII is UTF-8.
fn write_string(text: &str, json: &mut String) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\0'..='\u{1f}' | '\u{7f}' | '{' | '}' => {
                json.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            _ => json.push(character),
        }
    }
    json.push('"');
}

/// The name of the node in an answer: the method with `_` for `.`, then `_response`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseKey {
    name: Cow<'static, str>,
}

impl ResponseKey {
    /// The name for a method as it came, in a request that succeeded or failed in its business. Without a method, or
    /// with one whose letters cannot stand in a name, it is `error_response`.
    #[must_use]
    pub fn for_method(method: Option<&str>) -> Self {
        let name = match method {
            Some(method) if is_method_name(method) => Cow::Owned(format!("{}_response", method.replace('.', "_"))),
            _ => Cow::Borrowed(ERROR_RESPONSE_KEY),
        };
        Self { name }
    }

    /// The name for a failure: that of the method, so that clients find what they verify, but `error_response` for
    /// `alipay.system.oauth.token`, where clients have been told to look for it.
    #[must_use]
    pub fn for_failure(method: Option<&str>) -> Self {
        match method {
            Some(OAUTH_TOKEN_METHOD) => Self::for_method(None),
            method => Self::for_method(method),
        }
    }

    /// The name for a failure of a request that may not even have been decoded.
    #[must_use]
    pub fn for_failed_request(parameters: &Parameters) -> Self {
        let method = parameters.value("method").and_then(|method| std::str::from_utf8(method).ok());
        Self::for_failure(method)
    }

    /// The name on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }
}

/// The whole body of an answer: the node, the serial of the platform's certificate if the request named certificates,
/// and the signature over the exact bytes of the node.
///
/// # Errors
/// [`SigningError`] when the key cannot sign; then there is nothing that may be sent.
pub fn signed_body(
    response_key: &ResponseKey,
    node: &Node,
    certificate_serial: Option<&str>,
    signing_key: &SigningKey,
) -> Result<String, SigningError> {
    signed_value(response_key, &node.to_json(), certificate_serial, signing_key)
}

/// The same for an answer that is encrypted: the node is the cipher text as a string, and the signature covers that
/// string with its quotes.
///
/// # Errors
/// [`SigningError`] when the key cannot sign; then there is nothing that may be sent.
pub fn signed_encrypted_body(
    response_key: &ResponseKey,
    cipher_base64: &str,
    certificate_serial: Option<&str>,
    signing_key: &SigningKey,
) -> Result<String, SigningError> {
    let mut node_json = String::with_capacity(cipher_base64.len() + 2);
    write_string(cipher_base64, &mut node_json);
    signed_value(response_key, &node_json, certificate_serial, signing_key)
}

fn signed_value(
    response_key: &ResponseKey,
    node_json: &str,
    certificate_serial: Option<&str>,
    signing_key: &SigningKey,
) -> Result<String, SigningError> {
    let sign = signing_key.sign(node_json.as_bytes())?;
    let mut body = String::with_capacity(node_json.len() + sign.len() + 96);
    body.push('{');
    write_string(response_key.as_str(), &mut body);
    body.push(':');
    body.push_str(node_json);
    if let Some(serial) = certificate_serial {
        body.push_str(",\"alipay_cert_sn\":");
        write_string(serial, &mut body);
    }
    body.push_str(",\"sign\":");
    write_string(&sign, &mut body);
    body.push('}');
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::{business, gateway};

    #[test]
    fn nodes_are_compact_and_in_order() {
        let node = Node::with_outcome(GatewayCode::Success)
            .with("out_trade_no", "a/b")
            .with_optional("absent", None::<&str>)
            .with("fund_bill_list", vec![Node::new().with("fund_channel", "PCREDIT").with("amount", "10.00")]);
        assert_eq!(
            node.to_json(),
            r#"{"code":"10000","msg":"Success","out_trade_no":"a/b","fund_bill_list":[{"fund_channel":"PCREDIT","amount":"10.00"}]}"#
        );
        assert_eq!(NodeValue::from(vec![Node::new().with("a", "1"), Node::new()]).to_json(), r#"[{"a":"1"},{}]"#);
    }

    #[test]
    fn failures_have_four_fields() {
        let failure = Failure::with_detail(gateway::INVALID_PARAMETER, "x {y}");
        assert_eq!(
            Node::with_failure(&failure).to_json(),
            r#"{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.invalid-parameter","sub_msg":"a parameter is not valid: x \u007by\u007d"}"#
        );
        let failure = Failure::new(business::TRADE_NOT_EXIST);
        assert_eq!(
            Node::with_failure(&failure).with("total_amount", "0.00").to_json(),
            r#"{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST","sub_msg":"there is no such trade","total_amount":"0.00"}"#
        );
    }

    #[test]
    fn strings_are_escaped_so_that_any_reader_gets_them_back() {
        let cases = [
            ("plain", r#""plain""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("{}", r#""\u007b\u007d""#),
            ("a/b", r#""a/b""#),
            ("\n\r\t\0\u{1f}\u{7f}", r#""\n\r\t\u0000\u001f\u007f""#),
            ("可乐🥤\u{2028}", "\"可乐🥤\u{2028}\""),
        ];
        for (text, expected) in cases {
            let json = NodeValue::from(text).to_json();
            assert_eq!(json, expected);
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }

    #[test]
    fn the_node_is_named_after_the_method() {
        let cases = [
            (Some("alipay.trade.query"), "alipay_trade_query_response"),
            (Some("alipay.fund.trans.uni.transfer"), "alipay_fund_trans_uni_transfer_response"),
            (None, "error_response"),
            (Some(""), "error_response"),
            (Some("alipay.trade\":{},\"x"), "error_response"),
            (Some("alipay..trade"), "error_response"),
            (Some("alipay trade"), "error_response"),
            (Some("方法"), "error_response"),
        ];
        for (method, expected) in cases {
            assert_eq!(ResponseKey::for_method(method).as_str(), expected);
            assert_eq!(ResponseKey::for_failure(method).as_str(), expected);
        }
        let token = Some("alipay.system.oauth.token");
        assert_eq!(ResponseKey::for_method(token).as_str(), "alipay_system_oauth_token_response");
        assert_eq!(ResponseKey::for_failure(token).as_str(), "error_response");
    }
}
