//! What must hold in each cell and across all of them, recomputed from rows and accounts. The mirror may be asked at any
//! moment; the rest when messages have drained.

use std::collections::BTreeMap;

use sycee_contract::{Books, Products};
use sycee_interop::clearing::{CLEARING, Direction, Entry, Tally};
use sycee_interop::message::StreamTotals;
use sycee_ledger::{Account, AccountClass, AccountId};
use sycee_money::Currency;

use crate::network::Network;
use crate::site::Site;

/// The mirror: each receiver's sums of a stream are the sender's at the same count, and clearing accounts differ exactly by the
/// entries on their way. Cells must have applied all layers.
///
/// # Errors
/// What differs.
pub fn mirror(network: &Network) -> Result<(), String> {
    for sender in network.sites() {
        for (peer, currency) in streams(sender) {
            mirror_of(sender, network.at(peer), currency)?;
        }
    }
    Ok(())
}

fn streams(site: &Site) -> Vec<(u16, Currency)> {
    let small = |bytes: &[u8], at: usize| bytes.get(at..at + 2).map(|two| u16::from_be_bytes([two[0], two[1]]));
    let parts = |bytes: &[u8]| Some((small(bytes, 2)?, Currency::from_numeric(small(bytes, 4)?)?));
    site.all::<Tally>().iter().map(|(key, _)| parts(key.as_bytes()).expect("a tally's key")).collect()
}

fn mirror_of(sender: &Site, receiver: &Site, currency: Currency) -> Result<(), String> {
    let (here, there) = (sender.number(), receiver.number());
    let ours = sender.get::<Tally>(&Tally::key(there, currency)).unwrap_or_default();
    let theirs = receiver.get::<Tally>(&Tally::key(here, currency)).unwrap_or_default();
    let wrong = |what: String| Err(format!("{here} → {there} in {currency}: {what}"));
    let count = theirs.received.count;
    if count > ours.sent.count {
        return wrong(format!("received {count}, sent {}", ours.sent.count));
    }
    let at_count = if count == 0 {
        StreamTotals::default()
    } else {
        let key = Entry::key(there, currency, Direction::Sent, count);
        let Some(entry) = sender.get::<Entry>(&key) else { return wrong(format!("no entry {count}")) };
        entry.totals
    };
    if at_count != theirs.received {
        return wrong(format!("at {count} sent {at_count:?}, received {:?}", theirs.received));
    }
    // Every entry, not only the sums: the same amount, for the same payment.
    for place in 1..=count {
        let sent = sender.get::<Entry>(&Entry::key(there, currency, Direction::Sent, place));
        let received = receiver.get::<Entry>(&Entry::key(here, currency, Direction::Received, place));
        let says = |entry: &Option<Entry>| {
            entry
                .as_ref()
                .map(|entry| (entry.amount, entry.owed_to, entry.settles, entry.payment, entry.kind, entry.totals))
        };
        if says(&sent) != says(&received) || sent.is_none() {
            return wrong(format!("entry {place}: sent {sent:?}, received {received:?}"));
        }
    }
    let balance = |site: &Site, peer| {
        let id = sycee_interop::clearing::clearing_account(peer, currency).id();
        Books::account(site.tables(), id).map_or(0, |account| account.balance_minor())
    };
    let both = balance(sender, there) + balance(receiver, here);
    let on_the_way = ours.sent.net_to_sender_minor() - theirs.received.net_to_sender_minor()
        + theirs.sent.net_to_sender_minor()
        - ours.received.net_to_sender_minor();
    if both != on_the_way {
        return wrong(format!("clearing accounts differ by {both}, on the way are {on_the_way}"));
    }
    Ok(())
}

/// The audits of all products in all cells, and that no command met a broken rule.
///
/// # Errors
/// The first findings.
pub fn audits(network: &Network, products: &Products) -> Result<(), String> {
    for site in network.sites() {
        let mut findings = site.findings(products);
        // What people have released and the network then says was paid, the operator owes out of its own pocket: until it has
        // paid, e-money is short by exactly that, and suspense says so.
        if is_short_by_suspense(site) {
            findings.retain(|finding| finding.invariant != "safeguarding_covers_emoney");
        }
        if !findings.is_empty() {
            return Err(format!("cell {}: {} findings, such as {:?}", site.number(), findings.len(), findings[0]));
        }
        if site.quarantined() > 0 {
            return Err(format!("cell {}: {} commands met a broken rule", site.number(), site.quarantined()));
        }
    }
    Ok(())
}

/// Whether, in each currency in which e-money is not covered, exactly what is in suspense is missing.
fn is_short_by_suspense(site: &Site) -> bool {
    let mut covered: BTreeMap<u16, i128> = BTreeMap::new();
    let mut suspense: BTreeMap<u16, i128> = BTreeMap::new();
    site.tables().accounts(&mut |id, account| {
        let currency = id.currency_numeric();
        let covers = [sycee_wallet::SAFEGUARDING.number, CLEARING.number].contains(&id.kind());
        let claimed = [sycee_wallet::BALANCE.number, sycee_acquiring::MERCHANT_BALANCE.number].contains(&id.kind());
        if covers {
            *covered.entry(currency).or_default() += account.balance_minor();
        } else if claimed {
            *covered.entry(currency).or_default() -= account.balance_minor();
        } else if id.kind() == sycee_interop::clearing::SUSPENSE.number {
            *suspense.entry(currency).or_default() += account.balance_minor();
        }
    });
    covered.iter().all(|(currency, minor)| *minor >= 0 || suspense.get(currency) == Some(minor))
}

/// Per currency, over all cells: what banks hold for us, and what of it people and operators can claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Wealth {
    /// Safeguarding, the network's own bank accounts.
    pub banks_minor: i128,
    /// All else, as liabilities and income less other assets and expenses, clearing accounts left out.
    pub claims_minor: i128,
    /// Clearing accounts: zero when nothing is on its way.
    pub clearing_minor: i128,
}

/// Adds up the accounts of all cells.
#[must_use]
pub fn wealth(network: &Network) -> BTreeMap<Currency, Wealth> {
    let mut sums: BTreeMap<Currency, Wealth> = BTreeMap::new();
    for site in network.sites() {
        site.tables().accounts(&mut |id: AccountId, account: &Account| {
            let currency = id.currency().expect("accounts are in currencies of ISO 4217");
            let sum = sums.entry(currency).or_default();
            let posted = i128::from(account.debits_posted_minor) - i128::from(account.credits_posted_minor);
            let bank = [sycee_wallet::SAFEGUARDING.number, sycee_interop::account::NOSTRO.number];
            if bank.contains(&id.kind()) {
                sum.banks_minor += posted;
            } else if id.kind() == CLEARING.number {
                sum.clearing_minor += posted;
            } else {
                sum.claims_minor -= posted;
            }
            debug_assert!(account.class != AccountClass::Expense, "no product has expenses yet");
        });
    }
    sums
}

/// Nothing is held in any account of any cell: when everything has come to its end, all of it is final.
///
/// # Errors
/// The first account that still holds something.
pub fn nothing_is_held(network: &Network) -> Result<(), String> {
    for site in network.sites() {
        let mut held = None;
        site.tables().accounts(&mut |id, account| {
            if (account.debits_pending_minor, account.credits_pending_minor) != (0, 0) {
                held = Some(format!("cell {}: {id:?} {account:?}", site.number()));
            }
        });
        if let Some(what) = held {
            return Err(what);
        }
    }
    Ok(())
}

/// No money was made or lost: in each currency, what banks hold is what was put in, and all of it is claimed by somebody.
/// `put_in` is what the simulator has brought to banks from outside, minor units.
///
/// # Errors
/// What does not add up.
pub fn money_is_kept(network: &Network, put_in: &BTreeMap<Currency, i128>) -> Result<(), String> {
    for (currency, wealth) in wealth(network) {
        let expected = put_in.get(&currency).copied().unwrap_or(0);
        if wealth.banks_minor != expected {
            return Err(format!("{currency}: banks hold {}, {expected} was put in", wealth.banks_minor));
        }
        if wealth.clearing_minor != 0 || wealth.claims_minor != wealth.banks_minor {
            return Err(format!("{currency}: {wealth:?}"));
        }
    }
    Ok(())
}
