// SPDX-License-Identifier: Apache-2.0
//! URLs of Git repositories, as far as rules compare them and ask what they need to push.

/// Hosts that take a push from nobody who has not shown a credential.
const PUBLIC_HOSTS: &[&str] = &[
    "bitbucket.org",
    "codeberg.org",
    "dev.azure.com",
    "gitea.com",
    "github.com",
    "gitlab.com",
    "ssh.dev.azure.com",
];

/// How a repository is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// `http` or `https`.
    Http,
    /// `ssh`, or the form of scp: `git@github.com:acme/fleet`.
    Ssh,
}

/// A URL of a repository, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GitUrl {
    pub(crate) transport: Transport,
    /// Something stands before `@`: for http a credential, for ssh a user.
    pub(crate) user: bool,
    /// The host in lower case, without a port.
    pub(crate) host: String,
    /// The path without slashes around it and without `.git`.
    path: String,
}

impl GitUrl {
    /// Takes a URL apart; `None` for other transports, and for what depends on variables outside of the credential.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let (transport, rest) = match url.split_once("://") {
            Some(("http" | "https", rest)) => (Transport::Http, rest),
            Some(("ssh", rest)) => (Transport::Ssh, rest),
            Some(_) => return None,
            None => (Transport::Ssh, url),
        };
        let separator = if url.contains("://") { '/' } else { ':' };
        // A credential may hold slashes and colons: `$(USER):$(KEY)`.
        let (user, rest) = match rest.rsplit_once('@') {
            Some((_, rest)) => (true, rest),
            None => (false, rest),
        };
        let (host, path) = rest.split_once(separator)?;
        let host = host.split_once(':').map_or(host, |(host, _)| host);
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        if host.is_empty() || path.is_empty() || rest.contains(['$', '{']) {
            return None;
        }
        Some(Self {
            transport,
            user,
            host: host.to_ascii_lowercase(),
            path: path.to_owned(),
        })
    }

    /// Whether both lead to one repository, whichever way.
    pub(crate) fn same_repository(&self, other: &Self) -> bool {
        (&self.host, &self.path) == (&other.host, &other.path)
    }

    /// Whether it is one of the hosts that are known to refuse a push without a credential.
    pub(crate) fn is_public_host(&self) -> bool {
        PUBLIC_HOSTS.contains(&self.host.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_to_write_a_repository_are_told_apart_and_compared() {
        use Transport::{Http, Ssh};
        let rows = [
            ("https://github.com/acme/fleet", Some((Http, false))),
            ("https://GitHub.com/acme/fleet.git", Some((Http, false))),
            ("https://$(USER):$(KEY)@github.com/acme/fleet", Some((Http, true))),
            ("ssh://git@github.com/acme/fleet", Some((Ssh, true))),
            ("ssh://git@github.com:22/acme/fleet.git", Some((Ssh, true))),
            ("git@github.com:acme/fleet", Some((Ssh, true))),
            ("git@github.com:acme/fleet.git/", Some((Ssh, true))),
            ("https://github.com/acme/$(REPO)", None),
            ("https://$(HOST)/acme/fleet", None),
            ("git://github.com/acme/fleet", None),
            ("https://github.com/", None),
            ("github.com", None),
            ("", None),
        ];
        let first = GitUrl::parse(rows[0].0);
        for (url, expected) in rows {
            let parsed = GitUrl::parse(url);
            let same = parsed.as_ref().zip(first.as_ref());
            let told = parsed.as_ref().map(|parsed| (parsed.transport, parsed.user));
            if expected.is_some() {
                assert_eq!(told, expected, "{url}");
                assert!(
                    same.is_some_and(|(a, b)| a.same_repository(b) && a.is_public_host()),
                    "{url}"
                );
            } else {
                assert!(!same.is_some_and(|(a, b)| a.same_repository(b)), "{url}");
            }
        }
    }
}
