//! Numeric payment codes: the digits that a wallet shows as a barcode or QR for a shop's scanner.
//!
//! [`classify`] says which family a code belongs to, [`PayCode`] is our own wallet's code, [`pay_code_issuer`] tells it
//! from others. What else the digits of Alipay+ say is in [`alipay_plus::PaymentCode`](crate::alipay_plus::PaymentCode).
//!
//! Sources: Alipay+ documentation, "code format specification" and "payment codes" (numeric codes have 17 to 32
//! digits; usually 24: issuer 6, type 2, rest 16); Alipay documentation (16 to 24 digits beginning with 25 to 30);
//! WeChat Pay and UnionPay by their public rules; the ZeroPay prefix by a public terminal source.

mod check_digit;
mod pay_code;

pub use pay_code::{
    PAY_CODE_DIGITS, PayCode, PayCodeError, RANDOM_DIGITS, decode_pay_code, encode_pay_code, pay_code_issuer,
};

use alloc::vec::Vec;

use crate::decode::{Decoded, Kind};
use crate::field::Field;

/// The type of an Alipay+ code (digits 7 and 8) that means: payment code.
const ALIPAY_PLUS_PAYMENT_CODE: &str = "02";
/// The version (third digit) of Alipay+ codes that are routed by the three digits after it.
const ALIPAY_PLUS_ROUTED_VERSION: &str = "1";

/// Which wallets show such a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Family {
    /// Alipay+: issuer (6 digits), type 02, rest.
    AlipayPlus,
    /// Alipay+, an older shape: 19 digits, 28, third digit 9, sixth from the end 6.
    AlipayPlus19,
    /// Alipay+, routed by version and three digits.
    AlipayPlusRouted,
    /// Alipay in the mainland or Hong Kong: 17 to 19 digits beginning with 25 to 30.
    AlipayMainlandOrHongKong,
    /// Alipay by its general rule: 16 to 23 digits beginning with 25 to 30, none of the above.
    Alipay,
    /// WeChat Pay: 18 digits beginning with 10 to 15.
    WeChatPay,
    /// UnionPay: 19 digits beginning with 62.
    UnionPay,
    /// ZeroPay: 24 digits beginning with 800088.
    ZeroPay,
}

impl Family {
    /// The name in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AlipayPlus => "alipay_plus",
            Self::AlipayPlus19 => "alipay_plus_19",
            Self::AlipayPlusRouted => "alipay_plus_cgcp",
            Self::AlipayMainlandOrHongKong => "alipay_cn_hk",
            Self::Alipay => "alipay_cn",
            Self::WeChatPay => "wechat_pay",
            Self::UnionPay => "unionpay_numeric",
            Self::ZeroPay => "zeropay_barcode",
        }
    }
}

/// The family of a code; `None` if it does not consist of digits or belongs to none.
///
/// The families share their number space with each other, and with [`PayCode`]: whoever knows the prefixes of its own
/// market looks at those first. Of several that fit, the most specific answers.
#[must_use]
pub fn classify(code: &str) -> Option<Family> {
    if !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let begins_within = |low: &str, high: &str| code.get(..2).is_some_and(|digits| (low..=high).contains(&digits));
    match code.len() {
        18 if begins_within("10", "15") => Some(Family::WeChatPay),
        19 if begins_within("62", "62") => Some(Family::UnionPay),
        24 if code.starts_with("800088") => Some(Family::ZeroPay),
        16..=32 if begins_within("25", "30") => classify_alipay(code),
        _ => None,
    }
}

/// The family of 16 to 32 digits beginning with 25 to 30.
fn classify_alipay(code: &str) -> Option<Family> {
    match code.len() {
        19 if code.starts_with("289") && code.get(13..14) == Some("6") => Some(Family::AlipayPlus19),
        17..=19 => Some(Family::AlipayMainlandOrHongKong),
        16 | 20..=23 => Some(Family::Alipay),
        _ if code.get(6..8) == Some(ALIPAY_PLUS_PAYMENT_CODE) => Some(Family::AlipayPlus),
        _ if code.get(2..3) == Some(ALIPAY_PLUS_ROUTED_VERSION) => Some(Family::AlipayPlusRouted),
        24 => Some(Family::AlipayPlus),
        _ => None,
    }
}

/// Decodes a code of a known family. Fields: `code`, and for Alipay+ what its digits say: `issuer` and `type`, or
/// `version` and `route`.
pub(crate) fn decode(text: &str) -> Option<Decoded> {
    let family = classify(text)?;
    let parts: &[(&str, core::ops::Range<usize>)] = match family {
        Family::AlipayPlus => &[("issuer", 0..6), ("type", 6..8)],
        Family::AlipayPlusRouted => &[("version", 2..3), ("route", 3..6)],
        _ => &[],
    };
    let mut fields = alloc::vec![Field::text("code", text)];
    for (id, place) in parts {
        fields.extend(text.get(place.clone()).map(|digits| Field::text(*id, digits)));
    }
    let scheme = Some(family.as_str());
    Some(Decoded::new(Kind::Numeric, scheme, Vec::new(), fields))
}
