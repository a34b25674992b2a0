//! The redirect that brings a buyer back to the merchant after `alipay.trade.page.pay` and `alipay.trade.wap.pay`.
//!
//! The parameters are signed like a notification: all but `sign` and `sign_type`, sorted, decoded. A query that the
//! merchant's own `return_url` has is kept in front and is no part of the signature; merchants who put parameters there
//! take them out again before they check. The redirect is for the buyer's eyes: the notification is what counts.

use crate::oauth::redirects::with_query;
use crate::signature::{SigningError, SigningKey};
use crate::wire::callback_url::CallbackUrl;
use crate::wire::outgoing_fields::OutgoingFields;

/// `method` of the redirect after `alipay.trade.page.pay`.
pub const PAGE_PAY_RETURN_METHOD: &str = "alipay.trade.page.pay.return";
/// `method` of the redirect after `alipay.trade.wap.pay`.
pub const WAP_PAY_RETURN_METHOD: &str = "alipay.trade.wap.pay.return";

/// The address to redirect to: the merchant's, with the signed fields added to its query, before a fragment.
///
/// # Errors
/// [`SigningError`] when the key cannot sign.
pub fn redirect_url(
    return_url: &CallbackUrl,
    fields: &OutgoingFields,
    key: &SigningKey,
) -> Result<String, SigningError> {
    Ok(with_query(return_url.as_str(), &fields.signed_form(key)?))
}
