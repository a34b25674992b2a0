//! What every table store must do. A later database passes the same suite (`tests/store_conformance.rs`).

use std::sync::Arc;

use sycee_contract::{Key, Random};

use super::{RowWrite, StoreError, StoredRow, TableStore};

/// Opens the same store again, as after a clean end of the process.
pub type Reopen<'a> = &'a mut dyn FnMut() -> Result<Arc<dyn TableStore>, StoreError>;

fn put(key: &Key, operation: u64, value: &[u8]) -> RowWrite {
    RowWrite { key: key.clone(), operation, value: Some(value.into()) }
}

fn check(holds: bool, what: &str) -> Result<(), StoreError> {
    if holds { Ok(()) } else { Err(StoreError::new(format!("conformance: {what}"))) }
}

/// Runs the suite on an empty store that `reopen` opens.
///
/// # Errors
/// The first thing that does not hold, or the store's own error.
pub fn conformance(reopen: Reopen<'_>) -> Result<(), StoreError> {
    let store = reopen()?;
    rows_and_snapshots(&*store)?;
    scans(&*store)?;
    let before = store.applied();
    store.persist()?;
    drop(store);
    let store = reopen()?;
    check(store.applied() == before, "applied survives reopening")?;
    check(store.get(&Key::new(900).number(7))?.is_some(), "rows survive reopening")?;
    against_a_model(&*store)
}

fn rows_and_snapshots(store: &dyn TableStore) -> Result<(), StoreError> {
    let (a, b) = (Key::new(900).number(7), Key::new(900).text("other"));
    check(store.applied() == 0, "an empty store has applied nothing")?;
    check(store.get(&a)?.is_none(), "an empty store has no row")?;
    store.write(&[put(&a, 1, b"one"), put(&b, 1, b"")], 1)?;
    let first = store.snapshot();
    store.write(&[put(&a, 2, b"two"), RowWrite { key: b.clone(), operation: 2, value: None }], 2)?;
    check(store.applied() == 2, "applied moves with a write")?;
    check(store.get(&a)? == Some(StoredRow { operation: 2, value: b"two".as_slice().into() }), "a row is replaced")?;
    check(store.get(&b)?.is_none(), "a row is removed")?;
    check(first.get(&a)?.map(|row| row.operation) == Some(1), "a snapshot does not move")?;
    check(first.get(&b)?.is_some_and(|row| row.value.is_empty()), "an empty value is a value")?;
    store.write(&[], 3)?;
    check(store.applied() == 3, "an empty write moves applied")
}

fn scans(store: &dyn TableStore) -> Result<(), StoreError> {
    let table = Key::new(901);
    let rows: Vec<RowWrite> = (0..10).map(|n| put(&Key::new(901).number(n), 4, &[1])).collect();
    store.write(&rows, 4)?;
    store.write(&[put(&Key::new(902), 5, &[2])], 5)?;
    let snapshot = store.snapshot();
    let mut seen = Vec::new();
    snapshot.scan(table.as_bytes(), None, &mut |key, _| {
        seen.push(key.to_vec());
        true
    })?;
    check(seen.len() == 10 && seen.is_sorted(), "a scan gives the rows of a prefix in order")?;
    let mut page = Vec::new();
    snapshot.scan(table.as_bytes(), Some(&seen[3]), &mut |key, _| {
        page.push(key.to_vec());
        page.len() < 2
    })?;
    check(page == seen[4..6], "a scan goes on after a key and stops when told")?;
    let mut back = Vec::new();
    snapshot.scan_back(table.as_bytes(), None, &mut |key, _| {
        back.push(key.to_vec());
        true
    })?;
    back.reverse();
    check(back == seen, "a scan back gives the same rows, the last one first")?;
    let mut page = Vec::new();
    snapshot.scan_back(table.as_bytes(), Some(&seen[6]), &mut |key, _| {
        page.push(key.to_vec());
        page.len() < 2
    })?;
    check(page == [seen[5].clone(), seen[4].clone()], "a scan back goes on before a key and stops when told")?;
    let mut none = 0;
    for before in [table.as_bytes(), Key::new(900).as_bytes()] {
        snapshot.scan_back(table.as_bytes(), Some(before), &mut |_, _| {
            none += 1;
            true
        })?;
    }
    check(none == 0, "nothing of a prefix stands before it")?;
    let mut all = 0;
    snapshot.scan_back(table.as_bytes(), Some(Key::new(902).as_bytes()), &mut |_, _| {
        all += 1;
        true
    })?;
    check(all == seen.len(), "a key behind the prefix bounds nothing")
}

fn against_a_model(store: &dyn TableStore) -> Result<(), StoreError> {
    let mut model = std::collections::BTreeMap::new();
    let mut random = Random::new(1);
    for operation in 6..200_u64 {
        let mut writes = std::collections::BTreeMap::new();
        for _ in 0..random.below(20) {
            let key = Key::new(903).number(random.below(50));
            let value = (random.below(4) > 0).then(|| operation.to_be_bytes().to_vec());
            writes.insert(key, value);
        }
        let rows: Vec<RowWrite> = writes
            .iter()
            .map(|(key, value)| RowWrite { key: key.clone(), operation, value: value.as_deref().map(Into::into) })
            .collect();
        store.write(&rows, operation)?;
        for (key, value) in writes {
            match value {
                Some(value) => model.insert(key, value),
                None => model.remove(&key),
            };
        }
    }
    for number in 0..50 {
        let key = Key::new(903).number(number);
        let expected = model.get(&key).map(Vec::as_slice);
        check(store.get(&key)?.as_ref().map(|row| &*row.value) == expected, "rows are as the model says")?;
    }
    let mut count = 0;
    store.snapshot().scan(Key::new(903).as_bytes(), None, &mut |_, _| {
        count += 1;
        true
    })?;
    check(count == model.len(), "a scan gives every row of the model")
}
