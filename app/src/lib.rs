//! The app: everything that is not a rule, a protocol or the engine. Threads, files, configuration, the command line.

pub mod admin;
pub mod bench;
pub mod code;
pub mod config;
pub mod demo;
pub mod host;
pub mod link;
pub mod listen;
pub mod market;
pub mod notify;
pub mod operations;
pub mod rates;
pub mod server;
pub mod settlement;
pub mod tools;
pub mod web;
