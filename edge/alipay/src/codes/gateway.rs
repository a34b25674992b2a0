//! Sub codes of the gateway itself: what is wrong with a call before any business sees it.
//!
//! Names from the platform's table of common error codes.

use crate::codes::GatewayCode::{
    CallLimited, InsufficientConditions, InsufficientPermissions, InsufficientTokenPermissions, InvalidArguments,
    MissingArguments, ServiceUnavailable,
};
use crate::codes::{GatewayCode, SubCode};

macro_rules! gateway_sub_codes {
    ($($constant:ident = $gateway:ident $name:literal $meaning:literal;)+) => {
        $(
            #[doc = concat!("`", $name, "`: ", $meaning, ".")]
            pub const $constant: SubCode = sub_code($gateway, $name, $meaning);
        )+

        /// Every sub code of the gateway.
        pub const ALL: &[SubCode] = &[$($constant),+];
    };
}

const fn sub_code(gateway: GatewayCode, name: &'static str, meaning: &'static str) -> SubCode {
    SubCode { gateway, name, meaning }
}

gateway_sub_codes! {
    UNKNOWN_ERROR = ServiceUnavailable "isp.unknow-error"
        "the outcome is not known, query before repeating";
    INVALID_AUTH_TOKEN = InsufficientTokenPermissions "aop.invalid-auth-token"
        "the access token is not valid";
    AUTH_TOKEN_TIME_OUT = InsufficientTokenPermissions "aop.auth-token-time-out"
        "the access token has expired";
    INVALID_APP_AUTH_TOKEN = InsufficientTokenPermissions "aop.invalid-app-auth-token"
        "the application authorization token is not valid";
    MISSING_METHOD = MissingArguments "isv.missing-method"
        "parameter method is missing";
    MISSING_APP_ID = MissingArguments "isv.missing-app-id"
        "parameter app_id is missing";
    MISSING_SIGNATURE = MissingArguments "isv.missing-signature"
        "parameter sign is missing";
    MISSING_SIGNATURE_TYPE = MissingArguments "isv.missing-signature-type"
        "parameter sign_type is missing";
    MISSING_TIMESTAMP = MissingArguments "isv.missing-timestamp"
        "parameter timestamp is missing";
    MISSING_VERSION = MissingArguments "isv.missing-version"
        "parameter version is missing";
    INVALID_PARAMETER = InvalidArguments "isv.invalid-parameter"
        "a parameter is not valid";
    INVALID_METHOD = InvalidArguments "isv.invalid-method"
        "there is no such method";
    INVALID_FORMAT = InvalidArguments "isv.invalid-format"
        "the format is not supported, use JSON";
    INVALID_SIGNATURE_TYPE = InvalidArguments "isv.invalid-signature-type"
        "the signature type is not supported, use RSA2";
    INVALID_SIGNATURE = InvalidArguments "isv.invalid-signature"
        "the signature does not verify";
    INVALID_ENCRYPT_TYPE = InvalidArguments "isv.invalid-encrypt-type"
        "the encryption type is not supported, use AES";
    INVALID_APP_ID = InvalidArguments "isv.invalid-app-id"
        "there is no such application";
    APP_CERT_NOT_EXIST = InvalidArguments "isv.app-cert-not-exist"
        "the application has no such certificate";
    INVALID_ROOT_CERT_SN = InvalidArguments "isv.invalid-alipay-root-cert-sn"
        "the root certificate is not that of this platform";
    INVALID_TIMESTAMP = InvalidArguments "isv.invalid-timestamp"
        "the timestamp is not of the form yyyy-MM-dd HH:mm:ss";
    INVALID_CHARSET = InvalidArguments "isv.invalid-charset"
        "the character set is not supported, use UTF-8, GBK, GB2312 or GB18030";
    INVALID_HTTP_METHOD = InvalidArguments "isv.invalid-http-method"
        "the method is called with POST, or with GET where it only asks";
    ILLEGAL_JSON = InvalidArguments "isv.illegal-json"
        "biz_content is not a valid JSON object";
    GRANT_TYPE_INVALID = InvalidArguments "isv.grant-type-invalid"
        "grant_type is authorization_code or refresh_token";
    CODE_INVALID = InvalidArguments "isv.code-invalid"
        "the authorization code is unknown, was used or has expired";
    REFRESH_TOKEN_INVALID = InvalidArguments "isv.refresh-token-invalid"
        "the refresh token is unknown or was used";
    REFRESH_TOKEN_TIME_OUT = InvalidArguments "isv.refresh-token-time-out"
        "the refresh token has expired";
    UNMATCHED_APP_ID = InvalidArguments "isv.unmatched-app-id"
        "the code or token is another application's";
    MISSING_SIGNATURE_CONFIGURATION = InsufficientConditions "isv.missing-signature-config"
        "the application has no public key configured";
    DECRYPTION_ERROR = InsufficientConditions "isv.decryption-error-unknown"
        "the content does not decrypt";
    APP_CALL_LIMITED = CallLimited "isv.app-call-limited"
        "the application calls too often";
    INSUFFICIENT_ISV_PERMISSIONS = InsufficientPermissions "isv.insufficient-isv-permissions"
        "the application may not call this method";
    INSUFFICIENT_USER_PERMISSIONS = InsufficientPermissions "isv.insufficient-user-permissions"
        "the user has not authorized this call";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_and_follow_the_gateway_code() {
        for (at, entry) in ALL.iter().enumerate() {
            assert!(ALL[..at].iter().all(|earlier| earlier.name != entry.name), "{}", entry.name);
            if entry.name.starts_with("isv.missing-") && entry.name != "isv.missing-signature-config" {
                assert_eq!(entry.gateway, MissingArguments, "{}", entry.name);
            }
            if entry.name.starts_with("isv.invalid-") {
                assert_eq!(entry.gateway, InvalidArguments, "{}", entry.name);
            }
        }
    }
}
