//! A refusal as the Open Platform words it.

use std::borrow::Cow;

use crate::codes::{GatewayCode, SubCode};

/// What a client reads when its call is not carried out: `code`, `msg`, `sub_code`, `sub_msg`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The gateway code with its sub code.
    pub sub_code: SubCode,
    /// The sentence for the developer who called (`sub_msg`).
    pub message: Cow<'static, str>,
}

impl Failure {
    /// A failure whose message is the general meaning of its code.
    #[must_use]
    pub fn new(sub_code: SubCode) -> Self {
        Self { sub_code, message: Cow::Borrowed(sub_code.meaning) }
    }

    /// A failure that says what was wrong in this call, after the general meaning of its code.
    #[must_use]
    pub fn with_detail(sub_code: SubCode, detail: impl AsRef<str>) -> Self {
        Self { sub_code, message: Cow::Owned(format!("{}: {}", sub_code.meaning, detail.as_ref())) }
    }

    /// The gateway code (`code` on the wire).
    #[must_use]
    pub fn gateway_code(&self) -> GatewayCode {
        self.sub_code.gateway
    }
}
