//! What several pages show alike. Each part prints itself as HTML.

mod bar;
mod event;
mod heat;
mod lease;
mod level;
mod link;
mod mistake;
mod need;
mod ribbon;
mod search;
mod status;
mod when;

pub use self::bar::{Bar, Share};
pub use self::event::{EventLine, Events};
pub use self::heat::{Cell, HeatMap, HeatRow, Left, Lost, ZoneHead};
pub use self::lease::LeaseLine;
pub use self::level::Level;
pub use self::link::Link;
pub use self::mistake::Mistake;
pub use self::need::Need;
pub use self::ribbon::{Ribbon, Stretch};
pub use self::search::Search;
pub use self::status::{Badge, Status};
pub use self::when::When;
