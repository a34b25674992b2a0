//! Order strings: a shop's server signs an order, its app hands the text to the customer's wallet, and the wallet brings it here. For
//! whoever is the wallet: an edge that does not know the shop's protocol asks the one that does.

use std::future::Future;
use std::pin::Pin;

/// What an order string asks the customer for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asked {
    /// The number of the cell that it is in.
    pub cell: u16,
    /// The id of an order to be paid, or of an authorisation whose money is to be frozen.
    pub id: u64,
}

/// What the wallet hands back to the shop's app, in the words of the shop's protocol.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AppResult {
    /// How it went, such as `9000`.
    pub status: String,
    /// The same for a person.
    pub memo: String,
    /// What was done, signed, for the shop's server to check; may be empty.
    pub result: String,
}

/// What becomes of an order string.
pub type Opening<'s, T> = Pin<Box<dyn Future<Output = T> + Send + 's>>;

/// Somebody who can read order strings.
pub trait OrderStrings: Send + Sync {
    /// Whether a text is one, by its looks: cheap, and no promise that it is genuine.
    fn is_one(&self, text: &str) -> bool;

    /// Checks one, and makes what it asks for, or finds it if it was made before. Otherwise what the shop's app is told.
    fn open<'s>(&'s self, text: &'s str) -> Opening<'s, Result<Asked, AppResult>>;

    /// What the shop's app is told after this customer has been asked, as it stands now. `is_under_way` says that it is not yet
    /// known what comes of it.
    fn tell<'s>(&'s self, text: &'s str, customer: u64, is_under_way: bool) -> Opening<'s, AppResult>;
}
