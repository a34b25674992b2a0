//! The operator's bank: merchants' payouts leave as files (ISO 20022 `pain.001.001.09`), what became of them comes back as files
//! (`pain.002.001.10`, `camt.054.001.08`).
//!
//! [`payouts`] carries the effect *payout* out: it commits that a payout is sent before its file leaves, reads what the bank
//! answers, and asks where no answer comes; it never guesses and never sends blindly again. [`bank`] is what it needs of a bank,
//! [`simulated`] one that works in folders and can be made to misbehave. [`payment`], [`answer`] and [`xml`] know the files only.

pub mod answer;
pub mod bank;
pub mod payment;
pub mod payouts;
pub mod simulated;
pub mod xml;

pub use bank::{Bank, Standing};
pub use payouts::Payouts;
pub use simulated::SimulatedBank;
