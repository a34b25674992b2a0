//! A request as it came: which method it asks for, what is signed of it, and the fields it carries.

use axum::http::HeaderMap;
use serde_json::{Map, Value};

use crate::codes::gateway;
use crate::rest::authorization::worded;
use crate::wire::biz_content::BizContent;
use crate::wire::failure::Failure;
use crate::wire::parameters::Parameters;
use crate::wire::request::is_method_name;

/// What every path begins with.
const PREFIX: &str = "/v3/";
/// The header in which a merchant's authorization of an application comes.
const APP_AUTH_TOKEN: &str = "alipay-app-auth-token";
/// Parameters that version 3 has elsewhere than in its body: a field of such a name is a business field only.
const RESERVED: [&str; 8] =
    ["method", "app_id", "sign", "sign_type", "timestamp", "biz_content", "app_cert_sn", "encrypt_type"];

/// A request as it came.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// The HTTP verb, in capitals.
    pub verb: &'a str,
    /// Path and query, as the sender wrote them.
    pub target: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body, encrypted if it was sent so; of a request that brings files the part `data`.
    pub body: &'a [u8],
}

impl<'a> Received<'a> {
    /// The method that the path names: `/v3/alipay/trade/fastpay/refund/query` is `alipay.trade.fastpay.refund.query`. `None`
    /// when no method can be called so.
    #[must_use]
    pub fn method(&self) -> Option<String> {
        let path = self.target.split('?').next()?.strip_prefix(PREFIX)?;
        Some(path)
            .filter(|path| !path.contains('.'))
            .map(|path| path.replace('/', "."))
            .filter(|name| is_method_name(name))
    }

    /// The merchant's authorization of an application that acts for it.
    ///
    /// # Errors
    /// `isv.invalid-parameter` when the header is no text, so that nobody can say what was signed.
    pub fn app_auth_token(&self) -> Result<Option<&'a str>, Failure> {
        let Some(value) = self.headers.get(APP_AUTH_TOKEN).filter(|value| !value.is_empty()) else { return Ok(None) };
        let text = value.to_str().map(Some);
        text.map_err(|_| worded(gateway::INVALID_PARAMETER, "header alipay-app-auth-token is no text"))
    }

    /// The text that the signature covers; `authorization` is the signed part of that header.
    #[must_use]
    pub fn text_to_sign(&self, authorization: &str, app_auth_token: Option<&str>) -> Vec<u8> {
        let mut text = format!("{authorization}\n{}\n{}\n", self.verb, self.target).into_bytes();
        text.extend_from_slice(self.body);
        text.push(b'\n');
        if let Some(token) = app_auth_token {
            text.extend_from_slice(token.as_bytes());
            text.push(b'\n');
        }
        text
    }

    /// That a method may be called with this verb: all with POST, those that only ask with GET too.
    ///
    /// # Errors
    /// `isv.invalid-http-method`.
    pub fn check_verb(&self, method: &str) -> Result<(), Failure> {
        match self.verb {
            "POST" => Ok(()),
            "GET" if method.ends_with("query") => Ok(()),
            _ => Err(Failure::new(gateway::INVALID_HTTP_METHOD)),
        }
    }

    /// The parameters that a request of version 2 would have had. `body` is the plain text of the body; fields may also come in
    /// the query.
    ///
    /// # Errors
    /// `isv.illegal-json`; `isv.invalid-parameter` for a field that comes twice and differs, and where a limit is passed.
    pub fn parameters(&self, body: &[u8], app_cert_sn: Option<&str>) -> Result<Parameters, Failure> {
        let illegal = || worded(gateway::ILLEGAL_JSON, "the body is not a valid JSON object");
        let body = std::str::from_utf8(body).map_err(|_| illegal())?.trim();
        let content = if body.is_empty() { BizContent::default() } else { BizContent::parse(body).map_err(in_body)? };
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let query = Parameters::parse(query.as_bytes(), b"").map_err(Failure::from)?;
        let mut parameters = Parameters::default();
        let mut asked = Map::new();
        for (name, value) in query.iter() {
            let text = |bytes: &[u8]| std::str::from_utf8(bytes).map(str::to_owned);
            let (Ok(name), Ok(value)) = (text(name), text(value)) else {
                return Err(worded(gateway::INVALID_PARAMETER, "the query is not UTF-8"));
            };
            if content.has(&name) {
                return Err(worded(gateway::INVALID_PARAMETER, "a field is both in the query and in the body"));
            }
            asked.insert(name, Value::String(value));
        }
        let both =
            content.texts().chain(asked.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))));
        for (name, value) in both.filter(|(name, _)| !RESERVED.contains(name)) {
            parameters.insert(name.as_bytes().to_vec(), value.as_bytes().to_vec()).map_err(Failure::from)?;
        }
        let biz_content = if asked.is_empty() { body.to_owned() } else { content.joined(asked) };
        for (name, value) in [("biz_content", Some(biz_content.as_str())), ("app_cert_sn", app_cert_sn)] {
            let Some(value) = value else { continue };
            parameters.insert(name.into(), value.into()).map_err(Failure::from)?;
        }
        Ok(parameters)
    }
}

/// The same failure where the fields are in the body.
fn in_body(failure: Failure) -> Failure {
    Failure { message: failure.message.replace("biz_content", "the body").into(), ..failure }
}
