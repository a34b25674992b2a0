//! Acquiring in a small cell with party and wallet: tables of what it answers, and load with every audit after every step.

mod audits;
mod authorisations;
mod bench;
mod load;
mod members;
mod merchants;
mod offline_codes;
mod orders;
mod payments;
mod payouts;
mod records;
mod refunds;
mod royalties;
mod settlement_audits;
mod settlements;
mod settling;
