//! Tests of the contract: one file for each promise, tables where they can be.

mod applying;
mod batch;
mod cell_audit;
mod cell_commands;
mod deciding;
mod decision;
mod evolution;
mod golden;
mod keys;
mod memory;
mod need;
mod seams;
mod till;
mod totality;
