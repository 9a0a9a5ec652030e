//! Which keys seal the stored secrets, and sealing them anew with the first key of the ring, in batches, while workers run. A secret
//! that does not open is named and left as it is.

use std::{collections::BTreeMap, fmt};

use workflows::domain::team::TeamId;

use super::{
    Store, StoreError,
    credential::{PURPOSE, REFRESH_PURPOSE},
    sealing::Sealed,
};

/// How one key is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    /// Id of the key.
    pub key_id: String,
    /// How many stored secrets it seals.
    pub secrets: u64,
    /// Whether it can be used.
    pub standing: KeyStanding,
}

/// Whether the ring holds a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStanding {
    /// The first: it seals whatever is stored from now on.
    Seals,
    /// A further one: it opens what it sealed before.
    Opens,
    /// The ring does not hold it: what it sealed cannot be opened.
    Missing,
}

/// A secret that does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnopenedSecret {
    /// Login of the team's organization.
    pub team: String,
    /// What the secret is for.
    pub purpose: &'static str,
    /// Id of the key that it was sealed with.
    pub key_id: String,
    /// Whether that key is missing; else the wrong one is given under its id, or the secret is damaged.
    pub is_key_missing: bool,
}

/// What one batch came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rotation {
    /// Secrets that were sealed anew.
    pub rotated: u64,
    /// Secrets that were left as they are.
    pub unopened: Vec<UnopenedSecret>,
    /// The last team looked at; `None`: there is none after the one given.
    pub last: Option<TeamId>,
}

impl fmt::Display for UnopenedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            team,
            purpose,
            key_id,
            ..
        } = self;
        if self.is_key_missing {
            write!(
                f,
                "the {purpose} of {team} needs the key {key_id}, which is missing"
            )
        } else {
            write!(
                f,
                "the {purpose} of {team} does not open with the key {key_id}: it is the wrong key, or the secret is damaged"
            )
        }
    }
}

impl Store {
    /// Every key that seals a secret or is in the ring, by its id.
    pub async fn load_key_uses(&self) -> Result<Vec<KeyUse>, StoreError> {
        let rows = sqlx::query!(
            r#"select key_id as "key_id!", count(*) as "secrets!"
               from (select key_id from credential
                     union all
                     select refresh_key_id from credential where refresh_key_id is not null) as secret
               group by key_id"#,
        )
        .fetch_all(&self.pool)
        .await?;
        let mut secrets: BTreeMap<String, u64> =
            self.keys.ids().map(|id| (id.to_owned(), 0)).collect();
        for row in rows {
            secrets.insert(row.key_id, row.secrets.unsigned_abs());
        }
        let uses = secrets.into_iter().map(|(key_id, secrets)| KeyUse {
            standing: self.key_standing(&key_id),
            key_id,
            secrets,
        });
        Ok(uses.collect())
    }

    /// Opens every secret of the next teams, and seals with the first key of the ring what another one sealed. Rows that somebody
    /// holds are passed over. Errors: `NoKey`.
    pub async fn rotate_keys(&self, after: TeamId, batch: u32) -> Result<Rotation, StoreError> {
        let current = self.keys.current().ok_or(StoreError::NoKey)?;
        let mut tx = self.pool.begin().await?;
        let rows = sqlx::query!(
            r#"select c.team_id, t.slug, c.key_id, c.ciphertext, c.refresh_key_id, c.refresh_ciphertext
               from credential c join team t on t.id = c.team_id
               where c.team_id > $1
               order by c.team_id
               limit $2
               for update of c skip locked"#,
            after.0,
            i64::from(batch),
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut rotation = Rotation::default();
        for row in rows {
            let team = TeamId(row.team_id);
            rotation.last = Some(team);
            let mut anew = |purpose, key_id, ciphertext| {
                let sealed = Sealed { key_id, ciphertext };
                self.seal_anew(team, &row.slug, purpose, sealed, &mut rotation)
            };
            let token = anew(PURPOSE, row.key_id, row.ciphertext)?;
            let refresh = match row.refresh_key_id.zip(row.refresh_ciphertext) {
                Some((key_id, ciphertext)) => Some(anew(REFRESH_PURPOSE, key_id, ciphertext)?),
                None => None,
            };
            let (refresh_key_id, refresh_ciphertext) = refresh
                .map(|sealed| (sealed.key_id, sealed.ciphertext))
                .unzip();
            sqlx::query!(
                r#"update credential set key_id = $2, ciphertext = $3, refresh_key_id = $4, refresh_ciphertext = $5
                   where team_id = $1 and (key_id <> $6 or refresh_key_id <> $6)"#,
                team.0,
                token.key_id,
                token.ciphertext,
                refresh_key_id,
                refresh_ciphertext,
                current,
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(rotation)
    }

    /// The secret as it is to be stored: sealed anew, or as it was when it does not open or needs nothing.
    fn seal_anew(
        &self,
        team: TeamId,
        slug: &str,
        purpose: &'static str,
        sealed: Sealed,
        rotation: &mut Rotation,
    ) -> Result<Sealed, StoreError> {
        let standing = self.key_standing(&sealed.key_id);
        match (self.keys.open(team, purpose, &sealed), standing) {
            (Ok(_), KeyStanding::Seals) => Ok(sealed),
            (Ok(secret), KeyStanding::Opens | KeyStanding::Missing) => {
                let secret = secrecy::SecretString::from(secret);
                rotation.rotated += 1;
                let secret = secrecy::ExposeSecret::expose_secret(&secret);
                self.keys.seal(team, purpose, secret)
            }
            (Err(_), standing) => {
                rotation.unopened.push(UnopenedSecret {
                    team: slug.to_owned(),
                    purpose,
                    key_id: sealed.key_id.clone(),
                    is_key_missing: standing == KeyStanding::Missing,
                });
                Ok(sealed)
            }
        }
    }

    fn key_standing(&self, key_id: &str) -> KeyStanding {
        if self.keys.current() == Some(key_id) {
            KeyStanding::Seals
        } else if self.keys.ids().any(|id| id == key_id) {
            KeyStanding::Opens
        } else {
            KeyStanding::Missing
        }
    }
}
