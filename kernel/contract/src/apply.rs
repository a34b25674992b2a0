//! Applying a plan: small, the kernel's, the same for ever (law 3).

use sycee_ledger::{Account, AccountId, Hold, HoldState, LedgerRefusal, Movement};

use crate::{EffectId, EffectRecord, EffectState, Key, Plan, Stamp, cell, encode};

/// What a plan is applied to.
pub trait State {
    /// An account, or `None` if it is not open. All accounts that the plan names are in memory.
    fn account(&self, id: AccountId) -> Option<Account>;
    /// Sets an account.
    fn set_account(&mut self, id: AccountId, account: Account);
    /// Writes or removes a row.
    fn set_row(&mut self, key: Key, value: Option<alloc::vec::Vec<u8>>);
}

/// A plan does not fit the state: journal and state do not belong together. The cell must stop; nothing may be assumed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mismatch {
    /// A movement names an account that is not open.
    AccountNotOpen(AccountId),
    /// The ledger refuses a movement that it accepted when the plan was made.
    Refused(LedgerRefusal),
}

/// Applies `plan` with its stamp. Takes the plan by reference: the same plan is in the journal's batch at that time.
///
/// # Errors
/// [`Mismatch`] if state and plan do not belong together. State may then be half changed and must be thrown away.
pub fn apply(plan: &Plan, stamp: &Stamp, state: &mut impl State) -> Result<(), Mismatch> {
    for opening in &plan.openings {
        state.set_account(opening.account, Account::open(opening.class, opening.limit));
    }
    for movement in &plan.movements {
        let (debit_id, credit_id) = (movement.debit(), movement.credit());
        let mut debit = state.account(debit_id).ok_or(Mismatch::AccountNotOpen(debit_id))?;
        let mut credit = state.account(credit_id).ok_or(Mismatch::AccountNotOpen(credit_id))?;
        movement.apply(&mut debit, &mut credit).map_err(Mismatch::Refused)?;
        state.set_account(debit_id, debit);
        state.set_account(credit_id, credit);
        if let Some((key, hold)) = hold_row(movement) {
            state.set_row(key, Some(encode(&hold)));
        }
    }
    for change in &plan.rows {
        state.set_row(change.key.clone(), change.value.as_ref().map(|value| value.to_vec()));
    }
    for (index, effect) in plan.effects.iter().enumerate() {
        let id = EffectId { operation: stamp.operation, index: u16::try_from(index).unwrap_or(u16::MAX) };
        let record =
            EffectRecord { effect: effect.clone(), state: EffectState::Requested, requested_at_ns: stamp.time_ns };
        state.set_row(id.key(), Some(encode(&record)));
    }
    Ok(())
}

/// The row that a movement of a hold leaves behind. `expires_at_ns` of an ended hold is kept as 0.
pub(crate) fn hold_row(movement: &Movement) -> Option<(Key, Hold)> {
    let row = |hold: u64, amount, expires_at_ns, state| {
        let record = Hold { debit: movement.debit(), credit: movement.credit(), amount, expires_at_ns, state };
        Some((Key::new(cell::HOLD).number(hold), record))
    };
    match movement {
        Movement::Transfer { .. } => None,
        Movement::Hold { hold, amount, expires_at_ns, .. } => row(*hold, *amount, *expires_at_ns, HoldState::Pending),
        Movement::PostHold { hold, held, amount, .. } => row(*hold, *held, 0, HoldState::Posted(*amount)),
        Movement::ReleaseHold { hold, held, expired, .. } => {
            row(*hold, *held, 0, if *expired { HoldState::Expired } else { HoldState::Voided })
        }
    }
}
