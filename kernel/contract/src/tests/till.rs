//! Small products of the tests: their descriptor is fixed, each test gives the rules that it is about.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sycee_ledger::{AccountClass, AccountId, AccountKind, Limit, OPERATOR};
use sycee_money::{Amount, Currency};

use crate::cell::body;
use crate::{
    Adjustment, Answer, Books, Caller, Charge, Command, CommandDescriptor, Deciding, Descriptor, Event, Expectation,
    Finding, FundingSource, Key, Nature, Product, Products, Random, Record, Refusal, RefusalClass, RefusalDescriptor,
    Role, Stop, Table, WorkItem, Workload, encode,
};

pub(super) const PURSE: AccountKind = AccountKind {
    number: 0x2001,
    name: "purse",
    class: AccountClass::Liability,
    limit: Limit::DebitsMustNotExceedCredits,
    claimable: true,
};
pub(super) const BANK: AccountKind =
    AccountKind { number: 0x2002, name: "bank", class: AccountClass::Asset, limit: Limit::None, claimable: false };
/// Takes only what it has paid before.
pub(super) const LOAN: AccountKind = AccountKind {
    number: 0x2003,
    name: "loan",
    class: AccountClass::Asset,
    limit: Limit::CreditsMustNotExceedDebits,
    claimable: false,
};

/// A request with a key.
pub(super) const PAY: u16 = 0x2001;
/// An obligation that the operator may ask.
pub(super) const OWED: u16 = 0x2002;
/// What only the cell asks.
pub(super) const TICK: u16 = 0x2003;

pub(super) const UNLUCKY: u16 = 0x2001;
pub(super) const BUSY: u16 = 0x2002;
pub(super) const UNLISTED: u16 = 0x2003;
pub(super) const GUARDED: u16 = 0x2004;

pub(super) const NOTE: Table = 0x2000;
pub(super) const NOTED: u16 = 0x2001;

/// The body of all commands of the till.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(super) struct Pay {
    #[n(0)]
    pub amount: Amount,
    #[n(1)]
    pub to: u64,
    #[n(2)]
    pub memo: Option<String>,
    /// Not in the fingerprint.
    #[n(3)]
    pub hint: Option<u64>,
}

/// A row of the till.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(super) struct Note {
    #[n(0)]
    pub count: u64,
}

impl Record for Note {
    const TABLE: Table = NOTE;
}

pub(super) fn note_key(number: u64) -> Key {
    Key::new(NOTE).number(number)
}

pub(super) fn count_up(number: u64, deciding: &mut Deciding<'_>) -> Result<u64, Stop> {
    let before = deciding.get::<Note>(&note_key(number))?.map_or(0, |note| note.count);
    deciding.put(note_key(number), &Note { count: before + 1 });
    Ok(before + 1)
}

const fn command(number: u8, name: &'static str, roles: &'static [Role], nature: Nature) -> CommandDescriptor {
    CommandDescriptor {
        number,
        name,
        roles,
        nature,
        fingerprint: &[(0, "amount"), (1, "to"), (2, "memo")],
        binding_refusals: &[UNLUCKY, BUSY],
    }
}

const fn refusal(code: u16, name: &'static str, class: RefusalClass) -> RefusalDescriptor {
    RefusalDescriptor { code, name, class, meaning: "It is so in this test." }
}

pub(super) static TILL: Descriptor = Descriptor {
    number: 0x20,
    name: "till",
    commands: &[
        command(1, "pay", &[Role::Customer], Nature::Request),
        command(2, "owed", &[Role::Operator], Nature::Obligation),
        command(3, "tick", &[Role::System], Nature::Obligation),
    ],
    refusals: &[
        refusal(UNLUCKY, "unlucky", RefusalClass::NeedsUser),
        refusal(BUSY, "busy", RefusalClass::TryAgain),
        refusal(UNLISTED, "unlisted", RefusalClass::CallersFault),
        refusal(GUARDED, "guarded", RefusalClass::Forbidden),
    ],
    accounts: &[PURSE, BANK, LOAN],
    tables: &[],
    invariants: &[],
};

pub(super) static SECOND: Descriptor = Descriptor {
    number: 0x21,
    name: "second",
    commands: &[],
    refusals: &[],
    accounts: &[],
    tables: &[],
    invariants: &[],
};

pub(super) static THIRD: Descriptor = Descriptor {
    number: 0x22,
    name: "third",
    commands: &[],
    refusals: &[],
    accounts: &[],
    tables: &[],
    invariants: &[],
};

/// A product whose rules are the test's.
#[derive(Clone, Copy)]
pub(super) struct Scripted {
    pub descriptor: &'static Descriptor,
    pub rule: fn(&Command, &mut Deciding<'_>) -> Result<Vec<u8>, Stop>,
    pub guard: fn(Nature, Caller, &mut Deciding<'_>) -> Result<(), Stop>,
    pub adjust: fn(&Charge, &mut Deciding<'_>, &mut Vec<Adjustment>) -> Result<(), Stop>,
    pub fund: fn(&Charge, &mut Deciding<'_>) -> Result<Option<FundingSource>, Stop>,
    pub react: fn(&Event) -> Option<Command>,
}

impl Scripted {
    /// A product that does nothing but [`pay`].
    pub const fn of(descriptor: &'static Descriptor) -> Self {
        Self {
            descriptor,
            rule: pay,
            guard: |_, _, _| Ok(()),
            adjust: |_, _, _| Ok(()),
            fund: |_, _| Ok(None),
            react: |_| None,
        }
    }
}

impl Product for Scripted {
    fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
    }

    fn decide(&self, command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
        (self.rule)(command, deciding)
    }

    fn guard(&self, nature: Nature, caller: Caller, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
        (self.guard)(nature, caller, deciding)
    }

    fn adjust(&self, charge: &Charge, deciding: &mut Deciding<'_>, to: &mut Vec<Adjustment>) -> Result<(), Stop> {
        (self.adjust)(charge, deciding, to)
    }

    fn fund(&self, charge: &Charge, deciding: &mut Deciding<'_>) -> Result<Option<FundingSource>, Stop> {
        (self.fund)(charge, deciding)
    }

    fn react(&self, event: &Event) -> Option<Command> {
        (self.react)(event)
    }

    fn audit(&self, _: &dyn Books, _: &mut Vec<Finding>) {}

    fn workload(&self) -> Box<dyn Workload> {
        Box::new(Idle)
    }
}

struct Idle;

impl Workload for Idle {
    fn next(&mut self, _: &mut Random) -> WorkItem {
        WorkItem { command: Command::new(TICK, Caller::SYSTEM, &0), expectation: Expectation::Any }
    }

    fn learn(&mut self, _: &Answer) {}
}

/// The till's ordinary rule: the bank pays into a purse, a note counts it, the reply is the count. Some amounts are
/// refused, after all was planned.
pub(super) fn pay(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let Pay { amount, to, .. } = body(command)?;
    deciding.want(&[note_key(to)]);
    deciding.want_account(bank());
    deciding.want_account(purse(to));
    deciding.ready()?;
    deciding.transfer(crate::AccountRef::of(&BANK, OPERATOR, Currency::EUR), purse_ref(to), amount, 7)?;
    let count = count_up(to, deciding)?;
    deciding.timer(deciding.stamp().after_seconds(60), &Command::new(TICK, Caller::SYSTEM, &0));
    match amount.minor() {
        13 => Err(Refusal::new(UNLUCKY, "thirteen").into()),
        14 => Err(Refusal::new(BUSY, "fourteen").into()),
        15 => Err(Refusal::new(UNLISTED, "fifteen").into()),
        16 => Err(Stop::Broken("sixteen")),
        _ => Ok(encode(&count)),
    }
}

/// A till with the ordinary rule, alone.
pub(super) fn till() -> Products {
    Products::new(vec![Box::new(Scripted::of(&TILL))]).unwrap()
}

/// These products, in this order.
pub(super) fn products(list: &[Scripted]) -> Products {
    Products::new(list.iter().map(|product| Box::new(*product) as Box<dyn Product>).collect()).unwrap()
}

pub(super) fn amount(minor: u64) -> Amount {
    Amount::new(minor).unwrap()
}

pub(super) fn purse(owner: u64) -> AccountId {
    PURSE.of(owner, Currency::EUR)
}

pub(super) fn purse_ref(owner: u64) -> crate::AccountRef {
    crate::AccountRef::of(&PURSE, owner, Currency::EUR)
}

pub(super) fn bank() -> AccountId {
    BANK.of(OPERATOR, Currency::EUR)
}

pub(super) fn bank_ref() -> crate::AccountRef {
    crate::AccountRef::of(&BANK, OPERATOR, Currency::EUR)
}

/// The body: `minor` to the purse of `to`.
pub(super) fn pay_body(minor: u64, to: u64) -> Pay {
    Pay { amount: amount(minor), to, memo: None, hint: None }
}

/// The command: the customer 7 asks for `minor` to the purse of `to`.
pub(super) fn pay_command(minor: u64, to: u64) -> Command {
    Command::new(PAY, Caller::customer(7), &pay_body(minor, to))
}
