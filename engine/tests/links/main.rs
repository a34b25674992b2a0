//! Links between cells: each message applied exactly once, in order, whatever happens to frames, replies and cells.

mod frames;
mod parcels;
mod pumps;
mod site;
mod steps;
mod watching;
