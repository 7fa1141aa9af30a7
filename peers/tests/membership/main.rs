//! The membership room under false time, on a false network.

mod faults;
mod formation;
mod heads;
mod host;
mod network;
mod noise;
mod world;
