//! Waiting for a row: woken by the batch that writes it, never by anything that is not durable, never too late.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::site::Site;
use sycee_contract::link::{Link, OpenLink};
use sycee_contract::{Caller, Command, cell};
use sycee_engine::{NoReply, Port};

const PEER: u16 = 9;

fn open_link(peer: u16) -> Command {
    Command::new(cell::LINK_OPEN, Caller::OPERATOR, &OpenLink { peer })
}

/// Waits for the link's row in a task of its own; gives back how often the row was looked at so far.
fn wait_for_link(port: Arc<Port>, looks: Arc<AtomicUsize>) -> tokio::task::JoinHandle<Result<u16, String>> {
    tokio::spawn(async move {
        let found = port
            .until(&Link::key(PEER), |link: Option<Link>| {
                looks.fetch_add(1, Ordering::SeqCst);
                link.map(|link| link.peer)
            })
            .await;
        found.map_err(|error| error.to_string())
    })
}

#[tokio::test]
async fn a_watcher_is_woken_by_the_durable_batch_that_writes_its_row_and_by_no_other() {
    let site = Site::new(7);
    let mut driven = site.open().unwrap();
    let looks = Arc::new(AtomicUsize::new(0));
    let waiting = wait_for_link(driven.port(), Arc::clone(&looks));
    tokio::task::yield_now().await;
    assert_eq!(looks.load(Ordering::SeqCst), 1);
    // Another row.
    driven.ask(open_link(8)).unwrap().outcome.unwrap();
    tokio::task::yield_now().await;
    assert_eq!((looks.load(Ordering::SeqCst), waiting.is_finished()), (1, false));
    // Its row, decided and not durable.
    let _receiver = driven.submit(open_link(PEER)).unwrap();
    while driven.decide().unwrap() || driven.cell.sequencer.has_waiting() {}
    tokio::task::yield_now().await;
    assert_eq!((looks.load(Ordering::SeqCst), waiting.is_finished()), (1, false), "nothing is durable yet");
    driven.commit().unwrap();
    assert_eq!(waiting.await.unwrap(), Ok(PEER));
    assert_eq!(looks.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn what_is_there_already_is_found_at_once_and_a_stop_ends_the_wait() {
    let site = Site::new(7);
    let mut driven = site.open().unwrap();
    driven.ask(open_link(PEER)).unwrap().outcome.unwrap();
    let looks = Arc::new(AtomicUsize::new(0));
    assert_eq!(wait_for_link(driven.port(), Arc::clone(&looks)).await.unwrap(), Ok(PEER));
    let port = driven.port();
    let never = tokio::spawn({
        let port = Arc::clone(&port);
        async move { port.until(&Link::key(7), |link: Option<Link>| link.map(|_| ())).await.map_err(|e| e.to_string()) }
    });
    tokio::task::yield_now().await;
    port.stop("the test");
    let error = never.await.unwrap().unwrap_err();
    assert!(error.contains("the test"), "{error}");
    assert!(matches!(port.submit(open_link(7)), Err(NoReply::Stopped(_))));
}

#[test]
fn no_wake_up_is_lost_between_a_writing_thread_and_many_watchers() {
    let site = Site::new(7);
    let mut driven = site.open().unwrap();
    let port = driven.port();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    const ROWS: u16 = 300;
    let waiters: Vec<_> = (1..=ROWS)
        .map(|row| {
            let (port, peer) = (Arc::clone(&port), 100 + row);
            runtime.spawn(async move { port.until(&Link::key(peer), |link: Option<Link>| link.map(|l| l.peer)).await })
        })
        .collect();
    // They begin to watch while this thread writes.
    for row in 1..=ROWS {
        driven.ask(open_link(100 + row)).unwrap().outcome.unwrap();
    }
    for (waiter, row) in waiters.into_iter().zip(1..) {
        assert_eq!(runtime.block_on(waiter).unwrap().unwrap(), 100 + row);
    }
}
