//! Cell links (decision 12): how messages get from one cell's outbox into another cell, at least once, and are applied exactly
//! once.
//!
//! Each side of a link has a pump, which sends what its cell has for the peer, and an inbox, which takes what the peer sends. The
//! two exchange signed [`Frame`]s and [`FrameReply`]s; a [`Carrier`] moves their bytes, within the process or over HTTP. What
//! makes it exactly once is not here: it is the receiver's row of the link, written in the same plan as what the message
//! does. So frames may be lost, doubled, late and out of order, either side may be killed between any two steps, and days
//! may pass.

mod carrier;
mod counters;
mod frame;
mod identity;
mod inbox;
mod pump;
mod quiet;
pub mod step;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use sycee_contract::MarketRole;
pub use sycee_contract::link::Link;
use tokio::task::JoinSet;

use crate::port::Port;
use crate::reply::NoReply;
use crate::store::StoreError;
use crate::vault::VaultError;
use crate::world::{CellHandle, World};
use carrier::{Direct, Faulty};
use inbox::{Inbox, Sender};
use pump::Pump;

pub use carrier::{Carrier, Delivery, Undelivered};
pub use counters::LinkCounters;
pub use frame::{BadFrame, Frame, FrameMessage, FrameReply, UnverifiedFrame, frame_digest};
pub use identity::{LinkKey, PeerKey};

/// A cell of another process.
pub struct RemotePeer {
    /// Its short name.
    pub name: String,
    /// Its number.
    pub number: u16,
    /// Its public key.
    pub key: PeerKey,
    /// What carries frames to it.
    pub carrier: Arc<dyn Carrier>,
}

/// One side of a link: a cell of this process and its peer.
struct Side {
    cell: Arc<CellHandle>,
    peer_name: String,
    peer: u16,
    peer_key: PeerKey,
    /// The peer's cell, if it is in this process.
    here: Option<Arc<CellHandle>>,
    carrier: Arc<dyn Carrier>,
    counters: Arc<LinkCounters>,
}

/// How one side of a link stands, for those who watch it.
#[derive(Clone, Debug)]
pub struct LinkStatus {
    /// The cell's short name.
    pub cell: String,
    /// The peer's short name.
    pub peer_name: String,
    /// The peer's number.
    pub peer: u16,
    /// Whether the peer is in this process too.
    pub is_here: bool,
    /// The link's row; `None` if it is not open.
    pub link: Option<Link>,
    /// Messages that wait for the peer.
    pub backlog: u64,
    /// What it counts.
    pub counters: Arc<LinkCounters>,
}

impl fmt::Debug for LinkCounters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.lines().map(|(name, _, value)| (name, value))).finish()
    }
}

/// All links of the cells of a process.
pub struct Links {
    world: Arc<World>,
    inboxes: BTreeMap<u16, Arc<Inbox>>,
    keys: BTreeMap<u16, Arc<LinkKey>>,
    sides: Vec<Side>,
}

/// Why links cannot be set up.
#[derive(Debug)]
pub enum LinksError {
    /// A vault does not give the cell's key.
    Vault(VaultError),
    /// A market pack cannot be read.
    Store(StoreError),
    /// Two cells of the same number, two networks, or peers that nobody can be linked with.
    Topology(String),
    /// A link could not be opened.
    Open(String),
}

impl fmt::Display for LinksError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vault(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Topology(error) | Self::Open(error) => f.write_str(error),
        }
    }
}

impl std::error::Error for LinksError {}

impl From<VaultError> for LinksError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

impl From<StoreError> for LinksError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The cell of this process whose market pack makes it the network; `None` if there is none.
///
/// # Errors
/// [`LinksError`]: among others, that there are two.
pub fn network_of(world: &World) -> Result<Option<Arc<CellHandle>>, LinksError> {
    let mut network: Option<Arc<CellHandle>> = None;
    for cell in &world.cells {
        if !cell.market()?.roles.contains(&MarketRole::Network) {
            continue;
        }
        if let Some(other) = &network {
            return Err(LinksError::Topology(format!("cells {} and {} are both the network", other.name, cell.name)));
        }
        network = Some(Arc::clone(cell));
    }
    Ok(network)
}

impl Links {
    /// The links of a world: a star around the network's cell. If that is in this process ([`network_of`]), it is linked with
    /// every other cell here and with every remote peer; otherwise the one remote peer must be it, and every cell here is
    /// linked with that.
    ///
    /// # Errors
    /// [`LinksError`].
    pub fn new(
        world: Arc<World>,
        network: Option<Arc<CellHandle>>,
        remote: Vec<RemotePeer>,
    ) -> Result<Arc<Self>, LinksError> {
        if network.is_none() && remote.len() > 1 {
            let detail = "peers: the network's cell is not here, so the only peer can be that one";
            return Err(LinksError::Topology(detail.into()));
        }
        let mut keys = BTreeMap::new();
        for cell in &world.cells {
            keys.insert(cell.number, Arc::new(LinkKey::of(&cell.vault)?));
        }
        if let Some(peer) = remote.iter().find(|peer| keys.contains_key(&peer.number)) {
            return Err(LinksError::Topology(format!("peers: cell {} has a number that is used here", peer.name)));
        }
        let repeated =
            |(index, peer): (usize, &RemotePeer)| remote[..index].iter().any(|other| other.number == peer.number);
        if let Some((_, peer)) = remote.iter().enumerate().find(|each| repeated(*each)) {
            return Err(LinksError::Topology(format!("peers: cell {} has the number of another peer", peer.name)));
        }
        let mut planned = Plan { world: &world, keys: &keys, senders: BTreeMap::new(), sides: Vec::new() };
        if let Some(network) = &network {
            for cell in world.cells.iter().filter(|cell| cell.number != network.number) {
                planned.within(network, cell);
                planned.within(cell, network);
            }
            remote.iter().for_each(|peer| planned.outside(network, peer));
        } else {
            for peer in &remote {
                world.cells.iter().for_each(|cell| planned.outside(cell, peer));
            }
        }
        let Plan { mut senders, sides: planned, .. } = planned;
        let mut inboxes = BTreeMap::new();
        for cell in &world.cells {
            let inbox = Inbox {
                cell: cell.number,
                port: Arc::clone(&cell.port),
                key: Arc::clone(&keys[&cell.number]),
                clock: Arc::clone(&world.clock),
                senders: senders.remove(&cell.number).unwrap_or_default(),
            };
            inboxes.insert(cell.number, Arc::new(inbox));
        }
        let sides = planned.into_iter().map(|side| side.finish(&world, &inboxes)).collect();
        Ok(Arc::new(Self { world, inboxes, keys, sides }))
    }

    /// Opens every link on the sides that are here; what is open stays as it is. For the start of a server: it may block.
    ///
    /// # Errors
    /// [`LinksError`].
    pub fn open(&self) -> Result<(), LinksError> {
        for side in &self.sides {
            if side.link()?.is_some() {
                continue;
            }
            let what = || format!("link of cell {} with {}", side.cell.name, side.peer_name);
            let reply = side
                .cell
                .port
                .ask_blocking_anywhere(step::open_command(side.peer))
                .map_err(|error: NoReply| LinksError::Open(format!("{}: {error}", what())))?;
            reply.outcome.map_err(|refusal| LinksError::Open(format!("{}: {}", what(), refusal.detail)))?;
        }
        Ok(())
    }

    /// Runs all pumps for as long as it is polled.
    pub async fn run(self: Arc<Self>) {
        let mut pumps = JoinSet::new();
        for side in &self.sides {
            let pump = Pump {
                cell: Arc::clone(&side.cell),
                key: Arc::clone(&self.keys[&side.cell.number]),
                peer: side.peer,
                peer_key: side.peer_key,
                carrier: Arc::clone(&side.carrier),
                clock: Arc::clone(&self.world.clock),
                counters: Arc::clone(&side.counters),
            };
            pumps.spawn(pump.run());
        }
        while let Some(ended) = pumps.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "the pump of a link has ended; what waits is sent after a restart");
            }
        }
        // Nothing to do is no reason to end.
        std::future::pending().await
    }

    /// Takes a frame for one of the cells here; gives back the bytes of the signed reply.
    ///
    /// # Errors
    /// [`BadFrame`].
    pub async fn deliver(&self, bytes: &[u8]) -> Result<Vec<u8>, BadFrame> {
        let frame = UnverifiedFrame::read(bytes)?;
        let inbox = self.inboxes.get(&frame.to()).ok_or(BadFrame::NotLinked)?;
        inbox.take_read(frame, bytes).await
    }

    /// The public key of a cell that is here.
    #[must_use]
    pub fn public_key(&self, cell: u16) -> Option<PeerKey> {
        self.keys.get(&cell).map(|key| key.public())
    }

    /// How every link stands, on each side of it that is here.
    ///
    /// # Errors
    /// The table store's.
    pub fn status(&self) -> Result<Vec<LinkStatus>, StoreError> {
        self.sides
            .iter()
            .map(|side| {
                Ok(LinkStatus {
                    cell: side.cell.name.clone(),
                    peer_name: side.peer_name.clone(),
                    peer: side.peer,
                    is_here: side.here.is_some(),
                    link: side.link()?,
                    backlog: side.cell.outbox.backlog(side.peer) as u64,
                    counters: Arc::clone(&side.counters),
                })
            })
            .collect()
    }
}

impl Side {
    fn link(&self) -> Result<Option<Link>, StoreError> {
        let port: &Port = &self.cell.port;
        port.get(&Link::key(self.peer))
    }
}

/// Sides that are being put together: inboxes need all of them before carriers need the inboxes.
struct Plan<'p> {
    world: &'p Arc<World>,
    keys: &'p BTreeMap<u16, Arc<LinkKey>>,
    senders: BTreeMap<u16, BTreeMap<u16, Sender>>,
    sides: Vec<PlannedSide>,
}

struct PlannedSide {
    cell: Arc<CellHandle>,
    peer_name: String,
    peer: u16,
    peer_key: PeerKey,
    reach: Reach,
    counters: Arc<LinkCounters>,
}

enum Reach {
    Here(Arc<CellHandle>),
    Remote(Arc<dyn Carrier>),
}

impl Plan<'_> {
    fn within(&mut self, cell: &Arc<CellHandle>, peer: &Arc<CellHandle>) {
        let key = self.keys[&peer.number].public();
        self.side(cell, peer.name.clone(), peer.number, key, Reach::Here(Arc::clone(peer)));
    }

    fn outside(&mut self, cell: &Arc<CellHandle>, peer: &RemotePeer) {
        let reach = Reach::Remote(Arc::clone(&peer.carrier));
        self.side(cell, peer.name.clone(), peer.number, peer.key, reach);
    }

    fn side(&mut self, cell: &Arc<CellHandle>, peer_name: String, peer: u16, peer_key: PeerKey, reach: Reach) {
        debug_assert!(self.world.numbered(cell.number).is_some());
        let counters = Arc::new(LinkCounters::default());
        let sender = Sender { key: peer_key, counters: Arc::clone(&counters), turn: tokio::sync::Mutex::new(()) };
        self.senders.entry(cell.number).or_default().insert(peer, sender);
        self.sides.push(PlannedSide { cell: Arc::clone(cell), peer_name, peer, peer_key, reach, counters });
    }
}

impl PlannedSide {
    fn finish(self, world: &Arc<World>, inboxes: &BTreeMap<u16, Arc<Inbox>>) -> Side {
        let Self { cell, peer_name, peer, peer_key, reach, counters } = self;
        let (here, carrier): (_, Arc<dyn Carrier>) = match reach {
            Reach::Here(handle) => {
                let inbox = Arc::clone(&inboxes[&handle.number]);
                (Some(handle), Arc::new(Direct(inbox)))
            }
            Reach::Remote(carrier) => (None, carrier),
        };
        let carrier: Arc<dyn Carrier> = if world.sandbox {
            Arc::new(Faulty { carrier, world: Arc::clone(world), cell: cell.name.clone(), kept: Mutex::default() })
        } else {
            carrier
        };
        Side { cell, peer_name, peer, peer_key, here, carrier, counters }
    }
}
