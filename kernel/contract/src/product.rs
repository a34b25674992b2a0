//! Products: their descriptor (a table of contents), their rules, and the list of all of them.

use alloc::boxed::Box;
use alloc::vec::Vec;

use sycee_ledger::AccountKind;

use crate::{
    Adjustment, Books, Caller, Charge, Command, CommandCode, Deciding, Event, Finding, FundingSource, RefusalClass,
    RefusalCode, Role, Stop, Table, Workload,
    cell::Cell,
    link::{self, Incoming, LinkVersions, Receipt},
};

/// Whether somebody asks for something new, or something already owed is booked (law 7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nature {
    /// A new request: guards may refuse it.
    Request,
    /// A refund, a reversal, an expiry, a result from outside: guards see it and may not refuse it.
    Obligation,
}

/// One command of a product.
#[derive(Clone, Copy, Debug)]
pub struct CommandDescriptor {
    /// Its number within the product.
    pub number: u8,
    /// Its name, in `snake_case`.
    pub name: &'static str,
    /// Who may ask it; the product checks which party.
    pub roles: &'static [Role],
    /// Whether guards may refuse it.
    pub nature: Nature,
    /// The fields (number, name) that make a repeat under the same key the same request. Empty: the command needs no
    /// key, because the product's state decides.
    pub fingerprint: &'static [(u16, &'static str)],
    /// The refusals that bind the key: the same key gets the same refusal again. Never one of the class "try again".
    pub binding_refusals: &'static [RefusalCode],
}

/// One refusal of a product.
#[derive(Clone, Copy, Debug)]
pub struct RefusalDescriptor {
    /// Its code, product number × 256 + 1 and up, without gaps.
    pub code: RefusalCode,
    /// Its name, in `snake_case`, shown to clients of our own API.
    pub name: &'static str,
    /// What the caller can do.
    pub class: RefusalClass,
    /// One sentence that says what was wrong and where the money is.
    pub meaning: &'static str,
}

/// One table of a product.
#[derive(Clone, Copy, Debug)]
pub struct TableDescriptor {
    /// Its number.
    pub table: Table,
    /// Its name, in `snake_case`.
    pub name: &'static str,
    /// What a row is, and what its key is made of.
    pub meaning: &'static str,
}

/// Something that holds at every operation.
#[derive(Clone, Copy, Debug)]
pub struct InvariantDescriptor {
    /// Its name, in `snake_case`.
    pub name: &'static str,
    /// What holds.
    pub meaning: &'static str,
}

/// A product's table of contents.
#[derive(Clone, Copy, Debug)]
pub struct Descriptor {
    /// Unique; the high byte of its commands, refusals, tables, account kinds, effects and events.
    pub number: u8,
    /// Its name, in `snake_case`; also its folder's.
    pub name: &'static str,
    /// What it asks and answers.
    pub commands: &'static [CommandDescriptor],
    /// Why it refuses.
    pub refusals: &'static [RefusalDescriptor],
    /// Its chart of accounts.
    pub accounts: &'static [AccountKind],
    /// What it keeps.
    pub tables: &'static [TableDescriptor],
    /// What it promises.
    pub invariants: &'static [InvariantDescriptor],
}

/// A product. All methods are pure: the same arguments give the same result.
pub trait Product: Send + Sync {
    /// Its table of contents.
    fn descriptor(&self) -> &'static Descriptor;

    /// Decides one of its commands: reads and plans through `deciding`, and gives back the encoded reply.
    ///
    /// # Errors
    /// [`Stop`]: keys that are missing, a refusal, or broken records. What was planned so far is thrown away.
    fn decide(&self, command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop>;

    /// Whether this command, asked by the operator, needs two people: one proposes it, another approves. The kernel sees to it
    /// ([`crate::proposal`]).
    fn needs_two_people(&self, command: &Command) -> bool {
        let _ = command;
        false
    }

    /// Whether this person of the operator's staff may propose or approve `command`, one of this product's that needs two people.
    /// The kernel asks for each of the two.
    ///
    /// # Errors
    /// As [`Product::decide`].
    fn may_agree(&self, command: &Command, person: u64, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
        let _ = (command, person, deciding);
        Ok(())
    }

    /// A guard over every plan, whoever made it. For an obligation it must not refuse, but it may count.
    ///
    /// # Errors
    /// As [`Product::decide`].
    fn guard(&self, nature: Nature, caller: Caller, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
        let _ = (nature, caller, deciding);
        Ok(())
    }

    /// The seam *price adjustment*: adds what this product changes in the price of `charge`.
    ///
    /// # Errors
    /// As [`Product::decide`].
    fn adjust(&self, charge: &Charge, deciding: &mut Deciding<'_>, to: &mut Vec<Adjustment>) -> Result<(), Stop> {
        let _ = (charge, deciding, to);
        Ok(())
    }

    /// The seam *funding source*: where this product can take the payer's money from.
    ///
    /// # Errors
    /// As [`Product::decide`].
    fn fund(&self, charge: &Charge, deciding: &mut Deciding<'_>) -> Result<Option<FundingSource>, Stop> {
        let _ = (charge, deciding);
        Ok(None)
    }

    /// The seam *reaction*: the command that this product asks of the cell because of `event`.
    fn react(&self, event: &Event) -> Option<Command> {
        let _ = event;
        None
    }

    /// Takes a message of another cell's that is of one of this product's kinds. It must not refuse what it understands:
    /// a peer's signed credit is booked (law 7). What it does not understand it gives back to be parked. A refusal stops
    /// nothing either: what was planned is taken back, and the message is parked with [`Product::park`].
    ///
    /// # Errors
    /// As [`Product::decide`].
    fn receive(&self, incoming: &Incoming, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
        let _ = (incoming, deciding);
        Ok(Receipt::Park(alloc::string::String::from("this product takes no messages")))
    }

    /// Takes a message again that was parked: [`Receipt::Applied`] takes it out of the parked ones.
    ///
    /// # Errors
    /// As [`Product::decide`].
    fn receive_parked(&self, incoming: &Incoming, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
        self.receive(incoming, deciding)
    }

    /// A message of this product's kinds is parked because no decision could be made on it: the product books what it must.
    ///
    /// # Errors
    /// As [`Product::decide`].
    fn park(&self, incoming: &Incoming, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
        let _ = (incoming, deciding);
        Ok(())
    }

    /// Checks its invariants over all books; adds what does not hold.
    fn audit(&self, books: &dyn Books, findings: &mut Vec<Finding>);

    /// Its load generator.
    fn workload(&self) -> Box<dyn Workload>;
}

/// All products of a binary. The registry makes it; everything that lists products iterates it (law 11).
pub struct Products {
    list: Vec<Box<dyn Product>>,
    by_number: Vec<Option<usize>>,
    link_versions: LinkVersions,
}

impl Products {
    /// The products in the order in which seams and guards ask them. The cell's own commands come first.
    ///
    /// # Errors
    /// The name of a product whose number is taken.
    pub fn new(list: Vec<Box<dyn Product>>) -> Result<Self, &'static str> {
        let mut all: Vec<Box<dyn Product>> = Vec::with_capacity(list.len().saturating_add(1));
        all.push(Box::new(Cell));
        all.extend(list);
        let mut by_number: Vec<Option<usize>> = Vec::new();
        by_number.resize(256, None);
        for (index, product) in all.iter().enumerate() {
            let descriptor = product.descriptor();
            match by_number.get_mut(usize::from(descriptor.number)) {
                Some(slot @ None) => *slot = Some(index),
                _ => return Err(descriptor.name),
            }
        }
        Ok(Self { list: all, by_number, link_versions: link::VERSIONS })
    }

    /// The same products, speaking other versions of the link protocol: for rehearsals of an upgrade.
    #[must_use]
    pub fn with_link_versions(self, link_versions: LinkVersions) -> Self {
        Self { link_versions, ..self }
    }

    /// The versions of the link protocol that these products speak.
    #[must_use]
    pub fn link_versions(&self) -> LinkVersions {
        self.link_versions
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &dyn Product> {
        self.list.iter().map(AsRef::as_ref)
    }

    /// The product of this number.
    #[must_use]
    pub fn get(&self, number: u8) -> Option<&dyn Product> {
        let index = self.by_number.get(usize::from(number)).copied().flatten()?;
        self.list.get(index).map(AsRef::as_ref)
    }

    /// The descriptor of a command, with its product.
    #[must_use]
    pub fn command(&self, code: CommandCode) -> Option<(&dyn Product, &'static CommandDescriptor)> {
        let [product, number] = code.to_be_bytes();
        let product = self.get(product)?;
        let descriptor = product.descriptor().commands.iter().find(|command| command.number == number)?;
        Some((product, descriptor))
    }

    /// The descriptor of a refusal.
    #[must_use]
    pub fn refusal(&self, code: RefusalCode) -> Option<&'static RefusalDescriptor> {
        let [product, _] = code.to_be_bytes();
        self.get(product)?.descriptor().refusals.iter().find(|refusal| refusal.code == code)
    }

    /// The kind of an account.
    #[must_use]
    pub fn account_kind(&self, number: u16) -> Option<&'static AccountKind> {
        let [product, _] = number.to_be_bytes();
        self.get(product)?.descriptor().accounts.iter().find(|kind| kind.number == number)
    }
}
