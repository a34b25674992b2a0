//! Why this product refuses.

use sycee_contract::{RefusalClass, RefusalCode, RefusalDescriptor};

/// Less is available than is needed.
pub const BALANCE_NOT_ENOUGH: RefusalCode = 0x0201;
/// No party has the payee's number or contact.
pub const PAYEE_NOT_FOUND: RefusalCode = 0x0202;
/// Payer and payee are the same customer.
pub const PAYEE_IS_PAYER: RefusalCode = 0x0203;
/// Wallets of this market do not hold the currency.
pub const CURRENCY_NOT_HELD: RefusalCode = 0x0204;
/// No money request has this id.
pub const REQUEST_NOT_FOUND: RefusalCode = 0x0205;
/// The money request was paid, declined, or its time is over.
pub const REQUEST_ENDED: RefusalCode = 0x0206;
/// The money request asks somebody else.
pub const NOT_YOUR_REQUEST: RefusalCode = 0x0207;
/// The payee is not a customer.
pub const PAYEE_NOT_CUSTOMER: RefusalCode = 0x0208;
/// No party has the payer's number or contact.
pub const PAYER_NOT_FOUND: RefusalCode = 0x0209;
/// The payer is not a customer.
pub const PAYER_NOT_CUSTOMER: RefusalCode = 0x020a;

/// Refusals that are final for the key of a payment.
pub(crate) const FINAL_FOR_A_PAYMENT: &[RefusalCode] = &[
    BALANCE_NOT_ENOUGH,
    sycee_party::PARTY_FROZEN,
    sycee_party::TRANSACTION_LIMIT,
    sycee_party::DAY_LIMIT,
    sycee_party::MONTH_LIMIT,
    sycee_party::BALANCE_LIMIT,
];

const fn refusal(
    code: RefusalCode,
    name: &'static str,
    class: RefusalClass,
    meaning: &'static str,
) -> RefusalDescriptor {
    RefusalDescriptor { code, name, class, meaning }
}

pub(crate) const REFUSALS: &[RefusalDescriptor] = &{
    use RefusalClass::{CallersFault, Forbidden, NeedsUser};
    [
        refusal(
            BALANCE_NOT_ENOUGH,
            "balance_not_enough",
            NeedsUser,
            "Less is available in the payer's balance than is needed; nothing moved.",
        ),
        refusal(
            PAYEE_NOT_FOUND,
            "payee_not_found",
            CallersFault,
            "Nobody with that number or contact is in this cell; nothing moved.",
        ),
        refusal(PAYEE_IS_PAYER, "payee_is_payer", CallersFault, "Payer and payee are the same; nothing moved."),
        refusal(
            CURRENCY_NOT_HELD,
            "currency_not_held",
            CallersFault,
            "Wallets of this market do not hold that currency; nothing moved.",
        ),
        refusal(REQUEST_NOT_FOUND, "request_not_found", CallersFault, "No money request has this id; nothing moved."),
        refusal(
            REQUEST_ENDED,
            "request_ended",
            CallersFault,
            "The money request was paid or declined before, or its time is over; nothing moved now.",
        ),
        refusal(
            NOT_YOUR_REQUEST,
            "not_your_request",
            Forbidden,
            "Only the customer who was asked can answer a money request; nothing moved.",
        ),
        refusal(
            PAYEE_NOT_CUSTOMER,
            "payee_not_customer",
            CallersFault,
            "The payee is not a customer and has no wallet; nothing moved.",
        ),
        refusal(
            PAYER_NOT_FOUND,
            "payer_not_found",
            CallersFault,
            "Nobody with that number or contact is in this cell; nothing happened.",
        ),
        refusal(
            PAYER_NOT_CUSTOMER,
            "payer_not_customer",
            CallersFault,
            "The payer is not a customer and has no wallet; nothing happened.",
        ),
    ]
};
