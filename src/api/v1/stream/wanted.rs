//! What a subscriber asks for.

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT;

use crate::account::Revision;
use crate::api::v1::problem::Problem;
use crate::native::query::Query;

/// So many leases one subscriber may follow.
const LEASES_MAX: usize = 16;

/// How messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Server-sent events.
    Events,
    /// Lines of JSON.
    Lines,
}

impl Format {
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Events => "text/event-stream",
            Self::Lines => "application/x-ndjson",
        }
    }

    fn of(request: &HttpRequest) -> Self {
        let accept = request.headers().get(ACCEPT);
        let lines = accept
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("ndjson"));
        if lines { Self::Lines } else { Self::Events }
    }
}

/// Which messages are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Topics {
    /// Changes of instances, folded.
    pub(super) registry: bool,
    /// What becomes of servers, and notices.
    pub(super) cluster: bool,
    /// Everything that happened, one by one.
    pub(super) events: bool,
}

impl Topics {
    /// How many kinds of them there are.
    pub(super) const KINDS: usize = 8;

    /// Numbers the kinds.
    pub(super) fn kind(self) -> usize {
        [self.registry, self.cluster, self.events]
            .into_iter()
            .fold(0, |kind, wanted| kind * 2 + usize::from(wanted))
    }
}

/// Where a stream begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// Now.
    Now,
    /// After a revision.
    Revision(Revision),
    /// After something that a client calls a position and this server never did.
    Elsewhere,
}

/// All that a subscriber asks for.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) format: Format,
    pub(super) topics: Topics,
    pub(super) since: Since,
    /// Only instances that match.
    pub(super) query: Query,
    /// Whether the snapshot is to have the instances.
    pub(super) rows: bool,
    /// Whose leases to follow, by application and id.
    pub(super) leases: Vec<(String, String)>,
}

impl Wanted {
    pub(super) fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let mut wanted = Self {
            format: Format::of(request),
            topics: Topics::default(),
            since: Since::Now,
            query: Query::default(),
            rows: false,
            leases: Vec::new(),
        };
        let mut topics = "registry,cluster".to_owned();
        for (name, value) in form_urlencoded::parse(request.query_string().as_bytes()) {
            match &*name {
                "since" if !value.is_empty() => wanted.since = since(&value)?,
                "topics" => topics = value.into_owned(),
                "query" => wanted.query = Query::parse(&value).map_err(Problem::Mistake)?,
                "rows" => wanted.rows = matches!(&*value, "yes" | "true" | "1"),
                _ => {}
            }
        }
        wanted.take_topics(&topics)?;
        // A browser that connects again sends the address it began with, and says here how far it came since.
        if let Some(last) = request.headers().get("last-event-id") {
            let last = last.to_str().ok().and_then(|last| last.parse().ok());
            wanted.since = last.map_or(Since::Elsewhere, Since::Revision);
        }
        Ok(wanted)
    }

    fn take_topics(&mut self, topics: &str) -> Result<(), Problem> {
        // An id may have commas, so only what begins a topic ends the one before.
        let words = topics
            .split(',')
            .fold(Vec::<String>::new(), |mut words, word| {
                match words
                    .last_mut()
                    .filter(|last| last.starts_with("lease:") && !begins(word))
                {
                    Some(last) => {
                        last.push(',');
                        last.push_str(word);
                    }
                    None => words.push(word.trim().to_owned()),
                }
                words
            });
        for word in words.iter().filter(|word| !word.is_empty()) {
            match word.as_str() {
                "registry" => self.topics.registry = true,
                "cluster" => self.topics.cluster = true,
                "events" => self.topics.events = true,
                other => self.leases.push(lease(other)?),
            }
        }
        if self.leases.len() > LEASES_MAX {
            let why = format!(
                "{} leases are asked for, and {LEASES_MAX} are the most",
                self.leases.len()
            );
            return Err(Problem::BadQuery(why));
        }
        Ok(())
    }
}

fn begins(word: &str) -> bool {
    let word = word.trim();
    matches!(word, "registry" | "cluster" | "events") || word.starts_with("lease:")
}

fn since(value: &str) -> Result<Since, Problem> {
    let wrong = |_no| {
        Problem::BadQuery(format!(
            "since is {value:?}; a revision is EPOCH-SEQUENCE, two numbers"
        ))
    };
    value.parse().map(Since::Revision).map_err(wrong)
}

fn lease(topic: &str) -> Result<(String, String), Problem> {
    let named = topic
        .strip_prefix("lease:")
        .and_then(|key| key.split_once('/'));
    let (app, id) = named.ok_or_else(|| {
        Problem::BadQuery(format!(
            "there is no topic {topic:?}; topics are registry, cluster, events and lease:APP/ID"
        ))
    })?;
    Ok((app.to_uppercase(), id.to_owned()))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn wanted(query: &str, headers: &[(&'static str, &'static str)]) -> Result<Wanted, Problem> {
        let mut request = TestRequest::with_uri(&format!("/api/v1/stream?{query}"));
        for header in headers {
            request = request.insert_header(*header);
        }
        Wanted::of(&request.to_http_request())
    }

    fn at(epoch: u64, sequence: u64) -> Since {
        Since::Revision(Revision { epoch, sequence })
    }

    #[test]
    fn changes_and_servers_are_told_of_unless_something_else_is_asked_for() {
        let asked = wanted("", &[]).unwrap();
        let usual = Topics {
            registry: true,
            cluster: true,
            events: false,
        };
        assert_eq!(
            (asked.topics, asked.since, asked.format),
            (usual, Since::Now, Format::Events)
        );
        let asked = wanted("topics=events", &[("accept", "application/x-ndjson")]).unwrap();
        assert_eq!((asked.topics.kind(), asked.format), (1, Format::Lines));
    }

    #[test]
    fn how_far_a_client_came_counts_for_more_than_where_it_began() {
        assert_eq!(wanted("since=5-6", &[]).unwrap().since, at(5, 6));
        assert_eq!(
            wanted("since=5-6", &[("last-event-id", "5-9")])
                .unwrap()
                .since,
            at(5, 9)
        );
        let elsewhere = wanted("", &[("last-event-id", "yesterday")]).unwrap().since;
        assert_eq!(elsewhere, Since::Elsewhere);
        assert!(wanted("since=yesterday", &[]).is_err());
    }

    #[test]
    fn leases_are_named_by_application_and_id_commas_included() {
        let asked = wanted("topics=lease:app/a,b,registry,lease:B/c/d", &[]).unwrap();
        let leases =
            [("APP", "a,b"), ("B", "c/d")].map(|(app, id)| (app.to_owned(), id.to_owned()));
        assert_eq!(asked.leases, leases);
        assert!(asked.topics.registry && !asked.topics.cluster);
        assert!(wanted("topics=leases", &[]).is_err());
        let many = vec!["lease:A/b"; LEASES_MAX + 1].join(",");
        assert!(wanted(&format!("topics={many}"), &[]).is_err());
    }
}
