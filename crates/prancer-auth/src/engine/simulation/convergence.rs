//! The end of a history: everything works again, all sessions agree, and nothing lives on that nobody knows of.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::sleep;

use super::history::{History, LOSES_TOKENS};
use super::replica::{is_foreign, short};
use super::world::Fault;

impl History {
    /// Everything works again, and all sessions are used: they agree, and no login lives on unknown to all sessions.
    pub(super) async fn quiet(&self) {
        {
            let mut inner = self.world.get();
            inner.portal_down = false;
            inner.answers_lost = false;
            inner.slow = false;
            inner.store_down = false;
            inner.store_hangs = false;
        }
        self.world.log(|| "quiet".to_owned());
        sleep(Duration::from_secs(2 * 60 * 60)).await;
        let mut last = HashMap::new();
        // Where clocks differ, each session may renew once: then it has heard the portal's clock.
        let rounds = if self.world.had(&[Fault::Clock]) {
            8
        } else {
            4
        };
        for round in 0..rounds {
            for replica in self.replicas.iter().filter(|it| it.is_alive()) {
                let token = replica.token().await;
                last.insert(replica.number, short(&token));
                if round > 0 {
                    continue;
                }
                match replica.engine.settled().await {
                    // What belongs to another identity cannot be saved there, and that is said.
                    Err(error) if !is_foreign(&error) => {
                        replica.broken("something is still in flight");
                    }
                    _ => {}
                }
            }
            sleep(Duration::from_secs(90)).await;
        }
        for replica in self.replicas.iter().filter(|it| it.is_alive()) {
            // The portal rejects none that a session holds.
            let rejected = replica
                .engine
                .coordinator
                .update(|it| it.credentials.is_some() && it.lifecycle.credentials_from.is_none());
            if rejected {
                replica.broken("its own credentials count as rejected");
            }
            let exchanges = replica
                .engine
                .coordinator
                .update(|it| it.lifecycle.exchanges);
            if replica.logins.load(Ordering::Acquire) > 3 * exchanges {
                replica.broken("an exchange asked for more than three logins");
            }
        }
        self.agree(&last);
        self.nothing_lives_on();
        // Sessions of two users on one store do not see each other's renewals.
        let apart = self.world.had(&[Fault::Clock, Fault::OtherUser]);
        if !self.world.had(&LOSES_TOKENS) && !apart {
            for reused in self.portal.reused() {
                self.world.broken(format!("{reused} was spent twice"));
            }
        }
    }

    /// All sessions of the identity that has the store hand out one token, or none.
    fn agree(&self, last: &HashMap<usize, String>) {
        // Where tokens do not say when they end, clocks that differ by a token's life cannot agree on it.
        let blind = !self.portal.tells_when_tokens_end() && self.world.had(&[Fault::Clock]);
        // Users that share one store overwrite each other's logins and logouts.
        let apart = self.world.had(&[Fault::OtherUser]);
        // Where the last one that was asked may have renewed, the others have the token before.
        let short = self.portal.is_short_lived();
        let Some(stored) = self.store.session().filter(|_| !blind && !apart && !short) else {
            return;
        };
        let mut found: Vec<_> = Vec::new();
        for replica in self.replicas.iter().filter(|it| it.is_alive()) {
            let identity = replica.engine.coordinator.update(|it| it.identity.clone());
            let token = last.get(&replica.number).cloned().unwrap_or_default();
            // One whose clock is wrong may see tokens end at other times.
            let skewed = replica.skewed.load(Ordering::Acquire);
            if identity.matches(&stored.identity) && token.starts_with("access") && !skewed {
                found.push((replica.number, token));
            }
        }
        if found.windows(2).any(|pair| pair[0].1 != pair[1].1) {
            self.world.broken(format!("they do not agree: {found:?}"));
        }
    }

    fn nothing_lives_on(&self) {
        // What belongs to another user is not a session's to end.
        let apart = self.world.had(&[Fault::Clock, Fault::OtherUser]);
        if self.world.had(&LOSES_TOKENS) || apart {
            return;
        }
        let mut held: Vec<_> = Vec::new();
        let stored = self.store.session().and_then(|it| it.tokens);
        held.extend(stored.map(|it| it.access_token));
        for replica in &self.replicas {
            let tokens = replica.engine.coordinator.update(|it| it.tokens.clone());
            held.extend(tokens.map(|it| it.access));
        }
        let held: Vec<_> = held
            .iter()
            .filter_map(|it| self.portal.find(it))
            .map(|(chain, ..)| chain)
            .collect();
        for chain in self.portal.alive() {
            if !held.contains(&chain) {
                self.world
                    .broken(format!("login {chain} lives on, and nobody knows"));
            }
        }
    }
}
