//! The cell itself, as product number 0: its tables, the refusals that any command may meet, the market pack, effects and
//! holds.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sycee_ledger::{AccountId, Hold, HoldState, LedgerRefusal};

use crate::{
    Answer, Books, Caller, Command, CommandCode, CommandDescriptor, Deciding, Descriptor, EffectId, EffectRecord,
    EffectState, Event, EventDescriptor, EventField, EventFieldKind, EventValue, Expectation, Finding,
    InvariantDescriptor, Key, Nature, Product, Random, Refusal, RefusalClass, RefusalCode, RefusalDescriptor, Role,
    Stop, Table, TableDescriptor, Telling, WorkItem, Workload, decode, link, market, proposal,
};

/// Accounts, by id.
pub const ACCOUNT: Table = 1;
/// Holds, by id.
pub const HOLD: Table = 2;
/// Answers, by caller, command and id.
pub const IDEMPOTENCY: Table = 3;
/// Timers, by due time.
pub const TIMER: Table = 4;
/// Effects that are not ended, by operation and place.
pub const EFFECT: Table = 5;
/// The market pack in force: one row.
pub const MARKET: Table = 6;
/// The market pack that is to come: at most one row.
pub const MARKET_PENDING: Table = 7;

/// Links to other cells, by peer.
pub const LINK: Table = 8;
/// Messages on their way to peers, by peer and place.
pub const OUTBOX: Table = 9;
/// Messages of peers that were set aside, by peer and place.
pub const PARKED: Table = 10;
/// Commands that need two people, by id.
pub const PROPOSAL: Table = 11;

/// No product has such a command.
pub const UNKNOWN_COMMAND: RefusalCode = 1;
/// The caller's role may not ask it.
pub const ROLE_FORBIDDEN: RefusalCode = 2;
/// The idempotency key is empty or too long.
pub const BAD_COMMAND_ID: RefusalCode = 3;
/// The key was used for another request; the detail names the field that differs.
pub const KEY_REUSED: RefusalCode = 4;
/// The body does not decode, or a field is out of range.
pub const BAD_BODY: RefusalCode = 5;
/// No market pack is installed.
pub const NO_MARKET: RefusalCode = 6;
/// An account is not open.
pub const ACCOUNT_NOT_OPEN: RefusalCode = 7;
/// A sum left the range.
pub const AMOUNT_OUT_OF_RANGE: RefusalCode = 8;
/// No such effect, or it has ended.
pub const EFFECT_NOT_OPEN: RefusalCode = 9;
/// The cell met something that must not be; an operator must look.
pub const QUARANTINED: RefusalCode = 10;
/// The market pack is not one that this cell can take.
pub const BAD_MARKET: RefusalCode = 11;
/// No link to that cell is open, or no version is agreed on it.
pub const LINK_NOT_OPEN: RefusalCode = 12;
/// Too many messages wait for that cell.
pub const LINK_BACKLOG: RefusalCode = 13;
/// The message was applied or parked before.
pub const ALREADY_RECEIVED: RefusalCode = 14;
/// A message before this one is missing.
pub const OUT_OF_ORDER: RefusalCode = 15;
/// No such message is parked.
pub const MESSAGE_NOT_PARKED: RefusalCode = 16;
/// The parked message is still not understood.
pub const STILL_PARKED: RefusalCode = 17;
/// One person alone may not ask this.
pub const TWO_PEOPLE_NEEDED: RefusalCode = 18;
/// The operator's machine is no person.
pub const NOT_A_PERSON: RefusalCode = 19;
/// Who proposes does not approve.
pub const SAME_PERSON: RefusalCode = 20;
/// No proposal has this id.
pub const PROPOSAL_UNKNOWN: RefusalCode = 21;
/// The proposal was approved, rejected, or its time is over.
pub const PROPOSAL_ENDED: RefusalCode = 22;
/// A refusal of the ledger has this number plus its own.
pub const LEDGER_REFUSAL_BASE: RefusalCode = 63;

/// `install_market`: body [`crate::MarketPack`], reply empty.
pub const INSTALL_MARKET: CommandCode = 1;
/// `effect_sent`: body [`EffectId`].
pub const EFFECT_SENT: CommandCode = 2;
/// `effect_result`: body [`EffectResult`].
pub const EFFECT_RESULT: CommandCode = 3;
/// `expire_hold`: body [`HoldTarget`].
pub const EXPIRE_HOLD: CommandCode = 4;
/// `link_open`: body [`link::OpenLink`], reply empty.
pub const LINK_OPEN: CommandCode = 5;
/// `link_receive`: body [`link::Incoming`], reply [`link::Received`].
pub const LINK_RECEIVE: CommandCode = 6;
/// `link_acknowledge`: body [`link::Acknowledge`], reply empty.
pub const LINK_ACKNOWLEDGE: CommandCode = 7;
/// `link_park`: body [`link::ParkMessage`], reply [`link::Received`].
pub const LINK_PARK: CommandCode = 8;
/// `retry_parked`: body [`link::RetryParked`], reply empty.
pub const RETRY_PARKED: CommandCode = 9;
/// `activate_market`: body [`crate::ActivateMarket`], reply empty.
pub const ACTIVATE_MARKET: CommandCode = 10;
/// `propose`: body [`proposal::Propose`], reply [`proposal::Proposed`].
pub const PROPOSE: CommandCode = 11;
/// `approve`: body [`proposal::ProposalTarget`], reply [`proposal::Approved`].
pub const APPROVE: CommandCode = 12;
/// `reject`: body [`proposal::ProposalTarget`], reply empty.
pub const REJECT: CommandCode = 13;

/// The event that an effect has ended or become unknown: body [`EffectOutcome`].
pub const EVENT_EFFECT_OUTCOME: u16 = 1;

static EVENTS: &[EventDescriptor] = &[EventDescriptor {
    kind: EVENT_EFFECT_OUTCOME,
    name: "effect_ended",
    meaning: "Something asked of the outside, such as a notification, has ended or is unknown.",
    fields: &[
        EventField::new(
            "effect",
            EventFieldKind::Number,
            "which: the operation that asked for it, and its place there",
        ),
        EventField::new("kind", EventFieldKind::Id, "what was asked: the number of its kind"),
        EventField::new("state", EventFieldKind::Word, "settled, failed or unknown"),
    ],
    tell,
}];

/// It concerns nobody but the operator: what it means for a party, the product that asked says by an event of its own.
fn tell(event: &Event, _cell: u16) -> Result<Telling, Stop> {
    let outcome: EffectOutcome = crate::decode(&event.body, "event")?;
    let state = match outcome.state {
        EffectState::Settled => "settled",
        EffectState::Failed => "failed",
        EffectState::Requested | EffectState::Sent | EffectState::Unknown => "unknown",
    };
    let effect = alloc::format!("{}-{}", outcome.effect.operation, outcome.effect.index);
    Ok(Telling::to(&[])
        .with("effect", EventValue::Number(effect))
        .with("kind", EventValue::Id(u64::from(outcome.kind)))
        .with("state", EventValue::Word(state)))
}

/// What the outside said of an effect.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct EffectResult {
    /// Which effect.
    #[n(0)]
    pub effect: EffectId,
    /// Settled, failed or unknown.
    #[n(1)]
    pub state: EffectState,
    /// What it said, without personal data.
    #[n(2)]
    pub detail: String,
}

/// The event's body: products that react look at the effect's kind.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct EffectOutcome {
    /// Which effect.
    #[n(0)]
    pub effect: EffectId,
    /// Its kind.
    #[n(1)]
    pub kind: u16,
    /// Its product's record.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub body: Vec<u8>,
    /// Settled, failed or unknown.
    #[n(3)]
    pub state: EffectState,
}

/// Names a hold.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct HoldTarget {
    /// Its id.
    #[n(0)]
    pub hold: u64,
}

/// The key of an account's row.
#[must_use]
pub fn account_key(id: AccountId) -> Key {
    Key::new(ACCOUNT).fixed(id.to_bytes())
}

/// The account whose row has this key; `None` for any other key.
#[must_use]
pub fn account_of_key(key: &Key) -> Option<AccountId> {
    let bytes: [u8; 16] = key.as_bytes().get(2..)?.try_into().ok()?;
    (key.table() == ACCOUNT).then(|| AccountId::from_bytes(bytes))
}

/// Product 0.
pub struct Cell;

const fn system_obligation(number: u8, name: &'static str) -> CommandDescriptor {
    obligation_of(number, name, Role::System)
}

const fn obligation_of(number: u8, name: &'static str, role: Role) -> CommandDescriptor {
    let roles: &'static [Role] = match role {
        Role::Operator => &[Role::Operator],
        Role::Peer => &[Role::Peer],
        Role::System | Role::Merchant | Role::Customer => &[Role::System],
    };
    CommandDescriptor { number, name, roles, nature: Nature::Obligation, fingerprint: &[], binding_refusals: &[] }
}

const fn staff_request(
    number: u8,
    name: &'static str,
    fingerprint: &'static [(u16, &'static str)],
) -> CommandDescriptor {
    CommandDescriptor {
        number,
        name,
        roles: &[Role::Operator],
        nature: Nature::Request,
        fingerprint,
        binding_refusals: &[],
    }
}

const COMMANDS: &[CommandDescriptor] = &[
    CommandDescriptor {
        number: 1,
        name: "install_market",
        roles: &[Role::Operator],
        nature: Nature::Obligation,
        fingerprint: &[(0, "cell"), (1, "cell_number")],
        binding_refusals: &[],
    },
    system_obligation(2, "effect_sent"),
    system_obligation(3, "effect_result"),
    system_obligation(4, "expire_hold"),
    obligation_of(5, "link_open", Role::Operator),
    obligation_of(6, "link_receive", Role::Peer),
    obligation_of(7, "link_acknowledge", Role::Peer),
    obligation_of(8, "link_park", Role::Peer),
    obligation_of(9, "retry_parked", Role::Operator),
    system_obligation(10, "activate_market"),
    staff_request(11, "propose", &[(0, "code"), (1, "body")]),
    staff_request(12, "approve", &[(0, "proposal")]),
    staff_request(13, "reject", &[(0, "proposal")]),
];

const fn refusal(
    code: RefusalCode,
    name: &'static str,
    class: RefusalClass,
    meaning: &'static str,
) -> RefusalDescriptor {
    RefusalDescriptor { code, name, class, meaning }
}

const fn of_ledger(ledger: LedgerRefusal, class: RefusalClass, meaning: &'static str) -> RefusalDescriptor {
    #[allow(clippy::arithmetic_side_effects)] // evaluated by the compiler
    refusal(LEDGER_REFUSAL_BASE + ledger.number(), ledger.name(), class, meaning)
}

/// The refusals that any command may meet.
pub const REFUSALS: &[RefusalDescriptor] = &{
    use RefusalClass::{CallersFault, Forbidden, NeedsUser, TryAgain};
    [
        refusal(UNKNOWN_COMMAND, "unknown_command", CallersFault, "No product has this command; nothing happened."),
        refusal(ROLE_FORBIDDEN, "role_forbidden", Forbidden, "The caller's role may not ask this; nothing happened."),
        refusal(BAD_COMMAND_ID, "bad_idempotency_key", CallersFault, "An idempotency key has 1 to 128 bytes."),
        refusal(
            KEY_REUSED,
            "idempotency_key_reused",
            CallersFault,
            "The key was used for another request; the detail names the field that differs. The first request stands.",
        ),
        refusal(BAD_BODY, "bad_request", CallersFault, "A field is missing or out of range; nothing happened."),
        refusal(NO_MARKET, "no_market", TryAgain, "The operator has not installed a market pack yet."),
        refusal(ACCOUNT_NOT_OPEN, "account_not_open", CallersFault, "An account is not open; nothing moved."),
        refusal(
            AMOUNT_OUT_OF_RANGE,
            "amount_out_of_range",
            CallersFault,
            "A sum is larger than the ledger can hold; nothing moved.",
        ),
        refusal(EFFECT_NOT_OPEN, "effect_not_open", CallersFault, "No such effect, or it has ended."),
        refusal(
            QUARANTINED,
            "quarantined",
            TryAgain,
            "The cell met something that must not be and set the command aside; nothing happened. An operator must look.",
        ),
        refusal(
            BAD_MARKET,
            "bad_market",
            CallersFault,
            "The market pack does not fit this cell; the pack in force stays.",
        ),
        refusal(LINK_NOT_OPEN, "link_not_open", TryAgain, "The other operator is not connected; nothing moved."),
        refusal(
            LINK_BACKLOG,
            "link_backlog",
            TryAgain,
            "Too much waits for the other operator; nothing moved. Try again in a while.",
        ),
        refusal(
            ALREADY_RECEIVED,
            "already_received",
            CallersFault,
            "The message was applied before; nothing happened.",
        ),
        refusal(OUT_OF_ORDER, "out_of_order", TryAgain, "A message before this one is missing; nothing happened."),
        refusal(MESSAGE_NOT_PARKED, "message_not_parked", CallersFault, "No such message is parked."),
        refusal(STILL_PARKED, "still_parked", TryAgain, "The message is still not understood; it stays parked."),
        refusal(
            TWO_PEOPLE_NEEDED,
            "two_people_needed",
            Forbidden,
            "This needs one person who proposes it and another who approves; nothing happened.",
        ),
        refusal(
            NOT_A_PERSON,
            "not_a_person",
            Forbidden,
            "Only a member of staff in person proposes, approves and rejects; nothing happened.",
        ),
        refusal(
            SAME_PERSON,
            "same_person",
            Forbidden,
            "Who proposed it may not approve it; it waits for another person.",
        ),
        refusal(PROPOSAL_UNKNOWN, "proposal_not_found", CallersFault, "No proposal has this id; nothing happened."),
        refusal(
            PROPOSAL_ENDED,
            "proposal_ended",
            CallersFault,
            "The proposal has ended; what it did or did not do stands.",
        ),
        of_ledger(LedgerRefusal::AmountZero, CallersFault, "The amount is zero; nothing moved."),
        of_ledger(LedgerRefusal::SameAccount, CallersFault, "Payer and payee are the same; nothing moved."),
        of_ledger(
            LedgerRefusal::CurrencyMismatch,
            CallersFault,
            "The two accounts have different currencies; nothing moved.",
        ),
        of_ledger(LedgerRefusal::HoldNotFound, CallersFault, "No hold has this id; nothing moved."),
        of_ledger(LedgerRefusal::HoldNotPending, CallersFault, "The hold has ended; nothing moved."),
        of_ledger(LedgerRefusal::PostExceedsHold, CallersFault, "More was asked than is held; the hold stands."),
        of_ledger(LedgerRefusal::HoldTimeOver, CallersFault, "The hold's time is over; it will be released."),
        of_ledger(LedgerRefusal::HoldTimeNotOver, CallersFault, "The hold's time is not over; it stands."),
        of_ledger(
            LedgerRefusal::TotalOverflow,
            CallersFault,
            "The account has seen as much money as it can count; nothing moved.",
        ),
        of_ledger(LedgerRefusal::DebitLimit, NeedsUser, "Not enough in the paying account; nothing moved."),
        of_ledger(LedgerRefusal::CreditLimit, NeedsUser, "The paid account may not take this much; nothing moved."),
        of_ledger(
            LedgerRefusal::LinkedSetRefused,
            CallersFault,
            "Another transfer of the linked set was refused; none of the set happened.",
        ),
        of_ledger(
            LedgerRefusal::LinkedSetOpen,
            CallersFault,
            "The last transfer is linked to a next one that is missing; none of the set happened.",
        ),
    ]
};

static DESCRIPTOR: Descriptor = Descriptor {
    number: 0,
    name: "cell",
    commands: COMMANDS,
    refusals: REFUSALS,
    accounts: &[],
    tables: &[
        TableDescriptor { table: ACCOUNT, name: "account", meaning: "an account; key: owner, kind, currency, sub" },
        TableDescriptor { table: HOLD, name: "hold", meaning: "a hold; key: its id" },
        TableDescriptor {
            table: IDEMPOTENCY,
            name: "idempotency",
            meaning: "an answer; key: role, party, command, id",
        },
        TableDescriptor { table: TIMER, name: "timer", meaning: "a command to come; key: due time, operation, place" },
        TableDescriptor { table: EFFECT, name: "effect", meaning: "an effect not ended; key: operation, place" },
        TableDescriptor { table: MARKET, name: "market", meaning: "the market pack in force; one row" },
        TableDescriptor { table: MARKET_PENDING, name: "market_pending", meaning: "the market pack to come; one row" },
        TableDescriptor { table: LINK, name: "link", meaning: "a link to another cell; key: its number" },
        TableDescriptor { table: OUTBOX, name: "outbox", meaning: "a message on its way; key: peer, place" },
        TableDescriptor { table: PARKED, name: "parked", meaning: "a message set aside; key: peer, place" },
        TableDescriptor { table: PROPOSAL, name: "proposal", meaning: "a command for two people; key: its id" },
    ],
    invariants: &[
        InvariantDescriptor {
            name: "debits_equal_credits",
            meaning: "in each currency, all posted debits equal all posted credits, and all pending ones too",
        },
        InvariantDescriptor { name: "limits_hold", meaning: "no account is beyond its limit" },
        InvariantDescriptor {
            name: "holds_match_accounts",
            meaning: "the pending debits and credits of each account are the sum of its pending holds",
        },
    ],
};

impl Product for Cell {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn events(&self) -> &'static [EventDescriptor] {
        EVENTS
    }

    fn decide(&self, command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
        match command.code {
            INSTALL_MARKET => market::install(body(command)?, deciding)?,
            EFFECT_SENT => effect_sent(body(command)?, deciding)?,
            EFFECT_RESULT => effect_result(body(command)?, deciding)?,
            EXPIRE_HOLD => deciding.expire_hold(body::<HoldTarget>(command)?.hold)?,
            LINK_OPEN => link::open(body(command)?, deciding)?,
            LINK_RECEIVE => {
                let incoming: link::Incoming = body(command)?;
                is_peers(command, incoming.peer)?;
                return Ok(crate::encode(&link::receive(&incoming, deciding)?));
            }
            LINK_ACKNOWLEDGE => {
                let acknowledge: link::Acknowledge = body(command)?;
                is_peers(command, acknowledge.peer)?;
                link::acknowledge(acknowledge, deciding)?;
            }
            LINK_PARK => {
                let park: link::ParkMessage = body(command)?;
                is_peers(command, park.incoming.peer)?;
                return Ok(crate::encode(&link::park(park, deciding)?));
            }
            RETRY_PARKED => link::retry(body(command)?, deciding)?,
            ACTIVATE_MARKET => market::activate(&body(command)?, deciding)?,
            PROPOSE => return Ok(crate::encode(&proposal::propose(command, deciding)?)),
            APPROVE => return Ok(crate::encode(&proposal::approve(command, deciding)?)),
            REJECT => proposal::reject(command, deciding)?,
            _ => return Err(Refusal::new(UNKNOWN_COMMAND, "the cell has no such command").into()),
        }
        Ok(Vec::new())
    }

    fn audit(&self, books: &dyn Books, findings: &mut Vec<Finding>) {
        audit(books, findings);
    }

    fn workload(&self) -> Box<dyn Workload> {
        Box::new(UnknownEffects)
    }
}

/// Refuses a peer that speaks in another's name.
fn is_peers(command: &Command, peer: u16) -> Result<(), Stop> {
    if command.caller != Caller::peer(peer) {
        return Err(Refusal::new(ROLE_FORBIDDEN, "the message is of another cell").into());
    }
    Ok(())
}

/// Decodes a command's body.
///
/// # Errors
/// The refusal [`BAD_BODY`].
pub fn body<'b, T: Decode<'b, ()>>(command: &'b Command) -> Result<T, Stop> {
    decode(&command.body, "body").map_err(|_| Refusal::new(BAD_BODY, "the body does not decode").into())
}

/// Refuses a command that came without an idempotency key although it needs one: without it a repeat would be done
/// twice.
///
/// # Errors
/// The refusal [`BAD_COMMAND_ID`].
pub fn require_id(command: &Command) -> Result<(), Stop> {
    if command.id.is_none() {
        return Err(Refusal::new(BAD_COMMAND_ID, "this command needs an idempotency key").into());
    }
    Ok(())
}

fn open_effect(id: EffectId, deciding: &mut Deciding<'_>) -> Result<EffectRecord, Stop> {
    let record = deciding.get::<EffectRecord>(&id.key())?;
    record.ok_or_else(|| Refusal::new(EFFECT_NOT_OPEN, format!("operation {} place {}", id.operation, id.index)).into())
}

fn effect_sent(id: EffectId, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let record = open_effect(id, deciding)?;
    deciding.put(id.key(), &EffectRecord { state: EffectState::Sent, ..record });
    Ok(())
}

fn effect_result(result: EffectResult, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let record = open_effect(result.effect, deciding)?;
    match result.state {
        EffectState::Settled | EffectState::Failed => deciding.remove(result.effect.key()),
        EffectState::Unknown => {
            deciding.put(result.effect.key(), &EffectRecord { state: result.state, ..record.clone() });
        }
        EffectState::Requested | EffectState::Sent => {
            return Err(Refusal::new(BAD_BODY, "a result is settled, failed or unknown").into());
        }
    }
    let EffectRecord { effect, .. } = record;
    let outcome = EffectOutcome { effect: result.effect, kind: effect.kind, body: effect.body, state: result.state };
    deciding.emit(Event { kind: EVENT_EFFECT_OUTCOME, body: crate::encode(&outcome) });
    Ok(())
}

fn audit(books: &dyn Books, findings: &mut Vec<Finding>) {
    use alloc::collections::BTreeMap;
    let mut totals: BTreeMap<u16, [u128; 4]> = BTreeMap::new();
    let mut pending: BTreeMap<AccountId, (u128, u128)> = BTreeMap::new();
    books.rows(HOLD, &mut |key, bytes| match decode::<Hold>(bytes, "hold") {
        Ok(hold) if hold.state == HoldState::Pending => {
            let amount = u128::from(hold.amount.minor());
            let debit = &mut pending.entry(hold.debit).or_default().0;
            *debit = debit.saturating_add(amount);
            let credit = &mut pending.entry(hold.credit).or_default().1;
            *credit = credit.saturating_add(amount);
        }
        Ok(_) => {}
        Err(_) => findings.push(Finding::new("holds_match_accounts", format!("{key:?} does not decode"))),
    });
    books.accounts(&mut |id, account| {
        let sums = totals.entry(id.currency_numeric()).or_default();
        let all = [
            account.debits_posted_minor,
            account.credits_posted_minor,
            account.debits_pending_minor,
            account.credits_pending_minor,
        ];
        for (sum, total) in sums.iter_mut().zip(all) {
            *sum = sum.saturating_add(u128::from(total));
        }
        if !account.limit_holds() {
            findings.push(Finding::new("limits_hold", format!("{id:?}: {account:?}")));
        }
        let held = pending.remove(&id).unwrap_or_default();
        let shown = (u128::from(account.debits_pending_minor), u128::from(account.credits_pending_minor));
        if held != shown {
            findings.push(Finding::new("holds_match_accounts", format!("{id:?}: holds {held:?}, account {shown:?}")));
        }
    });
    for (id, held) in pending {
        findings.push(Finding::new("holds_match_accounts", format!("{id:?} is not open but holds {held:?}")));
    }
    for (currency, [debits, credits, debits_pending, credits_pending]) in totals {
        if debits != credits || debits_pending != credits_pending {
            let detail = format!(
                "currency {currency}: debits {debits}, credits {credits}, pending {debits_pending} and {credits_pending}"
            );
            findings.push(Finding::new("debits_equal_credits", detail));
        }
    }
}

/// The cell's own load: results of effects that never were.
struct UnknownEffects;

impl Workload for UnknownEffects {
    fn next(&mut self, random: &mut Random) -> WorkItem {
        let effect = EffectId { operation: u64::MAX.saturating_sub(random.below(1_000)), index: 0 };
        WorkItem {
            command: Command::new(EFFECT_SENT, Caller::SYSTEM, &effect),
            expectation: Expectation::Refused(EFFECT_NOT_OPEN),
        }
    }

    fn learn(&mut self, _: &Answer) {}
}
