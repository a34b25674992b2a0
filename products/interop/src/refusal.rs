//! Why payments across cells are refused. These numbers travel in messages and mean the same in every cell.

use sycee_contract::{RefusalClass, RefusalCode, RefusalDescriptor};

/// This cell is no network.
pub const NOT_A_NETWORK: RefusalCode = 0x0501;
/// No such cell takes part in the network.
pub const CELL_UNKNOWN: RefusalCode = 0x0502;
/// The cell may not pay or be paid now.
pub const CELL_SUSPENDED: RefusalCode = 0x0503;
/// There is no rate between the two currencies.
pub const RATE_UNKNOWN: RefusalCode = 0x0504;
/// The rate between the two currencies is too old.
pub const RATE_STALE: RefusalCode = 0x0505;
/// No such quote: it was used, or its time is long over.
pub const QUOTE_UNKNOWN: RefusalCode = 0x0506;
/// The quote's time is over.
pub const QUOTE_EXPIRED: RefusalCode = 0x0507;
/// The quote is not for this payment.
pub const QUOTE_MISMATCH: RefusalCode = 0x0508;
/// The payer's cell may not owe the network more.
pub const PARTICIPANT_CAP: RefusalCode = 0x0509;
/// No such enquiry, or not of the caller.
pub const ENQUIRY_UNKNOWN: RefusalCode = 0x050a;
/// The network has not answered yet.
pub const ENQUIRY_NOT_ANSWERED: RefusalCode = 0x050b;
/// No such payment.
pub const PAYMENT_UNKNOWN: RefusalCode = 0x050c;
/// The payment does not wait for a person.
pub const PAYMENT_NOT_WAITING: RefusalCode = 0x050d;
/// The payee is of this cell: no border is crossed.
pub const NOT_ABROAD: RefusalCode = 0x050e;
/// The amount is worth nothing in the other currency.
pub const AMOUNT_TOO_SMALL: RefusalCode = 0x050f;
/// No such window, or it is not where this needs it.
pub const WINDOW_UNKNOWN: RefusalCode = 0x0510;
/// No such settlement instruction is open.
pub const NOTHING_DUE: RefusalCode = 0x0511;
/// The rates are not ones that can be taken; the detail says which.
pub const BAD_RATES: RefusalCode = 0x0512;
/// The payer's cell has given the money back before the payment was heard of.
pub const PAYMENT_CANCELLED: RefusalCode = 0x0513;

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
        refusal(NOT_A_NETWORK, "not_a_network", CallersFault, "This cell is no network; nothing happened."),
        refusal(CELL_UNKNOWN, "cell_unknown", CallersFault, "No such operator takes part; nothing moved."),
        refusal(CELL_SUSPENDED, "cell_suspended", Forbidden, "The operator may not pay or be paid now; nothing moved."),
        refusal(RATE_UNKNOWN, "rate_unknown", TryAgain, "There is no rate between the two currencies; nothing moved."),
        refusal(
            RATE_STALE,
            "rate_stale",
            TryAgain,
            "The rate between the two currencies is too old to be used; nothing moved.",
        ),
        refusal(QUOTE_UNKNOWN, "quote_unknown", CallersFault, "The quote was used, or is long over; nothing moved."),
        refusal(QUOTE_EXPIRED, "quote_expired", NeedsUser, "The quote's time is over; nothing moved. Ask for another."),
        refusal(QUOTE_MISMATCH, "quote_mismatch", CallersFault, "The quote is not for this payment; nothing moved."),
        refusal(
            PARTICIPANT_CAP,
            "participant_cap",
            TryAgain,
            "The payer's operator has reached what it may owe the network; nothing moved.",
        ),
        refusal(ENQUIRY_UNKNOWN, "enquiry_unknown", CallersFault, "There is no such enquiry of the caller's."),
        refusal(
            ENQUIRY_NOT_ANSWERED,
            "enquiry_not_answered",
            TryAgain,
            "The network has not said the price yet; nothing moved.",
        ),
        refusal(PAYMENT_UNKNOWN, "payment_unknown", CallersFault, "There is no such payment."),
        refusal(
            PAYMENT_NOT_WAITING,
            "payment_not_waiting",
            CallersFault,
            "The payment does not wait for a person: it has ended, or the network is still being asked.",
        ),
        refusal(NOT_ABROAD, "not_abroad", CallersFault, "The payee is of this operator; nothing moved."),
        refusal(
            AMOUNT_TOO_SMALL,
            "amount_too_small",
            CallersFault,
            "The amount is worth less than the smallest unit of the other currency; nothing moved.",
        ),
        refusal(
            WINDOW_UNKNOWN,
            "window_unknown",
            CallersFault,
            "There is no such settlement window, or not in that state.",
        ),
        refusal(
            NOTHING_DUE,
            "nothing_due",
            CallersFault,
            "There is no such open settlement instruction; nothing moved.",
        ),
        refusal(BAD_RATES, "bad_rates", CallersFault, "The rates cannot be taken; the ones in force stay."),
        refusal(
            PAYMENT_CANCELLED,
            "payment_cancelled",
            CallersFault,
            "The payer's operator has given the money back; nothing moved.",
        ),
    ]
};
