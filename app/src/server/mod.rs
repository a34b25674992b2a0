//! `sycee serve`: opens the cells, serves the edges, stops cleanly.

mod addresses;
mod banks;
mod credentials;
mod doors;
mod participants;
mod peering;
mod secrets;
mod world;

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::Settings;
use crate::web::{self, Brand};

pub use peering::key_text;
pub use world::RunningWorld;

/// How long open requests have to end after SIGTERM.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// One line that says why the server could not start, or did not stop cleanly.
pub fn serve(settings: &Settings) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("no threads for the server: {error}"))?;
    let running = runtime.block_on(async {
        let mut server = Server::start(settings).await?;
        if settings.sandbox {
            eprintln!("*** SANDBOX MODE: test clock, faults and free money for everyone. Never in production. ***");
        }
        tracing::info!(
            "the embedded store keeps one copy: right for trying, testing and small operators on replicated disks"
        );
        // Before the line: whoever waits for it may ask to stop at once.
        let stop = StopSignals::new();
        println!("listening on http://{}", server.address);
        std::io::stdout().flush().map_err(|error| error.to_string())?;
        tokio::select! {
            ended = &mut server.task => return Err(format!("the server ended by itself: {ended:?}")),
            () = stop.received() => {}
        }
        tracing::info!("stopping: no new connections, open requests end");
        Ok(server.end().await)
    })?;
    // What still runs (a call to a receiver that does not answer) is cut, so that nothing holds a file open.
    runtime.shutdown_timeout(Duration::from_secs(1));
    running.stop()
}

/// A server that runs.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it serves.
    pub running: RunningWorld,
    stop: watch::Sender<bool>,
    task: JoinHandle<std::io::Result<()>>,
    background: JoinHandle<()>,
}

impl Server {
    /// Opens everything and begins to listen.
    ///
    /// # Errors
    /// One line.
    pub async fn start(settings: &Settings) -> Result<Self, String> {
        let brand = Brand::load(settings.brand.as_deref())?;
        let listener = TcpListener::bind(&settings.listen)
            .await
            .map_err(|error| format!("cannot listen on {}: {error}", settings.listen))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let base_url = settings.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
        let opening = settings.clone();
        let running = tokio::task::spawn_blocking(move || RunningWorld::open(&opening, base_url))
            .await
            .map_err(|error| error.to_string())??;
        let addresses = Arc::new(addresses::Addresses::new(&settings.limits));
        let limited = axum::middleware::from_fn_with_state(addresses, addresses::limit);
        let (stop, mut stopped) = watch::channel(false);
        let router = doors::router(&running, stopped.clone())?.merge(web::router(&brand, settings.sandbox));
        let router = router.layer(limited).into_make_service_with_connect_info::<SocketAddr>();
        let background = running.start_background();
        running.ready().await;
        let listener = listener.tap_io(|stream| {
            // A reply is one write; waiting to fill a packet only delays it.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY");
            }
        });
        let server = axum::serve(listener, router).with_graceful_shutdown(async move {
            // An error means that the sender is gone, which is a reason to stop too.
            let _told_or_gone = stopped.wait_for(|stop| *stop).await;
        });
        let task = tokio::spawn(async move { server.await });
        Ok(Self { address, running, stop, task, background })
    }

    /// Ends open requests and gives back what they were served from.
    pub async fn end(mut self) -> RunningWorld {
        self.stop.send_replace(true);
        if tokio::time::timeout(STOP_WITHIN, &mut self.task).await.is_err() {
            tracing::warn!("some connections did not end in time and are cut");
            self.task.abort();
        }
        self.background.abort();
        // It was aborted, or had ended: either way it holds nothing any more.
        let _aborted = self.background.await;
        self.running
    }

    /// Ends open requests, stops every cell and seals the data directory.
    ///
    /// # Errors
    /// One line: the data is safe, but the directory is not sealed.
    pub async fn stop(self) -> Result<(), String> {
        let running = self.end().await;
        tokio::task::spawn_blocking(move || running.stop()).await.map_err(|error| error.to_string())?
    }
}

/// SIGTERM and SIGINT, which mean a clean stop from here on; `None` if they cannot be received.
struct StopSignals(Option<(Signal, Signal)>);

impl StopSignals {
    fn new() -> Self {
        match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
            (Ok(terminate), Ok(interrupt)) => Self(Some((terminate, interrupt))),
            _ => {
                tracing::error!("signals cannot be received; stop the server with SIGKILL, it recovers");
                Self(None)
            }
        }
    }

    async fn received(self) {
        let Some((mut terminate, mut interrupt)) = self.0 else { return std::future::pending().await };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

/// What the doors need besides the world.
pub(crate) struct Doors {
    pub alipay: Arc<sycee_alipay::state::Alipay>,
    pub notifier: Arc<sycee_alipay::notifier::Notifier>,
    pub links: Arc<sycee_engine::links::Links>,
    pub feed: Option<Arc<crate::rates::Feed>>,
    pub webhooks: Arc<sycee_api::Webhooks>,
    pub payouts: Option<Arc<sycee_bank::Payouts>>,
}
