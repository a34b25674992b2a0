//! Tests of the contract: one file for each promise, tables where they can be.

mod applying;
mod attempt;
mod batch;
mod cell_audit;
mod cell_commands;
mod deciding;
mod decision;
mod evolution;
mod golden;
mod keys;
mod link;
mod market;
mod memory;
mod need;
mod seams;
mod till;
mod totality;
