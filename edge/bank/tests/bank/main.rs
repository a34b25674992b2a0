//! Payouts through a simulated bank: files as the standard has them, a bank that misbehaves, and a whole month to the cent.

mod files;
mod month;
mod trouble;
mod world;
