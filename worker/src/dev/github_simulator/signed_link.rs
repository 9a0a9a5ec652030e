//! Links to report files: what they name, and the signature that makes them valid for an hour.
//! The signature keeps tests honest; it protects nothing.

use std::hash::{DefaultHasher, Hash, Hasher};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::model::LinkKind;

/// The six reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportKind {
    OrganizationDay,
    Organization28Days,
    UsersDay,
    Users28Days,
    UserTeamsDay,
    RepositoriesDay,
}

impl ReportKind {
    const ALL: [(Self, &str); 6] = [
        (Self::OrganizationDay, "organization-1-day"),
        (Self::Organization28Days, "organization-28-day"),
        (Self::UsersDay, "users-1-day"),
        (Self::Users28Days, "users-28-day"),
        (Self::UserTeamsDay, "user-teams-1-day"),
        (Self::RepositoriesDay, "repos-1-day"),
    ];

    pub(crate) fn of(path: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|(_, name)| *name == path)
            .map(|(kind, _)| kind)
    }

    pub(crate) fn path(self) -> &'static str {
        Self::ALL
            .into_iter()
            .find(|(kind, _)| *kind == self)
            .map_or("", |(_, name)| name)
    }

    pub(crate) fn is_28_days(self) -> bool {
        matches!(self, Self::Organization28Days | Self::Users28Days)
    }

    /// Into how many files the report is cut.
    pub(crate) fn shards(self) -> usize {
        match self {
            Self::OrganizationDay | Self::Organization28Days | Self::RepositoriesDay => 1,
            Self::UsersDay | Self::UserTeamsDay => 2,
            Self::Users28Days => 3,
        }
    }
}

/// What one file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReportFile {
    pub(crate) organization: String,
    pub(crate) kind: ReportKind,
    /// The day, or the last of 28.
    pub(crate) day: NaiveDate,
    pub(crate) shard: usize,
}

impl ReportFile {
    fn id(&self) -> String {
        let Self {
            organization,
            kind,
            day,
            shard,
        } = self;
        URL_SAFE_NO_PAD.encode(format!("{organization}|{}|{day}|{shard}", kind.path()))
    }

    /// The file an id names.
    pub(crate) fn of(id: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
        let parts: Vec<&str> = text.split('|').collect();
        let [organization, kind, day, shard] = parts.as_slice() else {
            return None;
        };
        Some(Self {
            organization: (*organization).to_owned(),
            kind: ReportKind::of(kind)?,
            day: day.parse().ok()?,
            shard: shard.parse().ok()?,
        })
    }

    /// A signed link to the file.
    pub(crate) fn link(&self, host: &str, kind: LinkKind, seed: u64, now: DateTime<Utc>) -> String {
        let id = self.id();
        let lifetime = if kind == LinkKind::Expired {
            -60
        } else {
            3_600
        };
        let expires = (now + TimeDelta::seconds(lifetime)).timestamp();
        let origin = match kind {
            LinkKind::ForeignHost => {
                "https://copilot-reports.github.com.example.invalid".to_owned()
            }
            _ => format!("http://{host}"),
        };
        format!(
            "{origin}/reports/{id}?se={expires}&sig={}",
            signature(&id, expires, seed)
        )
    }
}

/// The signature of an id that expires at a Unix time.
pub(crate) fn signature(id: &str, expires: i64, seed: u64) -> String {
    let mut hasher = DefaultHasher::new();
    (seed, id, expires, "report").hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
