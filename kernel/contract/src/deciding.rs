//! The growing overlay of one decision: what a rule reads, and what it plans.

mod market;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use sycee_ledger::{
    Account, AccountId, AccountKind, Hold, HoldId, LedgerRefusal, LinkedItem, LinkedOutcome, Movement, decide_linked,
};
use sycee_money::{Amount, Currency};

use crate::apply::hold_row;
use crate::{
    AccountOpening, Adjustment, Charge, Command, Effect, Event, FundingSource, Key, Lookup, Plan, Products, Record,
    RowChange, Stamp, Stop, TimerId, View, cell, decode, encode,
};

/// An account that a movement names. One that is named with its kind is opened if it is not open yet.
#[derive(Clone, Copy, Debug)]
pub struct AccountRef {
    id: AccountId,
    kind: Option<&'static AccountKind>,
}

impl AccountRef {
    /// The account of a kind, opened when first used.
    #[must_use]
    pub fn of(kind: &'static AccountKind, owner: u64, currency: Currency) -> Self {
        Self { id: kind.of(owner, currency), kind: Some(kind) }
    }

    /// The account of a kind with a sub-number, opened when first used.
    #[must_use]
    pub fn with_sub(kind: &'static AccountKind, owner: u64, currency: Currency, sub: u32) -> Self {
        Self { id: AccountId::new(owner, kind.number, currency, sub), kind: Some(kind) }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> AccountId {
        self.id
    }
}

impl From<AccountId> for AccountRef {
    /// An account that must be open already.
    fn from(id: AccountId) -> Self {
        Self { id, kind: None }
    }
}

/// One item of [`Deciding::transfer_batch`].
#[derive(Clone, Copy, Debug)]
pub struct TransferBatchItem {
    /// The account debited; it must be open.
    pub debit: AccountId,
    /// The account credited; it must be open.
    pub credit: AccountId,
    /// How much.
    pub amount: Amount,
    /// What it is for.
    pub code: u16,
    /// Whether it happens only together with the next.
    pub linked: bool,
}

/// One decision. Reads see what was planned before them; nothing outside changes.
pub struct Deciding<'a> {
    stamp: Stamp,
    products: &'a Products,
    view: &'a dyn View,
    rows: BTreeMap<Key, Option<Vec<u8>>>,
    accounts: BTreeMap<AccountId, Account>,
    needed: Vec<Key>,
    plan: Plan,
    ids: u16,
    timers: u16,
    guarded: usize,
    /// What movements are for: from which one on, and the id.
    concerns: Vec<(usize, u64)>,
    undo: Undo,
}

/// What [`Deciding::transfer_batch`] takes back when a linked set is refused.
#[derive(Default)]
struct Undo {
    accounts: Vec<(AccountId, Account)>,
    movements: usize,
}

impl<'a> Deciding<'a> {
    /// A decision that begins.
    #[must_use]
    pub fn new(stamp: Stamp, products: &'a Products, view: &'a dyn View) -> Self {
        Self {
            stamp,
            products,
            view,
            rows: BTreeMap::new(),
            accounts: BTreeMap::new(),
            needed: Vec::new(),
            plan: Plan::default(),
            ids: 0,
            timers: 0,
            guarded: 0,
            concerns: Vec::new(),
            undo: Undo::default(),
        }
    }

    /// Its stamp.
    #[must_use]
    pub fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// All products.
    #[must_use]
    pub fn products(&self) -> &'a Products {
        self.products
    }

    /// The movements planned so far.
    #[must_use]
    pub fn movements(&self) -> &[Movement] {
        &self.plan.movements
    }

    /// Those on which no guard has looked yet. Guards judge these.
    #[must_use]
    pub fn unguarded_movements(&self) -> &[Movement] {
        self.plan.movements.get(self.guarded..).unwrap_or_default()
    }

    /// The same, each with its place in the plan and the id of what it is for, 0 where the rule has not said.
    pub fn unguarded_concerns(&self) -> impl Iterator<Item = (usize, &Movement, u64)> {
        let movements = self.plan.movements.iter().enumerate().skip(self.guarded);
        movements.map(|(place, movement)| {
            let before = self.concerns.iter().rev().find(|(from, _)| *from <= place);
            (place, movement, before.map_or(0, |(_, id)| *id))
        })
    }

    // ---- reading ----

    /// Notes that these keys will be read, so that all that are missing are fetched at once. Follow with
    /// [`Deciding::ready`].
    pub fn want(&mut self, keys: &[Key]) {
        for key in keys {
            if !self.rows.contains_key(key) && matches!(self.view.row(key), Lookup::NotInMemory) {
                self.needed.push(key.clone());
            }
        }
    }

    /// The same for an account.
    pub fn want_account(&mut self, id: AccountId) {
        if !self.accounts.contains_key(&id) && matches!(self.view.account(id), Lookup::NotInMemory) {
            self.needed.push(cell::account_key(id));
        }
    }

    /// Stops here if something wanted is not in memory.
    ///
    /// # Errors
    /// [`Stop::Need`].
    pub fn ready(&self) -> Result<(), Stop> {
        if self.needed.is_empty() { Ok(()) } else { Err(Stop::Need) }
    }

    /// The record of a row.
    ///
    /// # Errors
    /// [`Stop::Need`] if it is not in memory, [`Stop::Broken`] if it does not decode.
    pub fn get<R: Record>(&mut self, key: &Key) -> Result<Option<R>, Stop> {
        debug_assert_eq!(key.table(), R::TABLE);
        let bytes = match self.rows.get(key) {
            Some(Some(bytes)) => bytes.as_slice(),
            Some(None) => return Ok(None),
            None => match self.view.row(key) {
                Lookup::Found(bytes) => bytes,
                Lookup::Absent => return Ok(None),
                Lookup::NotInMemory => {
                    self.needed.push(key.clone());
                    return Err(Stop::Need);
                }
            },
        };
        decode(bytes, "stored record").map(Some)
    }

    /// An account, or `None` if it is not open.
    ///
    /// # Errors
    /// [`Stop::Need`].
    pub fn account(&mut self, id: AccountId) -> Result<Option<Account>, Stop> {
        if let Some(account) = self.accounts.get(&id) {
            return Ok(Some(*account));
        }
        match self.view.account(id) {
            Lookup::Found(account) => Ok(Some(account)),
            Lookup::Absent => Ok(None),
            Lookup::NotInMemory => {
                self.needed.push(cell::account_key(id));
                Err(Stop::Need)
            }
        }
    }

    /// What a new transfer may take from an account, minor units; 0 if it is not open.
    ///
    /// # Errors
    /// [`Stop::Need`].
    pub fn available_minor(&mut self, id: AccountId) -> Result<u64, Stop> {
        let account = self.account(id)?;
        Ok(account.map_or(0, |account| u64::try_from(account.available_minor()).unwrap_or(0)))
    }

    // ---- planning ----

    /// A new internal id: it rises with time and says which operation made it (id ÷ 16).
    ///
    /// # Errors
    /// [`Stop::Broken`] if one operation asks for more than 16, or after 2^60 operations.
    pub fn new_id(&mut self) -> Result<u64, Stop> {
        const WHAT: &str = "more than 16 ids in one operation";
        if self.ids >= 16 {
            return Err(Stop::Broken(WHAT));
        }
        let id = self.stamp.operation.checked_mul(16).and_then(|base| base.checked_add(u64::from(self.ids)));
        self.ids = self.ids.saturating_add(1);
        id.ok_or(Stop::Broken(WHAT))
    }

    /// Writes a row.
    pub fn put<R: Record>(&mut self, key: Key, record: &R) {
        debug_assert_eq!(key.table(), R::TABLE);
        self.rows.insert(key, Some(encode(record)));
    }

    /// Removes a row.
    pub fn remove(&mut self, key: Key) {
        self.rows.insert(key, None);
    }

    /// Opens an account with nothing in it, if it is not open.
    ///
    /// # Errors
    /// [`Stop::Need`].
    pub fn open_account(&mut self, account: AccountRef) -> Result<(), Stop> {
        let Some(kind) = account.kind else { return Ok(()) };
        if self.account(account.id)?.is_none() {
            self.accounts.insert(account.id, Account::open(kind.class, kind.limit));
            self.plan.openings.push(AccountOpening { account: account.id, class: kind.class, limit: kind.limit });
        }
        Ok(())
    }

    /// Moves money now.
    ///
    /// # Errors
    /// [`Stop::Need`], or a refusal of the ledger.
    pub fn transfer(
        &mut self,
        debit: impl Into<AccountRef>,
        credit: impl Into<AccountRef>,
        amount: Amount,
        code: u16,
    ) -> Result<(), Stop> {
        let (debit, credit) = self.open_both(debit.into(), credit.into())?;
        self.movement(Movement::Transfer { debit, credit, amount, code })
    }

    /// Sets money aside; gives back the hold's id. `expires_at_ns` 0 means never by time.
    ///
    /// # Errors
    /// As [`Deciding::transfer`].
    pub fn hold(
        &mut self,
        debit: impl Into<AccountRef>,
        credit: impl Into<AccountRef>,
        amount: Amount,
        expires_at_ns: u64,
        code: u16,
    ) -> Result<HoldId, Stop> {
        let (debit, credit) = self.open_both(debit.into(), credit.into())?;
        let hold = self.new_id()?;
        self.movement(Movement::Hold { hold, debit, credit, amount, expires_at_ns, code })?;
        Ok(hold)
    }

    /// Posts `amount` of a hold and releases the rest.
    ///
    /// # Errors
    /// [`Stop::Need`], or a refusal of the ledger.
    pub fn post_hold(&mut self, hold: HoldId, amount: Amount, code: u16) -> Result<(), Stop> {
        let record = self.held(hold)?;
        record.can_post(amount, self.stamp.time_ns)?;
        let Hold { debit, credit, amount: held, .. } = record;
        self.movement(Movement::PostHold { hold, debit, credit, held, amount, code })
    }

    /// Releases a hold on request.
    ///
    /// # Errors
    /// As [`Deciding::post_hold`].
    pub fn void_hold(&mut self, hold: HoldId) -> Result<(), Stop> {
        let record = self.held(hold)?;
        record.can_void()?;
        self.release(hold, &record, false)
    }

    /// Releases a hold whose time is over.
    ///
    /// # Errors
    /// As [`Deciding::post_hold`].
    pub fn expire_hold(&mut self, hold: HoldId) -> Result<(), Stop> {
        let record = self.held(hold)?;
        record.can_expire(self.stamp.time_ns)?;
        self.release(hold, &record, true)
    }

    /// Decides many transfers between open accounts, linked sets included; those accepted are in the plan.
    ///
    /// # Errors
    /// [`Stop::Need`] if an account is not in memory.
    pub fn transfer_batch(&mut self, items: &[TransferBatchItem]) -> Result<LinkedOutcome, Stop> {
        for item in items {
            for id in [item.debit, item.credit] {
                if !self.accounts.contains_key(&id) {
                    match self.view.account(id) {
                        Lookup::Found(account) => {
                            self.accounts.insert(id, account);
                        }
                        Lookup::Absent => {}
                        Lookup::NotInMemory => self.needed.push(cell::account_key(id)),
                    }
                }
            }
        }
        self.ready()?;
        self.plan.movements.reserve(items.len());
        let mut batch = TransferBatch { deciding: self, items };
        Ok(decide_linked(&mut batch, items.len()))
    }

    /// Says what the movements from here on are for: an id in the rule's own tables, such as an order's. Guards that keep
    /// histories read it; it is not in the plan.
    pub fn concerning(&mut self, id: u64) {
        self.concerns.push((self.plan.movements.len(), id));
    }

    /// Asks something of the outside.
    pub fn effect(&mut self, effect: Effect) {
        self.plan.effects.push(effect);
    }

    /// Sets a timer: at `due_at_ns` the cell will ask `command` of itself.
    pub fn timer(&mut self, due_at_ns: u64, command: &Command) -> TimerId {
        let id = TimerId { due_at_ns, operation: self.stamp.operation, index: self.timers };
        self.timers = self.timers.saturating_add(1);
        let command = Command { timer: Some(id), ..command.clone() };
        self.rows.insert(id.key(), Some(encode(&command)));
        id
    }

    /// Removes a timer, whether or not it has fired.
    pub fn cancel_timer(&mut self, timer: TimerId) {
        self.remove(timer.key());
    }

    /// Says that something happened; reactions become timers that are due at once.
    pub fn emit(&mut self, event: Event) {
        let now = self.stamp.time_ns;
        for product in self.products.iter() {
            if let Some(command) = product.react(&event) {
                self.timer(now, &command);
            }
        }
        self.plan.events.push(event);
    }

    /// Tries `rule`: if it refuses, everything that it planned is taken back and the refusal is given back, so that the
    /// decision can go on with an answer of its own.
    ///
    /// # Errors
    /// [`Stop::Need`] and [`Stop::Broken`]: the decision ends.
    pub fn attempt<T>(
        &mut self,
        rule: impl FnOnce(&mut Self) -> Result<T, Stop>,
    ) -> Result<Result<T, crate::Refusal>, Stop> {
        let rows = self.rows.clone();
        let accounts = self.accounts.clone();
        let plan = &self.plan;
        let lengths = [plan.openings.len(), plan.movements.len(), plan.effects.len(), plan.events.len()];
        let (ids, timers, guarded, concerns) = (self.ids, self.timers, self.guarded, self.concerns.len());
        match rule(self) {
            Ok(done) => Ok(Ok(done)),
            Err(Stop::Refuse(refusal)) => {
                let [openings, movements, effects, events] = lengths;
                self.rows = rows;
                self.accounts = accounts;
                self.plan.openings.truncate(openings);
                self.plan.movements.truncate(movements);
                self.plan.effects.truncate(effects);
                self.plan.events.truncate(events);
                self.concerns.truncate(concerns);
                (self.ids, self.timers, self.guarded) = (ids, timers, guarded);
                Ok(Err(refusal))
            }
            Err(stop) => Err(stop),
        }
    }

    /// Asks all guards about what is planned so far, as of a new request: for a part of an obligation that is one, such as
    /// a payment that a peer's message asks of a customer. What they have looked at here they do not see again.
    ///
    /// # Errors
    /// As [`crate::Product::guard`].
    pub fn guard_request(&mut self, caller: crate::Caller) -> Result<(), Stop> {
        for guard in self.products.iter() {
            guard.guard(crate::Nature::Request, caller, self)?;
        }
        self.guarded = self.plan.movements.len();
        Ok(())
    }

    // ---- seams ----

    /// Asks every product what it changes in a price.
    ///
    /// # Errors
    /// As [`crate::Product::adjust`].
    pub fn adjust(&mut self, charge: &Charge) -> Result<Vec<Adjustment>, Stop> {
        let mut adjustments = Vec::new();
        for product in self.products.iter() {
            product.adjust(charge, self, &mut adjustments)?;
        }
        Ok(adjustments)
    }

    /// The first source, in the order of the registry, that can pay `amount` of `charge`; otherwise the one with the
    /// most, so that the caller can say how much was available. `None` if the payer has none.
    ///
    /// # Errors
    /// As [`crate::Product::fund`].
    pub fn fund(&mut self, charge: &Charge, amount: Amount) -> Result<Option<FundingSource>, Stop> {
        let mut best: Option<FundingSource> = None;
        for product in self.products.iter() {
            if let Some(source) = product.fund(charge, self)? {
                if source.available_minor >= amount.minor() {
                    return Ok(Some(source));
                }
                if best.as_ref().is_none_or(|best| source.available_minor > best.available_minor) {
                    best = Some(source);
                }
            }
        }
        Ok(best)
    }

    // ---- ending ----

    pub(crate) fn into_needed(mut self) -> Vec<Key> {
        self.needed.sort();
        self.needed.dedup();
        self.needed
    }

    pub(crate) fn into_plan(mut self) -> Plan {
        self.plan.rows = self
            .rows
            .into_iter()
            .map(|(key, value)| RowChange { key, value: value.map(minicbor::bytes::ByteVec::from) })
            .collect();
        self.plan
    }

    // ---- inside ----

    fn open_both(&mut self, debit: AccountRef, credit: AccountRef) -> Result<(AccountId, AccountId), Stop> {
        self.want_account(debit.id);
        self.want_account(credit.id);
        self.ready()?;
        self.open_account(debit)?;
        self.open_account(credit)?;
        Ok((debit.id, credit.id))
    }

    fn held(&mut self, hold: HoldId) -> Result<Hold, Stop> {
        // A hold made or ended earlier in this decision is found by its movement: its row appears when the plan is applied.
        let key = Key::new(cell::HOLD).number(hold);
        let planned = self.plan.movements.iter().rev().filter_map(hold_row).find(|(at, _)| *at == key);
        if let Some((_, record)) = planned {
            return Ok(record);
        }
        self.get::<Hold>(&key)?.ok_or_else(|| LedgerRefusal::HoldNotFound.into())
    }

    fn release(&mut self, hold: HoldId, record: &Hold, expired: bool) -> Result<(), Stop> {
        let Hold { debit, credit, amount: held, .. } = *record;
        self.movement(Movement::ReleaseHold { hold, debit, credit, held, expired })
    }

    fn movement(&mut self, movement: Movement) -> Result<(), Stop> {
        let (debit_id, credit_id) = (movement.debit(), movement.credit());
        let (Some(debit), Some(credit)) = (self.account(debit_id)?, self.account(credit_id)?) else {
            return Err(crate::Refusal::new(cell::ACCOUNT_NOT_OPEN, "an account of this movement is not open").into());
        };
        let (debit, credit) = Self::moved(&movement, debit, credit)?;
        self.accounts.insert(debit_id, debit);
        self.accounts.insert(credit_id, credit);
        self.plan.movements.push(movement);
        Ok(())
    }

    fn moved(
        movement: &Movement,
        mut debit: Account,
        mut credit: Account,
    ) -> Result<(Account, Account), LedgerRefusal> {
        // In the ledger's order of precedence: a zero amount is told first.
        if movement_amount(movement).is_some_and(Amount::is_zero) {
            return Err(LedgerRefusal::AmountZero);
        }
        if movement.debit() == movement.credit() {
            return Err(LedgerRefusal::SameAccount);
        }
        if movement.debit().currency_numeric() != movement.credit().currency_numeric() {
            return Err(LedgerRefusal::CurrencyMismatch);
        }
        movement.apply(&mut debit, &mut credit)?;
        Ok((debit, credit))
    }
}

/// What is asked to move or to be set aside; a release asks for nothing.
fn movement_amount(movement: &Movement) -> Option<Amount> {
    match movement {
        Movement::Transfer { amount, .. } | Movement::Hold { amount, .. } | Movement::PostHold { amount, .. } => {
            Some(*amount)
        }
        Movement::ReleaseHold { .. } => None,
    }
}

impl Record for Hold {
    const TABLE: crate::Table = cell::HOLD;
}

/// [`Deciding::transfer_batch`] at work: all accounts that are open are in the overlay.
struct TransferBatch<'d, 'a, 'i> {
    deciding: &'d mut Deciding<'a>,
    items: &'i [TransferBatchItem],
}

impl LinkedItem for TransferBatch<'_, '_, '_> {
    fn is_linked(&self, index: usize) -> bool {
        self.items.get(index).is_some_and(|item| item.linked)
    }

    fn attempt(&mut self, index: usize) -> Result<(), LedgerRefusal> {
        let Some(TransferBatchItem { debit, credit, amount, code, .. }) = self.items.get(index).copied() else {
            return Err(LedgerRefusal::LinkedSetOpen);
        };
        let deciding = &mut *self.deciding;
        let movement = Movement::Transfer { debit, credit, amount, code };
        // An account that is not open has nothing in it, and nothing may be put in: its limit refuses.
        let before_debit = *deciding.accounts.get(&debit).ok_or(LedgerRefusal::DebitLimit)?;
        let before_credit = *deciding.accounts.get(&credit).ok_or(LedgerRefusal::CreditLimit)?;
        let (after_debit, after_credit) = Deciding::moved(&movement, before_debit, before_credit)?;
        deciding.undo.accounts.push((debit, before_debit));
        deciding.undo.accounts.push((credit, before_credit));
        deciding.accounts.insert(debit, after_debit);
        deciding.accounts.insert(credit, after_credit);
        deciding.plan.movements.push(movement);
        Ok(())
    }

    fn mark(&mut self) {
        self.deciding.undo.accounts.clear();
        self.deciding.undo.movements = self.deciding.plan.movements.len();
    }

    fn roll_back(&mut self) {
        let deciding = &mut *self.deciding;
        while let Some((id, account)) = deciding.undo.accounts.pop() {
            deciding.accounts.insert(id, account);
        }
        deciding.plan.movements.truncate(deciding.undo.movements);
    }
}
