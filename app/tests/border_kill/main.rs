//! Two real processes, three cells, linked over HTTP: either process is killed with SIGKILL at random moments under load, thirty
//! times. No payment across the border is lost, none is done twice, refunds and cancels come home, and both sides have booked
//! the same.

mod after_sales;
mod books;
mod load;
mod sites;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use load::{Progress, Shared};
use serde_json::json;
use sites::{Line, Site, Sites};
use support::assert_audit;
use sycee_alipay::signature::SigningKey;
use sycee_contract::Random;

const KILLS: u64 = 30;
/// How many customers pay shops' codes.
const PAYERS: usize = 12;
/// How many customers show codes that the shop scans.
const SCANNED: usize = 4;
/// What each customer begins with, satang: below what the highest tier of the Thai pack may have and pay in a day.
const START_MINOR: u64 = 500_000_000;

/// A shop in France with an app and a printed code, and customers with money in Thailand.
fn set_up(sites: &Sites) -> Arc<Shared> {
    let key = SigningKey::generate().unwrap();
    let (mut wallet, mut shops) = (Line::to(&sites.wallet.address()), Line::to(&sites.shops.address()));
    let shop = json!({"cell": "fr", "name": "Border", "app_public_key": key.public_key_base64().unwrap()});
    let shop = shops.post("/sandbox/v1/merchants", &shop);
    let merchant = shop["merchant_id"].as_str().unwrap().to_owned();
    let code = shops.post(&format!("/sandbox/v1/merchants/{merchant}/static-code"), &json!({}));
    let mut customer = |index| {
        let balance = json!({"currency": "THB", "minor": START_MINOR});
        let body = json!({"cell": "th", "name": format!("Traveller {index}"), "balance": balance});
        wallet.post("/sandbox/v1/customers", &body)["customer_id"].as_str().unwrap().to_owned()
    };
    Arc::new(Shared {
        wallet: sites.wallet.address(),
        shops: sites.shops.address(),
        customers: (0..PAYERS + SCANNED).map(&mut customer).collect(),
        merchant,
        code: code["code"].as_str().unwrap().to_owned(),
        app_id: shop["app_id"].as_str().unwrap().to_owned(),
        key,
        progress: Progress::default(),
    })
}

/// Kills one of the two, sometimes both at once, and starts again what was killed.
fn kill_and_restart(sites: &mut Sites, random: &mut Random) -> u64 {
    std::thread::sleep(Duration::from_millis(1 + random.below(400)));
    let chance = random.below(8);
    let mut killed: Vec<&mut Site> = match chance {
        0 => vec![&mut sites.wallet, &mut sites.shops],
        1..=3 => vec![&mut sites.wallet],
        _ => vec![&mut sites.shops],
    };
    for site in &mut killed {
        site.kill();
    }
    if chance == 1 || chance == 4 {
        assert_audit(killed[0].data());
    }
    for site in &mut killed {
        site.start();
    }
    killed.len() as u64
}

#[test]
fn either_side_of_a_border_killed_thirty_times_under_load() {
    let mut sites = Sites::linked();
    let shared = set_up(&sites);
    let mut threads = Vec::new();
    let mut spawn = |seed: usize, run: fn(&Shared, usize, Random)| {
        let shared = Arc::clone(&shared);
        threads.push(std::thread::spawn(move || run(&shared, seed, Random::new(seed as u64))));
    };
    (0..PAYERS).for_each(|customer| spawn(customer, load::pay_until_over));
    (PAYERS..PAYERS + SCANNED).for_each(|customer| spawn(customer, load::show_codes_until_over));
    spawn(PAYERS + SCANNED, after_sales::serve_until_over);

    let mut random = Random::new(20_261_124);
    let mut kills = 0;
    while kills < KILLS {
        kills += kill_and_restart(&mut sites, &mut random);
    }
    // Fast or slow, there is something to compare in the end.
    while !shared.progress.has_load() {
        assert!(!threads.iter().any(std::thread::JoinHandle::is_finished), "a client has given up");
        std::thread::sleep(Duration::from_millis(5));
    }
    shared.progress.over.store(true, Ordering::SeqCst);
    for thread in threads {
        thread.join().unwrap();
    }

    let mut books = books::Books::new(&shared);
    books.wait_until_quiet();
    books.nothing_lost_nothing_twice();
    books.asking_again_pays_nothing();
    books.both_sides_have_booked_the_same();
    println!("{kills} kills, {}, doubles 0", books.summary());
    drop(books);
    for site in [&mut sites.wallet, &mut sites.shops] {
        site.stop();
        let table = assert_audit(site.data());
        assert!(table.contains("seal       intact"), "{table}");
    }
}
