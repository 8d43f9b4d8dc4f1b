// SPDX-License-Identifier: Apache-2.0
//! Addresses of names, in bounded time.
//!
//! `getaddrinfo(3)` cannot be told when to end: with a name server that does not answer it takes 5 s and two attempts for
//! each server, and that for each search domain (`resolv.conf(5)`). So it runs in a thread that is left behind when a
//! look's time is over. What it finds later still counts: where the first of two name servers is gone, each lookup takes
//! longer than a look, and yet ends well.

use std::collections::BTreeMap;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long addresses are taken again without asking: the time to live that CoreDNS gives to names of a cluster
/// (plugin `kubernetes`, `ttl`).
const KEPT: Duration = Duration::from_secs(5);
/// How many lookups of one name may be under way: a new one may be answered at once while older ones hang.
const MOST: usize = 3;

/// The names of all targets.
#[derive(Clone, Debug, Default)]
pub(super) struct Lookups {
    names: Arc<Mutex<BTreeMap<String, Arc<Name>>>>,
}

/// What is known of one name.
#[derive(Debug, Default)]
struct Name {
    state: Mutex<State>,
    answered: Condvar,
}

#[derive(Debug, Default)]
struct State {
    under_way: usize,
    answer: Option<(Instant, Result<Vec<IpAddr>, String>)>,
}

impl Lookups {
    /// The addresses of a host, in the order in which they are to be tried. An address is its own, without a lookup.
    ///
    /// # Errors
    /// Why there is none before `until`.
    pub(super) fn addresses(&self, host: &str, until: Instant) -> Result<Vec<IpAddr>, String> {
        if let Ok(address) = host.trim_start_matches('[').trim_end_matches(']').parse() {
            return Ok(vec![address]);
        }
        let name = Arc::clone(locked(&self.names).entry(host.to_owned()).or_default());
        let came = Instant::now();
        let mut state = locked(&name.state);
        if let Some((at, Ok(addresses))) = &state.answer
            && came.saturating_duration_since(*at) < KEPT
        {
            return Ok(addresses.clone());
        }
        if state.under_way < MOST {
            start(&name, host)?;
            state.under_way += 1;
        }
        let left = until.saturating_duration_since(Instant::now());
        let open = |state: &mut State| !matches!(&state.answer, Some((at, _)) if *at >= came);
        let (state, _) = name
            .answered
            .wait_timeout_while(state, left, open)
            .unwrap_or_else(PoisonError::into_inner);
        match &state.answer {
            Some((at, answer)) if *at >= came => answer.clone(),
            _ => Err("its name is not resolved: the name server has not answered in time".to_owned()),
        }
    }
}

/// Asks in a thread of its own.
fn start(name: &Arc<Name>, host: &str) -> Result<(), String> {
    let (name, host) = (Arc::clone(name), host.to_owned());
    let ask = move || {
        let answer = ask(&host);
        let mut state = locked(&name.state);
        state.under_way -= 1;
        state.answer = Some((Instant::now(), answer));
        drop(state);
        name.answered.notify_all();
    };
    let started = thread::Builder::new().name("lookup".to_owned()).spawn(ask);
    started
        .map(drop)
        .map_err(|error| format!("its name is not resolved: cannot start a thread: {error}"))
}

fn ask(host: &str) -> Result<Vec<IpAddr>, String> {
    // The port only makes the call complete; it is put into no question.
    match (host, 0).to_socket_addrs() {
        Ok(addresses) => {
            let mut found: Vec<IpAddr> = Vec::new();
            for address in addresses {
                if !found.contains(&address.ip()) {
                    found.push(address.ip());
                }
            }
            match found.is_empty() {
                true => Err("its name has no address".to_owned()),
                false => Ok(found),
            }
        }
        Err(error) => {
            let text = error.to_string();
            let text = text
                .strip_prefix("failed to lookup address information: ")
                .unwrap_or(&text);
            Err(format!("its name is not resolved: {text}"))
        }
    }
}

/// No thread can have left it half changed: nothing panics while it holds a lock.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
