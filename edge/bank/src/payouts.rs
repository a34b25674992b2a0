//! Carries the effect *payout* out (law 6): requested → committed as sent → its file leaves → settled, returned or unknown as the
//! bank says. A payout that was sent and of which nothing is heard is asked about; it is sent again only if the bank says that it has
//! never seen it, and under the same number.
//!
//! What the bank says enters the cell by the command `payout_result`, which moves the money, and then by `effect_result`, which ends
//! the effect. A process that dies in between finds the effect open, asks, and is told the same.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::civil::Date;
use sycee_acquiring::parse_trade_no;
use sycee_acquiring::payout::{EFFECT_PAYOUT, PAYOUT_RESULT, Payout, PayoutResult, PayoutState};
use sycee_contract::cell::{EFFECT_RESULT, EFFECT_SENT, EffectResult};
use sycee_contract::{Caller, Command, EffectId, EffectState, decode};
use sycee_engine::outbound::{NextStep, Outbound, next_step};
use sycee_engine::vault::{BankAccount, Handle};
use sycee_engine::{CellHandle, World};
use tracing::{error, warn};

use crate::answer::{self, Answer, Outcome};
use crate::bank::{Bank, Standing};
use crate::payment::{self, CreditTransfer, PaymentFile};

/// How many payouts one file has at most.
const FILE_PAYMENTS: usize = 500;
/// How long after it was sent a payout is asked about, and how long after it was said to be under way.
const ASK_AFTER_NS: u64 = 3_600 * 1_000_000_000;
/// How long after its day has come a payout may be without an answer until it counts as unknown: a person is told.
const UNKNOWN_AFTER_ASKS: u32 = 3;
/// How often the effects are looked at although nothing has moved: a test clock jumps without a sound.
const POLL: Duration = Duration::from_millis(250);
/// How often one pass looks for answers that its own questions have brought.
const ROUNDS: usize = 4;

/// A payout that is open.
struct Open {
    payout: Payout,
    step: NextStep,
    due_at_ns: u64,
    silent_asks: u32,
}

/// A cell and its bank.
struct Desk {
    cell: Arc<CellHandle>,
    bank: Arc<dyn Bank>,
    operator: BankAccount,
    open: Mutex<(BTreeMap<EffectId, Open>, Option<EffectId>)>,
}

/// Pays merchants out. One for a server, over all cells that have a bank.
pub struct Payouts {
    world: Arc<World>,
    desks: Vec<Arc<Desk>>,
    /// One pass at a time: files have an order.
    running: tokio::sync::Mutex<()>,
}

impl Payouts {
    /// Over the banks of cells, by the cell's number; `operator` is the account that pays.
    #[must_use]
    pub fn new(world: Arc<World>, banks: Vec<(u16, Arc<dyn Bank>)>, operator: &BankAccount) -> Self {
        let desk = |(number, bank): (u16, Arc<dyn Bank>)| {
            let cell = Arc::clone(world.numbered(number)?);
            Some(Arc::new(Desk { cell, bank, operator: operator.clone(), open: Mutex::default() }))
        };
        let desks = banks.into_iter().filter_map(desk).collect();
        Self { world, desks, running: tokio::sync::Mutex::default() }
    }

    /// Pays out in real time, for as long as it is polled.
    pub async fn run(self: Arc<Self>) {
        loop {
            let now_ns = self.world.clock.now_ns();
            if self.next_due_ns().is_some_and(|due_at_ns| due_at_ns <= now_ns) {
                self.run_due(now_ns).await;
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

impl Outbound for Payouts {
    fn next_due_ns(&self) -> Option<u64> {
        self.desks.iter().filter_map(|desk| desk.next_due_ns()).min()
    }

    fn run_due(&self, now_ns: u64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            let _one_at_a_time = self.running.lock().await;
            for desk in &self.desks {
                let (desk, world) = (Arc::clone(desk), Arc::clone(&self.world));
                let cell = desk.cell.name.clone();
                let passed = tokio::task::spawn_blocking(move || desk.pass(&world, now_ns)).await;
                match passed {
                    Ok(Ok(())) => {}
                    Ok(Err(why)) => warn!(cell, "payouts wait: {why}"),
                    Err(panicked) => error!(cell, "a pass over payouts broke off: {panicked}"),
                }
            }
        })
    }
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

impl Desk {
    fn open(&self) -> MutexGuard<'_, (BTreeMap<EffectId, Open>, Option<EffectId>)> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes up payouts that were not seen yet.
    fn look(&self) {
        if self.cell.effects.is_empty() {
            return;
        }
        let mut open = self.open();
        for (id, record) in self.cell.effects.list_after(open.1) {
            open.1 = Some(id);
            if record.effect.kind != EFFECT_PAYOUT {
                continue;
            }
            match decode::<Payout>(&record.effect.body, "payout") {
                Ok(payout) => {
                    let step = next_step(&record);
                    open.0.insert(id, Open { payout, step, due_at_ns: 0, silent_asks: 0 });
                }
                Err(_) => error!(cell = self.cell.name, "an effect of operation {} is no payout", id.operation),
            }
        }
    }

    fn next_due_ns(&self) -> Option<u64> {
        self.look();
        let own = self.open().0.values().map(|open| open.due_at_ns).min();
        own.into_iter().chain(self.bank.next_due_ns()).min()
    }

    fn pass(&self, world: &World, now_ns: u64) -> Result<(), Failed> {
        self.look();
        self.bank.work(now_ns)?;
        self.read_answers()?;
        self.send(world, now_ns)?;
        for _ in 0..ROUNDS {
            self.bank.work(now_ns)?;
            self.read_answers()?;
            if !self.ask(world, now_ns)? {
                return Ok(());
            }
        }
        self.read_answers()
    }

    fn system(&self, code: u16, body: &impl minicbor::Encode<()>) -> Result<Vec<u8>, Failed> {
        let reply = self.cell.port.ask_blocking(Command::new(code, Caller::SYSTEM, body))?;
        reply.outcome.map_err(|refusal| format!("command {code} is refused: {}", refusal.detail).into())
    }

    // ---- sending ----

    /// Commits new payouts as sent, and hands them over, one file for each day and currency.
    fn send(&self, world: &World, now_ns: u64) -> Result<(), Failed> {
        let waiting: Vec<(EffectId, Payout)> = self
            .open()
            .0
            .iter()
            .filter(|(_, open)| open.step == NextStep::MarkSent)
            .map(|(id, open)| (*id, open.payout.clone()))
            .take(FILE_PAYMENTS)
            .collect();
        let mut files: BTreeMap<(u32, u16), Vec<(EffectId, Payout)>> = BTreeMap::new();
        for (id, payout) in waiting {
            if self.account_of(&payout)?.is_none() {
                // It has not left: that nobody can be paid is certain.
                self.end(id, &payout, PayoutState::Returned, (None, Some("the bank account is not known")))?;
                continue;
            }
            self.system(EFFECT_SENT, &id)?;
            if let Some(open) = self.open().0.get_mut(&id) {
                open.step = NextStep::Ask;
                open.due_at_ns = now_ns.saturating_add(ASK_AFTER_NS);
            }
            let key = (payout.execution_date, payout.money.currency.numeric());
            files.entry(key).or_default().push((id, payout));
        }
        for payouts in files.into_values() {
            self.deliver(world, &payouts, now_ns)?;
        }
        Ok(())
    }

    fn account_of(&self, payout: &Payout) -> Result<Option<BankAccount>, Failed> {
        Ok(self.cell.vault.bank_account(Handle(payout.bank_account))?)
    }

    fn deliver(&self, world: &World, payouts: &[(EffectId, Payout)], now_ns: u64) -> Result<(), Failed> {
        let Some((_, first)) = payouts.first() else { return Ok(()) };
        let number = first.number(self.cell.number);
        let mut transfers = Vec::new();
        for (_, payout) in payouts {
            // Whoever has none here had one when it was sent: then the bank is asked, and knows nothing, until a person looks.
            let Some(creditor) = self.account_of(payout)? else { continue };
            let end_to_end_id = payout.number(self.cell.number);
            transfers.push(CreditTransfer { end_to_end_id, money: payout.money, creditor });
        }
        let seconds = i64::try_from(now_ns / 1_000_000_000).unwrap_or(i64::MAX);
        let created_at = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX).to_string();
        let execution_date = date(first.execution_date).ok_or("a payout has no day")?;
        let file = PaymentFile {
            message_id: format!("P{number}"),
            created_at,
            execution_date,
            debtor: self.operator.clone(),
            transfers,
        };
        let fault = world.faults.take(&self.cell.name, "payout");
        self.bank.deliver(&format!("P{number}-{now_ns}.xml"), &payment::write(&file), now_ns, fault)?;
        Ok(())
    }

    // ---- answers ----

    fn read_answers(&self) -> Result<(), Failed> {
        loop {
            let files = self.bank.answers()?;
            if files.is_empty() {
                return Ok(());
            }
            for file in files {
                let understood = answer::read(&file.bytes);
                match &understood {
                    Ok(answers) => answers.iter().try_for_each(|answer| self.take_in(answer))?,
                    Err(why) => {
                        error!(cell = self.cell.name, file = file.name, "a file of the bank is set aside: {why}")
                    }
                }
                self.bank.put_away(&file.name, understood.is_ok())?;
            }
        }
    }

    fn take_in(&self, answer: &Answer) -> Result<(), Failed> {
        let id = parse_trade_no(&answer.end_to_end_id).filter(|(cell, _)| *cell == self.cell.number);
        let payout: Option<Payout> = match id {
            Some((_, id)) => self.cell.port.get(&Payout::key(id))?,
            None => None,
        };
        let Some(payout) = payout.filter(|payout| payout.number(self.cell.number) == answer.end_to_end_id) else {
            error!(cell = self.cell.name, "the bank speaks of a payout that is not here");
            return Ok(());
        };
        if answer.money.is_some_and(|money| money != payout.money) {
            error!(cell = self.cell.name, payout = payout.id, "the bank names another amount: a person must look");
            return Ok(());
        }
        let state = match answer.outcome {
            Outcome::Booked => PayoutState::Settled,
            Outcome::Rejected | Outcome::Returned => PayoutState::Returned,
        };
        let words = (answer.bank_reference.as_deref(), answer.reason.as_deref());
        self.end(payout.effect(), &payout, state, words)
    }

    /// Enters what became of a payout, then ends its effect if it is open.
    fn end(
        &self,
        id: EffectId,
        payout: &Payout,
        state: PayoutState,
        (reference, reason): (Option<&str>, Option<&str>),
    ) -> Result<(), Failed> {
        let shorten = |text: &str, most: usize| text.chars().take(most).collect::<String>();
        let result = PayoutResult {
            payout: payout.id,
            state,
            bank_reference: reference.map(|text| shorten(text, 35)),
            reason: reason.map(|text| shorten(text, 140)),
        };
        self.system(PAYOUT_RESULT, &result)?;
        let is_open = self.open().0.contains_key(&id);
        if is_open {
            let (state, ends) = match state {
                PayoutState::Settled => (EffectState::Settled, true),
                PayoutState::Returned => (EffectState::Failed, true),
                PayoutState::Requested | PayoutState::Unknown => (EffectState::Unknown, false),
            };
            let detail = reason.unwrap_or_default().to_owned();
            self.system(EFFECT_RESULT, &EffectResult { effect: id, state, detail })?;
            if ends {
                self.open().0.remove(&id);
            }
        }
        Ok(())
    }

    // ---- asking ----

    /// Asks about what was sent and is due. Gives back whether there may be more to do at once.
    fn ask(&self, world: &World, now_ns: u64) -> Result<bool, Failed> {
        let due: Vec<(EffectId, Payout)> = self
            .open()
            .0
            .iter()
            .filter(|(_, open)| open.step == NextStep::Ask && open.due_at_ns <= now_ns)
            .map(|(id, open)| (*id, open.payout.clone()))
            .collect();
        let mut is_more = false;
        for (id, payout) in due {
            // A person may have found out meanwhile.
            let current: Option<Payout> = self.cell.port.get(&Payout::key(payout.id))?;
            let state = current.map_or(PayoutState::Requested, |current| current.state);
            if !state.is_open() {
                self.end(id, &payout, state, (None, None))?;
                continue;
            }
            match self.bank.ask(&payout.number(self.cell.number), now_ns)? {
                Standing::NeverSeen => {
                    self.later(id, now_ns, false);
                    self.deliver(world, &[(id, payout)], now_ns)?;
                    is_more = true;
                }
                Standing::UnderWay => {
                    self.later(id, now_ns, false);
                }
                Standing::Answered => {
                    self.later(id, now_ns, false);
                    is_more = true;
                }
                Standing::Silent => {
                    if self.later(id, now_ns, true) == UNKNOWN_AFTER_ASKS {
                        warn!(
                            cell = self.cell.name,
                            payout = payout.id,
                            "the bank does not say what became of a payout"
                        );
                        self.end(id, &payout, PayoutState::Unknown, (None, Some("the bank does not say")))?;
                    }
                }
            }
        }
        Ok(is_more)
    }

    /// Puts the next question off; gives back how often in a row there was no answer.
    fn later(&self, id: EffectId, now_ns: u64, is_silent: bool) -> u32 {
        let mut open = self.open();
        let Some(open) = open.0.get_mut(&id) else { return 0 };
        open.silent_asks = if is_silent { open.silent_asks.saturating_add(1) } else { 0 };
        open.due_at_ns = now_ns.saturating_add(ASK_AFTER_NS);
        open.silent_asks
    }
}

/// The day of a decimal number yyyymmdd.
fn date(number: u32) -> Option<Date> {
    let part = |number: u32| i8::try_from(number).ok();
    Date::new(i16::try_from(number / 10_000).ok()?, part(number / 100 % 100)?, part(number % 100)?).ok()
}
