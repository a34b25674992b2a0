//! Checks that the apps of merchants are listed.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;

use sycee_contract::{Books, Finding};

use super::each;
use crate::record::{APP, App, MERCHANT_APPS, MerchantApps};

const MATCH: &str = "merchant_apps_match";

pub(super) fn audit(books: &dyn Books, findings: &mut Vec<Finding>) {
    let mut there: BTreeSet<(u64, u64)> = BTreeSet::new();
    each::<App>(books, APP, MATCH, findings, &mut |_, app, _| {
        there.insert((app.merchant, app.app_id));
    });
    each::<MerchantApps>(books, MERCHANT_APPS, MATCH, findings, &mut |key, listed, findings| {
        let merchant = key.number_at(0).unwrap_or(0);
        for app_id in listed.app_ids {
            if !there.remove(&(merchant, app_id)) {
                let detail = format!("merchant {merchant} lists app {app_id}, which is not its own or is listed twice");
                findings.push(Finding::new(MATCH, detail));
            }
        }
    });
    for (merchant, app_id) in there {
        findings.push(Finding::new(MATCH, format!("app {app_id} is not in the list of merchant {merchant}")));
    }
}
