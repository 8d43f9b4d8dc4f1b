// SPDX-License-Identifier: Apache-2.0
//! The table of programs: what reads each one's arguments, and where that was looked up.

use super::{Call, Effect, agent, curl, kubernetes, local, network};

/// How programs are judged.
type Judge = fn(&Call<'_>) -> Effect;

/// Names, what judges them, and its source.
#[rustfmt::skip]
const PROGRAMS: &[(&[&str], Judge, &str)] = &[
    (&["sleep"], local::sleep, "coreutils manual, sleep invocation; POSIX XCU sleep"),
    (&["seq"], local::seq, "coreutils manual, seq invocation"),
    (&["expr"], local::expr, "POSIX XCU expr"),
    (&["echo"], local::echo, "POSIX XCU echo"),
    (&["printf"], local::printf, "POSIX XCU printf"),
    (&[":", "true", "export", "readonly", "alias", "hash", "ulimit", "umask", "clear"], local::succeeds, "POSIX XCU 2.15"),
    (&["false"], local::fails_always, "POSIX XCU false"),
    (&["awk", "base64", "basename", "bc", "cut", "dirname", "fold", "gawk", "head", "md5sum", "nl", "od", "paste",
       "rev", "sed", "sha256sum", "sort", "tee", "tr", "uniq", "wc", "xxd"], local::pure_tool, "POSIX XCU: they work on what they are given"),
    (&["cat", "cd", "chgrp", "chmod", "chown", "cp", "date", "df", "diff", "cmp", "du", "env", "envsubst", "find", "grep",
       "egrep", "fgrep", "getopts", "groups", "hostname", "id", "install", "jq", "kill", "ln", "ls", "mkdir", "mktemp",
       "mv", "nproc", "pgrep", "pidof", "printenv", "ps", "pwd", "readlink", "realpath", "rm", "rmdir", "stat", "stty",
       "sync", "test", "touch", "tput", "tty", "type", "uname", "unlink", "which", "whoami", "yq"], local::file_tool,
       "POSIX XCU: they work on files and processes of their own container"),
    (&["tail"], local::tail, "POSIX XCU tail"),
    (&["yes", "pause"], local::endless, "coreutils manual, yes invocation"),
    (&["dd", "gpg", "gunzip", "gzip", "openssl", "ssh-keygen", "tar", "unzip", "xz", "zip", "zstd"], local::heavy,
       "they work on as much as they are given"),
    (&["curl"], curl::curl, "curl 8 manual: --max-time, --retry"),
    (&["wget"], network::wget, "GNU wget 1.24 manual: --timeout, --tries; BusyBox networking/wget.c"),
    (&["kubectl", "oc"], kubernetes::kubectl, "pkg/cmd/wait/wait.go, pkg/cmd/rollout/rollout_status.go, --request-timeout"),
    (&["helm"], kubernetes::helm, "Helm 3 pkg/cmd/install.go: --timeout 5m0s"),
    (&["writeway-agent"], agent::agent, "docs/agent.md: wait --budget, own --timeout, sleep"),
    (&["nc", "netcat", "ncat"], network::nc, "OpenBSD nc(1) -w; BusyBox networking/nc.c -w"),
    (&["pg_isready"], network::pg_isready, "PostgreSQL src/bin/scripts/pg_isready.c: DEFAULT_CONNECT_TIMEOUT"),
    (&["ping", "ping6"], network::ping, "iputils ping(8); BusyBox networking/ping.c"),
    (&["mysqladmin", "mariadb-admin"], network::mysqladmin, "MySQL client/mysqladmin.cc: --connect-timeout, --wait"),
    (&["redis-cli", "valkey-cli"], network::redis_cli, "redis-cli has no limit by default"),
    (&["mysql", "mariadb", "psql", "sqlcmd", "clickhouse-client"], network::sql, "no limit of the whole"),
    (&["dig", "getent", "host", "nslookup", "showmount", "telnet"], network::looks, "no limit of the whole"),
    (&["apk", "apt-get", "aws", "az", "docker", "etcdctl", "flux", "gcloud", "git", "gsutil", "mc", "mongo", "mongosh",
       "npm", "pip", "pip3", "rsync", "scp", "sftp", "skopeo", "ssh", "vault", "yum", "dnf", "argocd", "consul", "nats",
       "kcadm.sh", "rabbitmqctl", "rabbitmqadmin", "influx", "cqlsh", "ldapsearch"], network::acts, "no limit of the whole"),
];

/// What a program may do; of one that is not in the table nothing is known.
pub(crate) fn effect(call: &Call<'_>) -> Effect {
    let row = PROGRAMS.iter().find(|(names, ..)| names.contains(&call.name));
    row.map_or(local::unknown as Judge, |(_, judge, _)| *judge)(call)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_program_has_one_row() {
        let mut names: Vec<&str> = PROGRAMS.iter().flat_map(|(names, ..)| *names).copied().collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "a program stands in two rows");
        assert!(PROGRAMS.iter().all(|(.., source)| !source.is_empty()));
    }
}
