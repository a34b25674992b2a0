//! A request's common parameters, and the order in which they are checked.
//!
//! The order decides which error a caller with several mistakes reads first. The platform's table of common errors
//! lists the missing ones as method, sign, sign_type, app_id, timestamp, version; its gateway was seen to answer a
//! request with an unknown app_id and no sign with `isv.invalid-app-id`. So here:
//!
//! 1. 40001 missing method, then app_id; 40002 malformed method, then app_id ([`UnverifiedRequest::decode`]);
//! 2. the application is looked up by the caller: 40002 `isv.invalid-app-id` when there is none;
//! 3. 40001 missing sign, sign_type, timestamp, version, in that order ([`UnverifiedRequest::verify`]);
//! 4. 40002 unsupported format, sign_type, charset, then malformed timestamp and version;
//! 5. 40002 `isv.invalid-signature`;
//! 6. only of a request that is genuine: the type of encryption, addresses, lengths, and by the caller the decryption.
//!
//! Whether the method exists is for the caller to say (`isv.invalid-method`), after all of these.

use std::str;

use crate::aes::ENCRYPT_TYPE;
use crate::codes::{SubCode, gateway};
use crate::signature::{SIGN_TYPE, VerifyingKey};
use crate::timestamps::LocalDateTime;
use crate::wire::callback_url::CallbackUrl;
use crate::wire::charset::Charset;
use crate::wire::failure::Failure;
use crate::wire::parameters::{EmptyValues, Parameters};

/// Longest `method`, in characters.
pub const METHOD_MAX_CHARACTERS: usize = 128;
/// Longest `app_id`, in characters.
pub const APP_ID_MAX_CHARACTERS: usize = 32;
/// Longest `app_auth_token` and `auth_token`, in characters (the platform documents 40 for the first).
pub const TOKEN_MAX_CHARACTERS: usize = 128;
/// Longest certificate serial; the root's is several of 32 characters, joined.
pub const CERTIFICATE_SERIAL_MAX_CHARACTERS: usize = 512;
/// The only `version` there is.
const VERSION: &str = "1.0";

/// A request whose sender is named and not yet proven.
#[derive(Clone, Copy, Debug)]
pub struct UnverifiedRequest<'a> {
    parameters: &'a Parameters,
    method: &'a str,
    app_id: &'a str,
}

impl<'a> UnverifiedRequest<'a> {
    /// Reads method and app_id, which is what the application can be looked up with.
    ///
    /// # Errors
    /// 40001 or 40002, in the order that the module describes.
    pub fn decode(parameters: &'a Parameters) -> Result<Self, Failure> {
        let method = present(parameters, "method", gateway::MISSING_METHOD)?;
        let app_id = present(parameters, "app_id", gateway::MISSING_APP_ID)?;
        let method = str::from_utf8(method)
            .ok()
            .filter(|method| is_method_name(method))
            .ok_or(Failure::new(gateway::INVALID_METHOD))?;
        let app_id = str::from_utf8(app_id)
            .ok()
            .filter(|app_id| is_app_id(app_id))
            .ok_or(Failure::new(gateway::INVALID_APP_ID))?;
        Ok(Self { parameters, method, app_id })
    }

    /// The method's name, well formed, as it came.
    #[must_use]
    pub fn method(self) -> &'a str {
        self.method
    }

    /// The application that says it sends this.
    #[must_use]
    pub fn app_id(self) -> &'a str {
        self.app_id
    }

    /// All its parameters.
    #[must_use]
    pub fn parameters(self) -> &'a Parameters {
        self.parameters
    }

    /// The text that its signature should cover, as the documentation has it.
    #[must_use]
    pub fn text_to_sign(self) -> Vec<u8> {
        self.parameters.text_to_sign(EXCLUDED, EmptyValues::Dropped)
    }

    /// Checks the rest of the common parameters and the signature against the application's key.
    ///
    /// # Errors
    /// 40001 or 40002, in the order that the module describes.
    pub fn verify(self, key: &VerifyingKey) -> Result<Request<'a>, Failure> {
        let parameters = self.parameters;
        let sign = present(parameters, "sign", gateway::MISSING_SIGNATURE)?;
        let sign_type = present(parameters, "sign_type", gateway::MISSING_SIGNATURE_TYPE)?;
        let timestamp = present(parameters, "timestamp", gateway::MISSING_TIMESTAMP)?;
        let version = present(parameters, "version", gateway::MISSING_VERSION)?;

        let format = parameters.value("format").unwrap_or_default();
        if !format.is_empty() && !format.eq_ignore_ascii_case(b"json") {
            return Err(Failure::new(gateway::INVALID_FORMAT));
        }
        // RSA (SHA-1) is refused here, see the signature module.
        if sign_type != SIGN_TYPE.as_bytes() {
            return Err(Failure::new(gateway::INVALID_SIGNATURE_TYPE));
        }
        if parameters.charset() == Charset::Unknown {
            return Err(Failure::new(gateway::INVALID_CHARSET));
        }
        let timestamp = str::from_utf8(timestamp)
            .ok()
            .and_then(LocalDateTime::parse)
            .ok_or(Failure::new(gateway::INVALID_TIMESTAMP))?;
        if version != VERSION.as_bytes() {
            return Err(invalid("version is not 1.0"));
        }

        if !is_signed(parameters, key, sign) {
            return Err(Failure::new(gateway::INVALID_SIGNATURE));
        }

        let encrypt_type = parameters.value("encrypt_type").unwrap_or_default();
        if !encrypt_type.is_empty() && encrypt_type != ENCRYPT_TYPE.as_bytes() {
            return Err(Failure::new(gateway::INVALID_ENCRYPT_TYPE));
        }
        Request::genuine(parameters, self.method, self.app_id, timestamp)
    }
}

/// A genuine request: its signature is that of its application.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    parameters: &'a Parameters,
    /// The method's name, well formed; whether it exists is not yet known.
    pub method: &'a str,
    /// The application that sent it.
    pub app_id: &'a str,
    /// The sender's clock, in a zone that the sender does not say.
    pub timestamp: LocalDateTime,
    /// Where to post notifications for what this request makes.
    pub notify_url: Option<CallbackUrl>,
    /// Where to send the buyer's browser after paying.
    pub return_url: Option<CallbackUrl>,
    /// The merchant's authorization of an application that acts for it.
    pub app_auth_token: Option<&'a str>,
    /// A user's authorization.
    pub auth_token: Option<&'a str>,
    /// The serial of the application's certificate; present when the client works with certificates.
    pub app_cert_sn: Option<&'a str>,
    /// Whether the business fields came encrypted; then the answer goes encrypted too.
    pub is_encrypted: bool,
    /// The business fields as the text that came (cipher text if it was encrypted), for
    /// [`BizContent::parse`](crate::wire::biz_content::BizContent::parse).
    pub biz_content: Option<&'a str>,
}

impl<'a> Request<'a> {
    /// Reads the rest of what is proven to be of this application.
    ///
    /// # Errors
    /// `isv.invalid-parameter` naming the parameter that is malformed or too long.
    pub(crate) fn genuine(
        parameters: &'a Parameters,
        method: &'a str,
        app_id: &'a str,
        timestamp: LocalDateTime,
    ) -> Result<Self, Failure> {
        Ok(Self {
            parameters,
            method,
            app_id,
            timestamp,
            notify_url: optional_address(parameters, "notify_url")?,
            return_url: optional_address(parameters, "return_url")?,
            app_auth_token: optional_text(parameters, "app_auth_token", TOKEN_MAX_CHARACTERS)?,
            auth_token: optional_text(parameters, "auth_token", TOKEN_MAX_CHARACTERS)?,
            app_cert_sn: optional_text(parameters, "app_cert_sn", CERTIFICATE_SERIAL_MAX_CHARACTERS)?,
            is_encrypted: parameters.value("encrypt_type").is_some_and(|value| !value.is_empty()),
            biz_content: optional_text(parameters, "biz_content", usize::MAX)?,
        })
    }

    /// A parameter that belongs to one method only and stands beside `biz_content`, such as `grant_type`; `None` when
    /// it is absent or empty.
    ///
    /// # Errors
    /// `isv.invalid-parameter` when it is not UTF-8 or has more than `max_characters` characters.
    pub fn parameter(&self, name: &str, max_characters: usize) -> Result<Option<&'a str>, Failure> {
        optional_text(self.parameters, name, max_characters)
    }
}

/// True for the names of methods: 1 to 128 of ASCII letters, digits and `_`, in pieces joined by single dots.
#[must_use]
pub fn is_method_name(method: &str) -> bool {
    method.len() <= METHOD_MAX_CHARACTERS
        && method
            .split('.')
            .all(|piece| !piece.is_empty() && piece.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}

pub(crate) fn is_app_id(app_id: &str) -> bool {
    app_id.len() <= APP_ID_MAX_CHARACTERS
        && app_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// What of a request's parameters is not signed.
const EXCLUDED: &[&str] = &["sign"];

/// The documentation drops empty values from the signed text; some clients keep them. Both are accepted.
fn is_signed(parameters: &Parameters, key: &VerifyingKey, sign: &[u8]) -> bool {
    let verifies = |empty_values| key.verify(&parameters.text_to_sign(EXCLUDED, empty_values), sign);
    verifies(EmptyValues::Dropped) || (parameters.has_empty_value(EXCLUDED) && verifies(EmptyValues::Kept))
}

fn present<'a>(parameters: &'a Parameters, name: &str, missing: SubCode) -> Result<&'a [u8], Failure> {
    parameters.value(name).filter(|value| !value.is_empty()).ok_or(Failure::new(missing))
}

fn invalid(detail: impl AsRef<str>) -> Failure {
    Failure::with_detail(gateway::INVALID_PARAMETER, detail)
}

fn optional_text<'a>(
    parameters: &'a Parameters,
    name: &str,
    max_characters: usize,
) -> Result<Option<&'a str>, Failure> {
    let Some(value) = parameters.value(name).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let text = str::from_utf8(value).map_err(|_| invalid(format!("{name} is not text in the request's charset")))?;
    if text.chars().nth(max_characters).is_some() {
        return Err(invalid(format!("{name} has more than {max_characters} characters")));
    }
    Ok(Some(text))
}

fn optional_address(parameters: &Parameters, name: &str) -> Result<Option<CallbackUrl>, Failure> {
    match parameters.value(name).filter(|value| !value.is_empty()) {
        None => Ok(None),
        Some(value) => {
            str::from_utf8(value).ok().and_then(CallbackUrl::parse).map(Some).ok_or_else(|| CallbackUrl::refused(name))
        }
    }
}
