//! Settlement windows: agreed, settled, disputed, explained.

use std::sync::atomic::{AtomicU64, Ordering};

use sycee_contract::link::{Incoming, Receipt};
use sycee_contract::{Books, Command, Deciding, Descriptor, Event, Finding, Product, Stop, Workload};
use sycee_interop::Interop;
use sycee_interop::clearing::{Direction, clearing_account};
use sycee_interop::command::{CLOSE_WINDOW, CONFIRM_SETTLEMENT, CloseWindow, ConfirmSettlement};
use sycee_interop::message::{ACCEPTED, DRAINING, Payer};
use sycee_interop::refusal::NOTHING_DUE;
use sycee_interop::report::{self, Break, Line, reconcile};
use sycee_interop::window::{OwnWindow, WindowSide, WindowState};
use sycee_money::Currency;
use sycee_sim::auditor;
use sycee_sim::setup::{NETWORK, operator};
use sycee_sim::site::{products_with, products_without};

use crate::bench::{Bench, minor};

fn close(bench: &mut Bench) {
    bench.network.ask(NETWORK, operator(CLOSE_WINDOW, &CloseWindow { window: None })).unwrap();
    bench.network.drain();
}

fn states(bench: &Bench, window: u64, cell: u16) -> [WindowState; 2] {
    let side = bench.network.at(NETWORK).get::<WindowSide>(&WindowSide::key(window, cell)).unwrap();
    let own = bench.network.at(cell).get::<OwnWindow>(&OwnWindow::key(NETWORK, window)).unwrap();
    [side.state, own.state]
}

fn confirm(bench: &mut Bench, window: u64, cell: u16, currency: Currency) -> Result<(), u16> {
    let body = ConfirmSettlement { window, cell, currency, bank_reference: format!("bank {window} {cell}") };
    let answer = bench.network.ask(NETWORK, operator(CONFIRM_SETTLEMENT, &body));
    bench.network.drain();
    answer.map(drop).map_err(|refusal| refusal.code)
}

#[test]
fn a_window_is_the_net_of_its_payments_and_refunds_and_is_settled_once() {
    let mut bench = Bench::new("th", "fr");
    let (thb, eur) = (bench.from.currency(), bench.to.currency());
    let first = bench.pay_printed(1_000);
    bench.pay_printed(1_250);
    bench.refund(first, 400, "a");
    close(&mut bench);
    // 379.58 + 474.48 − 151.83 THB are owed by th; 10.00 + 12.50 − 4.00 EUR to fr.
    for (cell, currency, net_minor, payer) in [(3, thb, 70_223, Payer::Participant), (7, eur, 1_850, Payer::Network)] {
        assert_eq!(states(&bench, 1, cell), [WindowState::Agreed; 2]);
        let ours = report::of_network(bench.network.at(NETWORK).tables(), 1, cell).unwrap();
        let theirs = report::of_participant(bench.network.at(cell).tables(), NETWORK, 1).unwrap();
        for of in [&ours.currencies[0], &theirs.currencies[0]] {
            let sign = if payer == Payer::Participant { 1 } else { -1 };
            assert_eq!((of.net_minor, of.net_of_lines_minor()), (sign * net_minor, sign * net_minor), "cell {cell}");
            assert_eq!(of.payments().values().sum::<i128>(), sign * net_minor);
            let instruction = of.instruction.as_ref().unwrap().instruction;
            assert_eq!((i128::from(instruction.money.amount.minor()), instruction.payer), (net_minor, payer));
            // Monday's window is settled on Tuesday.
            assert_eq!((instruction.money.currency, instruction.due_date), (currency, 20_261_124));
        }
        let name = *theirs.currencies[0].payments().keys().next().unwrap();
        let detail = report::payment(bench.network.at(cell).tables(), cell, name);
        assert_eq!((detail.outgoing.is_some(), detail.incoming.is_some()), (cell == 3, cell == 7));
    }
    let before = auditor::wealth(&bench.network);
    confirm(&mut bench, 1, 3, thb).unwrap();
    confirm(&mut bench, 1, 7, eur).unwrap();
    confirm(&mut bench, 1, 7, eur).unwrap();
    assert_eq!(confirm(&mut bench, 1, 7, thb), Err(NOTHING_DUE));
    for cell in [3, 7] {
        assert_eq!(states(&bench, 1, cell), [WindowState::Settled; 2]);
    }
    for (cell, currency) in [(3, thb), (7, eur)] {
        assert_eq!(bench.balance(cell, clearing_account(NETWORK, currency).id()), (0, 0));
        assert_eq!(bench.balance(NETWORK, clearing_account(cell, currency).id()), (0, 0));
    }
    assert_eq!(auditor::wealth(&bench.network), before, "money between banks stays money in banks");
    // What settles the first window is no part of the second: nothing is due for it.
    close(&mut bench);
    for cell in [3, 7] {
        assert_eq!(states(&bench, 2, cell), [WindowState::Settled; 2]);
        let report = report::of_network(bench.network.at(NETWORK).tables(), 2, cell).unwrap();
        assert_eq!((report.currencies[0].net_minor, report.currencies[0].from_network.len()), (0, 1));
    }
    bench.check_money(&[]);
}

#[test]
fn a_closing_that_was_parked_is_agreed_when_it_is_understood() {
    let mut bench = Bench::new("th", "fr");
    bench.pay_printed(1_000);
    bench.network.open(3, products_without(&[DRAINING]));
    close(&mut bench);
    assert_eq!(states(&bench, 1, 7), [WindowState::Agreed; 2]);
    // The next window's payment comes before the last one's closing is understood.
    bench.pay_printed(1_250);
    bench.open(3);
    assert_eq!(bench.network.retry_parked(), 0);
    assert_eq!(states(&bench, 1, 3), [WindowState::Agreed; 2]);
    bench.check_money(&[]);
}

/// An interop that says it has applied its second acceptance, and has not.
struct Swallowing {
    interop: Interop,
    first: AtomicU64,
    swallowed: AtomicU64,
}

impl Product for Swallowing {
    fn descriptor(&self) -> &'static Descriptor {
        self.interop.descriptor()
    }
    fn decide(&self, command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
        self.interop.decide(command, deciding)
    }
    fn receive(&self, incoming: &Incoming, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
        // A message may be looked at more than once until all that it reads is in memory: its place says which it is.
        let place = incoming.sequence;
        if incoming.message.kind == ACCEPTED {
            let first = self.first.compare_exchange(0, place, Ordering::SeqCst, Ordering::SeqCst);
            if first.is_err_and(|first| first != place) {
                let _ = self.swallowed.compare_exchange(0, place, Ordering::SeqCst, Ordering::SeqCst);
            }
        }
        if self.swallowed.load(Ordering::SeqCst) == place {
            Ok(Receipt::Applied)
        } else {
            self.interop.receive(incoming, deciding)
        }
    }
    fn receive_parked(&self, incoming: &Incoming, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
        self.interop.receive_parked(incoming, deciding)
    }
    fn park(&self, incoming: &Incoming, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
        self.interop.park(incoming, deciding)
    }
    fn react(&self, event: &Event) -> Option<Command> {
        self.interop.react(event)
    }
    fn audit(&self, books: &dyn Books, findings: &mut Vec<Finding>) {
        self.interop.audit(books, findings);
    }
    fn workload(&self) -> Box<dyn Workload> {
        self.interop.workload()
    }
}

#[test]
fn a_dropped_entry_disputes_the_window_and_reconciliation_names_it() {
    let mut bench = Bench::new("th", "fr");
    let swallowing = Swallowing { interop: Interop::default(), first: AtomicU64::new(0), swallowed: AtomicU64::new(0) };
    bench.network.open(3, products_with(Box::new(swallowing)));
    bench.pay_printed(1_000);
    let lost = bench.pay_printed(1_250);
    bench.pay_printed(999);
    assert!(auditor::mirror(&bench.network).is_err(), "the mirror sees it at once");
    let findings = bench.network.at(3).findings(&sycee_registry::products());
    assert!(findings.iter().any(|finding| finding.invariant == "clearing_matches_entries"), "{findings:?}");
    close(&mut bench);
    assert_eq!(states(&bench, 1, 3), [WindowState::Disputed; 2]);
    assert_eq!(states(&bench, 1, 7), [WindowState::Agreed; 2]);
    let thb = bench.from.currency();
    assert_eq!(confirm(&mut bench, 1, 3, thb), Err(NOTHING_DUE), "nothing is paid for sums that differ");
    let ours = report::lines(bench.network.at(NETWORK).tables(), 3, thb, Direction::Sent, 1, 10);
    let theirs = report::lines(bench.network.at(3).tables(), NETWORK, thb, Direction::Received, 1, 10);
    assert_eq!((ours.len(), theirs.len()), (3, 2));
    let [Break::MissingThere { ours: line }] = reconcile(&ours, &theirs)[..] else {
        panic!("{:?}", reconcile(&ours, &theirs))
    };
    assert_eq!(line.payment.unwrap().payment, lost);
    assert_eq!((line.place, line.amount), (2, minor(47_448)));
    let [Break::MissingHere { theirs: line }] = reconcile(&theirs, &ours)[..] else { panic!() };
    assert_eq!(line.payment.unwrap().payment, lost);
}

#[test]
fn reconciliation_names_every_planted_break() {
    let mut bench = Bench::new("th", "fr");
    for price in [1_000, 1_100, 1_200, 1_300, 1_400] {
        bench.pay_printed(price);
    }
    let thb = bench.from.currency();
    let ours = report::lines(bench.network.at(NETWORK).tables(), 3, thb, Direction::Sent, 1, 5);
    let theirs = report::lines(bench.network.at(3).tables(), NETWORK, thb, Direction::Received, 1, 5);
    assert_eq!(ours.len(), 5);
    assert_eq!(reconcile(&ours, &theirs), [], "the times of booking may differ");
    let changed = |change: &dyn Fn(&mut Vec<Line>)| {
        let mut theirs = theirs.clone();
        change(&mut theirs);
        (reconcile(&ours, &theirs), theirs)
    };
    let (breaks, _) = changed(&|theirs| {
        theirs.remove(1);
    });
    assert_eq!(breaks, [Break::MissingThere { ours: ours[1] }]);
    let (breaks, theirs_now) = changed(&|theirs| {
        let extra = Line { place: 6, ..theirs[0] };
        theirs.push(extra);
    });
    assert_eq!(breaks, [Break::MissingHere { theirs: theirs_now[5] }]);
    let (breaks, theirs_now) = changed(&|theirs| theirs.insert(2, theirs[2]));
    assert_eq!(breaks, [Break::MissingHere { theirs: theirs_now[3] }], "an entry that is booked twice");
    let (breaks, theirs_now) = changed(&|theirs| theirs[2].amount = minor(1));
    assert_eq!(breaks, [Break::DifferentAmount { ours: ours[2], theirs: theirs_now[2] }]);
    let (breaks, theirs_now) = changed(&|theirs| theirs[3].payment = theirs[4].payment);
    assert_eq!(breaks, [Break::DifferentPayment { ours: ours[3], theirs: theirs_now[3] }]);
    let (breaks, theirs_now) = changed(&|theirs| {
        theirs[4].settles = true;
        theirs.remove(0);
    });
    let expected =
        [Break::MissingThere { ours: ours[0] }, Break::DifferentAmount { ours: ours[4], theirs: theirs_now[3] }];
    assert_eq!(breaks, expected);
}
