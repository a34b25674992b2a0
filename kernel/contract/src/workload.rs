//! Load that knows its expected result: every product brings its own, and the simulator, the generic suites and the benchmark
//! run it.

use alloc::string::String;
use alloc::vec::Vec;

use crate::{Answer, Command, RefusalCode};

/// Deterministic chance for tests and simulation: the SplitMix64 generator (Steele, Lea, Flood 2014). Rules never see it.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator that always gives the same numbers for the same seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 up to, not including, `end` (0 if `end` is 0).
    pub fn below(&mut self, end: u64) -> u64 {
        self.next_u64().checked_rem(end).unwrap_or(0)
    }

    /// One of a slice.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let length = u64::try_from(of.len()).unwrap_or(0);
        let index = usize::try_from(self.below(length)).unwrap_or(0);
        of.get(index)
    }
}

/// What a generated command must come to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expectation {
    /// It is accepted.
    Accepted,
    /// It is refused with this code.
    Refused(RefusalCode),
    /// Either, where the outcome depends on other products' load.
    Any,
}

/// One generated command.
#[derive(Clone, Debug)]
pub struct WorkItem {
    /// The command.
    pub command: Command,
    /// What it must come to.
    pub expectation: Expectation,
}

/// A product's load generator: it models what it has asked for.
pub trait Workload {
    /// Commands that must be done before anything else, such as opening accounts.
    fn prepare(&mut self) -> Vec<WorkItem> {
        Vec::new()
    }
    /// The next command.
    fn next(&mut self, random: &mut Random) -> WorkItem;
    /// Learns the answer to the last command, to follow it up.
    fn learn(&mut self, answer: &Answer);
    /// What was wrong with the last answer beyond its [`Expectation`], such as a balance in a reply that is not the
    /// model's. Whoever runs the load asks after each [`Workload::learn`], and fails on `Some`.
    fn problem(&self) -> Option<String> {
        None
    }
}
