//! Worlds of real registries and nodes: a sweep over seeds, and stories.

mod clocks;
mod crashes;
mod cuts;
mod flaws;
mod found;
mod protection;
mod starts;
mod story;
mod sweep;
