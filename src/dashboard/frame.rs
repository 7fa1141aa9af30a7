//! What stands around a page, from what is asked and how things stand.

use web_ui::frame::{Frame, Place, Same, Viewed};
use web_ui::parts::When;

use super::asked::Asked;
use super::needs;
use super::situation::Situation;
use crate::cluster::view::{Member, Standing};

/// What a page says of itself to its frame.
#[derive(Default)]
pub(super) struct About {
    /// Where it stands.
    pub(super) place: Place,
    /// The command that tells the same; empty if there is none.
    pub(super) cli: String,
    /// The path of the API that tells the same; empty if there is none.
    pub(super) api: String,
    /// The topics of the stream that matter to it.
    pub(super) watches: &'static str,
    /// The only application whose changes matter, if there is one.
    pub(super) app: String,
    /// What the search says.
    pub(super) search: String,
}

/// The frame of a page.
pub(super) fn of(asked: &Asked<'_>, situation: &Situation, about: About) -> Frame {
    let cluster = &situation.cluster;
    let link = asked.link();
    let mut frame = Frame {
        place: about.place,
        pages: asked.to_pages(),
        server: asked.to_server(),
        address: asked.address(&cluster.server.url),
        cluster: cluster.name.clone(),
        here: here(situation),
        servers: servers(situation, &link),
        version: cluster.server.version.clone(),
        made: made(situation),
        theme: asked.theme(),
        token: asked.token.clone(),
        said: asked.said(),
        search: about.search,
        same: Same {
            cli: about.cli,
            api: about.api,
            link,
        },
        watches: about.watches,
        watched_app: about.app,
        revision: situation.revision.clone(),
        ..Frame::default()
    };
    let needs = needs::of(situation, &frame);
    frame.needs = needs.len();
    frame.worst = needs.first().map(|need| need.level).unwrap_or_default();
    frame
}

fn made(situation: &Situation) -> When {
    let now = situation.now;
    When::new(now.to_string(), now.as_millis(), now.as_millis())
}

fn here(situation: &Situation) -> Viewed {
    let server = &situation.cluster.server;
    Viewed {
        name: server.name.clone(),
        zone: server.zone.clone(),
        here: true,
        ..Viewed::default()
    }
}

/// All servers by name, with the same page there.
fn servers(situation: &Situation, link: &str) -> Vec<Viewed> {
    let members = situation.cluster.members.iter();
    let members = members.filter(|member| member.standing != Standing::Left);
    let mut servers: Vec<_> = members.map(|member| viewed(member, link)).collect();
    servers.push(here(situation));
    servers.sort_by(|a, b| a.name.cmp(&b.name));
    servers
}

fn viewed(member: &Member, link: &str) -> Viewed {
    let web = member.url.starts_with("http://") || member.url.starts_with("https://");
    let href = match web {
        true => format!("{}/{link}", member.url.trim_end_matches('/')),
        false => String::new(),
    };
    Viewed {
        name: member.name.clone(),
        zone: member.zone.clone(),
        href,
        here: false,
        standing: standing(member.standing),
    }
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Up => "",
        Standing::Suspect => "does not answer",
        Standing::Behind => "behind",
        Standing::Down => "down",
        Standing::Left => "left",
    }
}
