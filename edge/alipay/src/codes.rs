//! The code tables of the Open Platform: gateway codes and sub codes, with what they mean in our words.
//!
//! Sources: Alipay Open Platform, "common error codes", and the error lists of the generated official client models.
//! Where the platform's own spelling is odd (`isp.unknow-error`, `AQC.SYSTEM_ERROR`) it is kept: clients compare it.

pub mod business;
pub mod gateway;

/// The outcome of a call at the gateway (`code` and `msg` on the wire).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GatewayCode {
    /// 10000: carried out.
    Success,
    /// 10003: `alipay.trade.pay` only, the trade waits for its buyer; ask with `alipay.trade.query`.
    Processing,
    /// 20000: not available or outcome unknown; ask, then repeat.
    ServiceUnavailable,
    /// 20001: an authorization token is wrong or too old.
    InsufficientTokenPermissions,
    /// 40001: a required common parameter is missing.
    MissingArguments,
    /// 40002: a common parameter is wrong.
    InvalidArguments,
    /// 40003: the application is not set up for the call.
    InsufficientConditions,
    /// 40004: the business refused; the sub code says why.
    BusinessFailed,
    /// 40005: called too often.
    CallLimited,
    /// 40006: the application may not call this.
    InsufficientPermissions,
}

impl GatewayCode {
    /// Every code, for tables and tests.
    pub const ALL: [Self; 10] = [
        Self::Success,
        Self::Processing,
        Self::ServiceUnavailable,
        Self::InsufficientTokenPermissions,
        Self::MissingArguments,
        Self::InvalidArguments,
        Self::InsufficientConditions,
        Self::BusinessFailed,
        Self::CallLimited,
        Self::InsufficientPermissions,
    ];

    /// The five digits on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Success => "10000",
            Self::Processing => "10003",
            Self::ServiceUnavailable => "20000",
            Self::InsufficientTokenPermissions => "20001",
            Self::MissingArguments => "40001",
            Self::InvalidArguments => "40002",
            Self::InsufficientConditions => "40003",
            Self::BusinessFailed => "40004",
            Self::CallLimited => "40005",
            Self::InsufficientPermissions => "40006",
        }
    }

    /// The message that goes with the code (`msg`).
    ///
    /// For 10003 recorded answers have these words with a blank in front; some tills look for them inside the
    /// message, so the words are kept and the blank is not.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::Processing => "order success pay inprocess",
            Self::ServiceUnavailable => "Service Currently Unavailable",
            Self::InsufficientTokenPermissions => "Insufficient Token Permissions",
            Self::MissingArguments => "Missing Required Arguments",
            Self::InvalidArguments => "Invalid Arguments",
            Self::InsufficientConditions => "Insufficient Conditions",
            Self::BusinessFailed => "Business Failed",
            Self::CallLimited => "Call Limited",
            Self::InsufficientPermissions => "Insufficient Permissions",
        }
    }
}

/// One `sub_code` with the gateway code it comes under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubCode {
    /// The gateway code it comes under.
    pub gateway: GatewayCode,
    /// Its name on the wire.
    pub name: &'static str,
    /// What it means, in English, for the developer who reads it (`sub_msg`).
    pub meaning: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gateway_codes_are_five_digits_and_differ() {
        for (at, code) in GatewayCode::ALL.iter().enumerate() {
            assert_eq!(code.code().len(), 5);
            assert!(code.code().bytes().all(|byte| byte.is_ascii_digit()));
            assert!(GatewayCode::ALL[..at].iter().all(|earlier| earlier.code() != code.code()));
        }
    }
}
