//! `cargo xtask ci`: what the server runs is what a developer runs.

use crate::{run::Result, test};

/// The same as `cargo xtask test`.
pub fn run(arguments: &[String]) -> Result {
    test::run(arguments)
}
