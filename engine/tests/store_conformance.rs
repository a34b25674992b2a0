//! The conformance suite, on every table store there is.

use std::sync::Arc;

use sycee_engine::store::{FjallStore, MemoryStore, TableStore, conformance};

#[test]
fn memory() {
    let store = MemoryStore::new();
    conformance(&mut || Ok(Arc::new(store.clone()))).unwrap();
}

#[test]
fn fjall() {
    let folder = tempfile::tempdir().unwrap();
    conformance(&mut || Ok(Arc::new(FjallStore::open(folder.path())?) as Arc<dyn TableStore>)).unwrap();
}

/// A store that forgets: the suite must notice.
#[test]
fn a_store_that_loses_rows_fails() {
    let error = conformance(&mut || Ok(Arc::new(MemoryStore::new()))).unwrap_err();
    assert!(error.to_string().contains("survives reopening"), "{error}");
}
