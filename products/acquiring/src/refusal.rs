//! Why acquiring refuses. What each edge makes of these is in README.md.

use sycee_contract::{RefusalClass, RefusalCode, RefusalDescriptor};

/// No merchant has this number.
pub const MERCHANT_NOT_FOUND: RefusalCode = 769;
/// The merchant has no such store.
pub const STORE_NOT_FOUND: RefusalCode = 770;
/// The merchant has no such app.
pub const APP_NOT_FOUND: RefusalCode = 771;
/// No such trade, or its code was never scanned.
pub const TRADE_NOT_EXIST: RefusalCode = 772;
/// The order was paid before.
pub const TRADE_HAS_SUCCESS: RefusalCode = 773;
/// The order is closed.
pub const TRADE_HAS_CLOSED: RefusalCode = 774;
/// The time for refunds is over.
pub const TRADE_HAS_FINISHED: RefusalCode = 775;
/// The order is in another state than this needs.
pub const TRADE_STATUS_ERROR: RefusalCode = 776;
/// The same order number with other content; the detail names the field.
pub const CONTEXT_INCONSISTENT: RefusalCode = 777;
/// The order's time is over before it begins.
pub const EXPIRY_IN_PAST: RefusalCode = 778;
/// Buyer and seller are the same.
pub const BUYER_SELLER_EQUAL: RefusalCode = 779;
/// The order is for another buyer.
pub const BUYER_NOT_MATCH: RefusalCode = 780;
/// The buyer is no customer of this cell.
pub const BUYER_NOT_FOUND: RefusalCode = 781;
/// The payment code is unknown, used or expired.
pub const AUTH_CODE_INVALID: RefusalCode = 782;
/// The buyer has not enough.
pub const BUYER_BALANCE_NOT_ENOUGH: RefusalCode = 783;
/// The merchant has not enough.
pub const SELLER_BALANCE_NOT_ENOUGH: RefusalCode = 784;
/// More than is left to refund.
pub const REFUND_AMOUNT_EXCEEDS: RefusalCode = 785;
/// A partial refund has no number.
pub const REFUND_NEEDS_REQUEST_NO: RefusalCode = 786;
/// The same refund number with another amount.
pub const DISCORDANT_REPEAT: RefusalCode = 787;
/// Too late to cancel.
pub const CANCEL_TIME_OUT: RefusalCode = 788;
/// The currency is not the order's, or not one that can be paid in.
pub const CURRENCY_NOT_SUPPORTED: RefusalCode = 789;
/// The payee is no customer of this cell.
pub const PAYEE_NOT_FOUND: RefusalCode = 790;
/// The same transfer number with other content; the detail names the field.
pub const TRANSFER_INCONSISTENT: RefusalCode = 791;
/// The payment code's digits are in use; make others.
pub const PAY_CODE_TAKEN: RefusalCode = 792;
/// The cell has no app ids left, or the merchant has as many apps as it may have.
pub const APPS_EXHAUSTED: RefusalCode = 793;
/// The merchant may not do this with what belongs to another.
pub const NOT_YOURS: RefusalCode = 794;
/// The code was made to be shown offline, and the price is above what such a code pays.
pub const OFFLINE_LIMIT: RefusalCode = 795;
/// The market has no codes to be shown offline, or fewer at a time.
pub const OFFLINE_CODES_REFUSED: RefusalCode = 796;
/// The merchant has no such authorisation.
pub const AUTHORISATION_NOT_FOUND: RefusalCode = 797;
/// The authorisation was cancelled, or its time is over.
pub const AUTHORISATION_CLOSED: RefusalCode = 798;
/// Nothing of the authorisation is held any more.
pub const AUTHORISATION_FINISHED: RefusalCode = 799;
/// No customer has confirmed the authorisation.
pub const AUTHORISATION_NOT_FROZEN: RefusalCode = 800;
/// More than is held.
pub const AUTHORISATION_AMOUNT_EXCEEDS: RefusalCode = 801;
/// The same number of a freeze or of a request with other content; the detail names the field.
pub const AUTHORISATION_INCONSISTENT: RefusalCode = 802;
/// The customer has confirmed the freeze before.
pub const FREEZE_HAS_SUCCESS: RefusalCode = 803;
/// Money is frozen within one cell only.
pub const FREEZE_NOT_ABROAD: RefusalCode = 804;
/// Whom the merchant names is no merchant and no customer of this cell, or is the merchant itself.
pub const ROYALTY_RECEIVER_NOT_FOUND: RefusalCode = 805;
/// The merchant has bound as many receivers as it may.
pub const ROYALTY_RECEIVERS_TOO_MANY: RefusalCode = 806;
/// The merchant has not bound this receiver.
pub const ROYALTY_RECEIVER_NOT_BOUND: RefusalCode = 807;
/// More than may be passed on of the trade.
pub const ROYALTY_EXCEEDS: RefusalCode = 808;
/// The same number of a royalty with other content; the detail names the field.
pub const ROYALTY_INCONSISTENT: RefusalCode = 809;
/// The merchant has said that nothing more is passed on of the trade.
pub const ROYALTY_FINISHED: RefusalCode = 810;
/// More is to be taken back than the receiver has of the trade.
pub const ROYALTY_RETURN_EXCEEDS: RefusalCode = 811;
/// Nothing is taken back from customers.
pub const ROYALTY_NOT_RETURNABLE: RefusalCode = 812;
/// The receiver has not enough to give it back.
pub const ROYALTY_RETURN_NOT_ENOUGH: RefusalCode = 813;
/// The market pack has no settlement terms and no calendar of banking days.
pub const SETTLEMENT_NOT_OFFERED: RefusalCode = 814;
/// No settlement terms were agreed with the merchant.
pub const SETTLEMENT_NOT_AGREED: RefusalCode = 815;
/// No such payout.
pub const PAYOUT_NOT_FOUND: RefusalCode = 816;
/// The payout's outcome is not unknown.
pub const PAYOUT_NOT_UNKNOWN: RefusalCode = 817;
/// The operator's own money that is free is less.
pub const ADVANCE_FUNDS_NOT_ENOUGH: RefusalCode = 818;

const fn refusal(
    code: RefusalCode,
    name: &'static str,
    class: RefusalClass,
    meaning: &'static str,
) -> RefusalDescriptor {
    RefusalDescriptor { code, name, class, meaning }
}

pub(crate) const REFUSALS: &[RefusalDescriptor] = &{
    use RefusalClass::{CallersFault, Forbidden, NeedsUser, TryAgain};
    [
        refusal(MERCHANT_NOT_FOUND, "merchant_not_found", CallersFault, "No merchant has this number; nothing moved."),
        refusal(STORE_NOT_FOUND, "store_not_found", CallersFault, "The merchant has no such store; nothing moved."),
        refusal(APP_NOT_FOUND, "app_not_found", CallersFault, "The merchant has no such app; nothing happened."),
        refusal(
            TRADE_NOT_EXIST,
            "trade_not_exist",
            CallersFault,
            "There is no such trade, or its code was not scanned; nothing moved.",
        ),
        refusal(
            TRADE_HAS_SUCCESS,
            "trade_has_success",
            CallersFault,
            "The order was paid before; the money is with the merchant, nothing moved again.",
        ),
        refusal(
            TRADE_HAS_CLOSED,
            "trade_has_closed",
            CallersFault,
            "The order is closed; nothing moved. Use a new order number.",
        ),
        refusal(
            TRADE_HAS_FINISHED,
            "trade_has_finished",
            CallersFault,
            "The time for refunds is over; the money stays with the merchant.",
        ),
        refusal(
            TRADE_STATUS_ERROR,
            "trade_status_error",
            CallersFault,
            "The order is not in a state that allows this; nothing moved.",
        ),
        refusal(
            CONTEXT_INCONSISTENT,
            "context_inconsistent",
            CallersFault,
            "The order number was used with other content, the detail names the field; the first order stands.",
        ),
        refusal(EXPIRY_IN_PAST, "expiry_in_past", CallersFault, "The order's time is over before it begins."),
        refusal(BUYER_SELLER_EQUAL, "buyer_seller_equal", CallersFault, "Nobody can buy from themselves."),
        refusal(
            BUYER_NOT_MATCH,
            "buyer_not_match",
            Forbidden,
            "The order is for another buyer, or another has scanned it; nothing moved.",
        ),
        refusal(
            BUYER_NOT_FOUND,
            "buyer_not_found",
            CallersFault,
            "The buyer is not a customer here; nothing happened.",
        ),
        refusal(
            AUTH_CODE_INVALID,
            "auth_code_invalid",
            NeedsUser,
            "The payment code is unknown, used or expired; nothing moved. The customer shows a new one.",
        ),
        refusal(
            BUYER_BALANCE_NOT_ENOUGH,
            "buyer_balance_not_enough",
            NeedsUser,
            "The buyer has not enough; nothing moved, and a payment code shown for it still works.",
        ),
        refusal(
            SELLER_BALANCE_NOT_ENOUGH,
            "seller_balance_not_enough",
            NeedsUser,
            "The merchant has not enough; nothing moved.",
        ),
        refusal(
            REFUND_AMOUNT_EXCEEDS,
            "refund_amount_exceeds",
            CallersFault,
            "More than is left to refund of the order; nothing moved.",
        ),
        refusal(
            REFUND_NEEDS_REQUEST_NO,
            "refund_needs_request_no",
            CallersFault,
            "A refund of a part needs a number of its own; nothing moved.",
        ),
        refusal(
            DISCORDANT_REPEAT,
            "discordant_repeat",
            CallersFault,
            "The refund number was used with another amount; the first refund stands.",
        ),
        refusal(
            CANCEL_TIME_OUT,
            "cancel_time_out",
            CallersFault,
            "Too late to cancel; the money stays with the merchant. A refund may still be possible.",
        ),
        refusal(
            CURRENCY_NOT_SUPPORTED,
            "currency_not_supported",
            CallersFault,
            "This cannot be done in that currency; nothing moved.",
        ),
        refusal(PAYEE_NOT_FOUND, "payee_not_found", CallersFault, "The payee is not a customer here; nothing moved."),
        refusal(
            TRANSFER_INCONSISTENT,
            "transfer_inconsistent",
            CallersFault,
            "The transfer number was used with other content, the detail names the field; the first transfer stands.",
        ),
        refusal(PAY_CODE_TAKEN, "pay_code_taken", TryAgain, "These digits are another living code's; make others."),
        refusal(
            APPS_EXHAUSTED,
            "apps_exhausted",
            Forbidden,
            "No further app: the merchant has 100, or the cell has given out all its ids. Give an app another key instead.",
        ),
        refusal(NOT_YOURS, "not_yours", Forbidden, "It belongs to another merchant; nothing happened."),
        refusal(
            OFFLINE_LIMIT,
            "offline_limit",
            NeedsUser,
            "The price is above what a code shown offline pays; nothing moved. Show one made online.",
        ),
        refusal(
            OFFLINE_CODES_REFUSED,
            "offline_codes_refused",
            CallersFault,
            "The market allows no codes to be shown offline, or fewer at a time; those made before still work.",
        ),
        refusal(
            AUTHORISATION_NOT_FOUND,
            "authorisation_not_found",
            CallersFault,
            "The merchant has no such freeze; nothing moved.",
        ),
        refusal(
            AUTHORISATION_CLOSED,
            "authorisation_closed",
            CallersFault,
            "The freeze was cancelled or its time is over; nothing of it is held, nothing moved.",
        ),
        refusal(
            AUTHORISATION_FINISHED,
            "authorisation_finished",
            CallersFault,
            "Payments and releases have used the freeze up; nothing moved.",
        ),
        refusal(
            AUTHORISATION_NOT_FROZEN,
            "authorisation_not_frozen",
            NeedsUser,
            "No customer has confirmed the freeze; nothing is held, nothing moved.",
        ),
        refusal(
            AUTHORISATION_AMOUNT_EXCEEDS,
            "authorisation_amount_exceeds",
            CallersFault,
            "More was asked than is held; what is held stays held.",
        ),
        refusal(
            AUTHORISATION_INCONSISTENT,
            "authorisation_inconsistent",
            CallersFault,
            "The number was used with other content, the detail names the field; the first request stands.",
        ),
        refusal(
            FREEZE_HAS_SUCCESS,
            "freeze_has_success",
            CallersFault,
            "The customer has confirmed this freeze before; nothing was frozen again.",
        ),
        refusal(
            FREEZE_NOT_ABROAD,
            "freeze_not_abroad",
            NeedsUser,
            "Money is frozen within one market only, and the customer is of another; nothing moved.",
        ),
        refusal(
            ROYALTY_RECEIVER_NOT_FOUND,
            "royalty_receiver_not_found",
            CallersFault,
            "The receiver is no merchant and no customer here, or is the merchant itself; nothing happened.",
        ),
        refusal(
            ROYALTY_RECEIVERS_TOO_MANY,
            "royalty_receivers_too_many",
            CallersFault,
            "The merchant has bound as many receivers as it may; nobody was bound.",
        ),
        refusal(
            ROYALTY_RECEIVER_NOT_BOUND,
            "royalty_receiver_not_bound",
            CallersFault,
            "The merchant has not bound this receiver; nothing moved.",
        ),
        refusal(
            ROYALTY_EXCEEDS,
            "royalty_exceeds",
            CallersFault,
            "More than may be passed on of the trade; nothing moved.",
        ),
        refusal(
            ROYALTY_INCONSISTENT,
            "royalty_inconsistent",
            CallersFault,
            "The number was used with other content, the detail names the field; the first royalty stands.",
        ),
        refusal(
            ROYALTY_FINISHED,
            "royalty_finished",
            CallersFault,
            "The merchant has said that nothing more is passed on of this trade; nothing moved.",
        ),
        refusal(
            ROYALTY_RETURN_EXCEEDS,
            "royalty_return_exceeds",
            CallersFault,
            "More is to be taken back than the receiver has of the trade; nothing moved, nothing was refunded.",
        ),
        refusal(
            ROYALTY_NOT_RETURNABLE,
            "royalty_not_returnable",
            Forbidden,
            "Nothing is taken back from customers; nothing moved, nothing was refunded.",
        ),
        refusal(
            ROYALTY_RETURN_NOT_ENOUGH,
            "royalty_return_not_enough",
            NeedsUser,
            "The receiver has not enough to give it back; nothing moved, nothing was refunded.",
        ),
        refusal(
            SETTLEMENT_NOT_OFFERED,
            "settlement_not_offered",
            CallersFault,
            "The market pack says neither a cut-off nor on which days banks work; nothing changed.",
        ),
        refusal(
            SETTLEMENT_NOT_AGREED,
            "settlement_not_agreed",
            CallersFault,
            "No settlement terms were agreed with the merchant; its money stays in its balance.",
        ),
        refusal(PAYOUT_NOT_FOUND, "payout_not_found", CallersFault, "There is no such payout; nothing moved."),
        refusal(
            PAYOUT_NOT_UNKNOWN,
            "payout_not_unknown",
            CallersFault,
            "The payout has ended, or the bank has not been asked in vain; nothing moved.",
        ),
        refusal(
            ADVANCE_FUNDS_NOT_ENOUGH,
            "advance_funds_not_enough",
            NeedsUser,
            "The operator's own money that is not lent to merchants is less; nothing moved.",
        ),
    ]
};
