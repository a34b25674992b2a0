//! The table of contents: commands, refusals, accounts, tables, invariants.

use sycee_contract::{CommandDescriptor, Descriptor, InvariantDescriptor, Nature, Role, Table, TableDescriptor};

use crate::refusal::REFUSALS;
use crate::{NUMBER, account, clearing, record, window};

type Fields = &'static [(u16, &'static str)];

const fn command(number: u8, name: &'static str, roles: &'static [Role], nature: Nature) -> CommandDescriptor {
    CommandDescriptor { number, name, roles, nature, fingerprint: &[], binding_refusals: &[] }
}

const fn keyed(number: u8, name: &'static str, roles: &'static [Role], fingerprint: Fields) -> CommandDescriptor {
    CommandDescriptor { number, name, roles, nature: Nature::Obligation, fingerprint, binding_refusals: &[] }
}

const COMMANDS: &[CommandDescriptor] = &{
    use Nature::{Obligation, Request};
    const OPERATOR: &[Role] = &[Role::Operator];
    const MERCHANT: &[Role] = &[Role::Merchant];
    const CUSTOMER: &[Role] = &[Role::Customer];
    const SYSTEM: &[Role] = &[Role::System];
    [
        command(1, "register_participant", OPERATOR, Obligation),
        command(2, "set_rates", OPERATOR, Obligation),
        CommandDescriptor {
            // A key is optional: with one, a repeat has the same enquiry, and so the same payment.
            fingerprint: &[(0, "destination"), (1, "target"), (2, "amount")],
            ..command(3, "enquire", CUSTOMER, Request)
        },
        command(4, "pay_abroad", CUSTOMER, Request),
        command(5, "drop_enquiry", SYSTEM, Obligation),
        command(6, "drop_quote", SYSTEM, Obligation),
        command(7, "collect", MERCHANT, Request),
        command(8, "drop_collection", SYSTEM, Obligation),
        command(9, "pass_refund", SYSTEM, Obligation),
        command(10, "send_money", MERCHANT, Request),
        command(11, "ask_about", SYSTEM, Obligation),
        command(12, "release_payment", OPERATOR, Obligation),
        command(13, "close_window", OPERATOR, Obligation),
        command(14, "confirm_settlement", OPERATOR, Obligation),
        keyed(15, "exchange", OPERATOR, &[(0, "given"), (1, "got"), (2, "bank_reference")]),
        keyed(16, "prefund", OPERATOR, &[(0, "cell"), (1, "money"), (2, "bank_reference")]),
    ]
};

const fn table(table: Table, name: &'static str, meaning: &'static str) -> TableDescriptor {
    TableDescriptor { table, name, meaning }
}

const TABLES: &[TableDescriptor] = &[
    table(record::PARTICIPANT, "participant", "network: who takes part; key: cell"),
    table(record::RATE, "rate", "network: the last word of a source; key: base, counter"),
    table(record::QUOTE, "quote", "network: a quote that nobody has used; key: its id"),
    table(record::PRICING, "pricing", "network: an enquiry that waits for a price; key: payer's cell, enquiry"),
    table(record::FORWARDED, "forwarded", "network: a payment; key: payer's cell, payment"),
    table(record::ENQUIRY, "enquiry", "payer's cell: what would it cost; key: its id"),
    table(record::OUTGOING, "outgoing", "payer's cell: a payment; key: its id"),
    table(record::INCOMING, "incoming", "payee's cell: a payment; key: payer's cell, payment"),
    table(record::ORDER_PAYMENT, "order_payment", "payee's cell: which payment paid an order; key: order"),
    table(record::COLLECTION, "collection", "payee's cell: a code of another cell was shown; key: order"),
    table(record::DIRECTORY, "directory", "what the network said of a cell; key: cell"),
    table(record::CANCELLED, "cancelled", "a payment cancelled before it was heard of; key: payer's cell, payment"),
    table(record::ROSTER, "roster", "network: all participants; one row"),
    table(clearing::ENTRY, "clearing_entry", "what a message made owed; key: peer, currency, direction, place"),
    table(clearing::TALLY, "clearing_tally", "the sums of the entries; key: peer, currency"),
    table(window::WINDOW, "window", "network: a closed settlement window; key: its number"),
    table(window::WINDOW_SIDE, "window_side", "network: a participant's side of a window; key: window, cell"),
    table(window::OWN_WINDOW, "own_window", "participant: a closed window; key: network, number"),
    table(window::OPEN_WINDOW, "open_window", "network: the window that is open; one row"),
    table(window::LAST_TOTALS, "last_totals", "sums at the end of the last window agreed with a peer; key: cell"),
    table(window::CURRENCIES, "currencies", "in which currencies was cleared; key: peer"),
    table(window::EXCHANGED, "exchanged", "network: what was exchanged at the bank; key: currency, other currency"),
];

const fn invariant(name: &'static str, meaning: &'static str) -> InvariantDescriptor {
    InvariantDescriptor { name, meaning }
}

pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    number: NUMBER,
    name: "interop",
    commands: COMMANDS,
    refusals: REFUSALS,
    accounts: &[
        account::TRANSIT,
        account::FX_POSITION,
        account::FX_MARGIN,
        account::FX_RESIDUAL,
        account::FX_RESULT,
        account::NETWORK_FEE,
        account::NOSTRO,
        account::PREFUNDING,
        account::PREFUNDED,
        account::OWN_FUNDS,
    ],
    tables: TABLES,
    invariants: &[
        invariant(
            "clearing_matches_entries",
            "what a peer owes is the sum of the entries with it, and the tallies are that sum",
        ),
        invariant(
            "suspense_matches_parked",
            "what is in suspense is what parked messages made owed, and refunds that wait for a parked acceptance",
        ),
        invariant(
            "holds_match_payments",
            "a payment that waits for an answer holds its whole amount, and no other payment holds anything",
        ),
        invariant("transit_matches_refunds", "what is in transit are refunds that were not passed on yet"),
        invariant(
            "network_income_explained",
            "margin, residual, fee, result and positions are what payments, refunds and exchanges make of them",
        ),
        invariant("quotes_add_up", "the parts of every payment's quote recompute from its price, rate and margin"),
    ],
};
