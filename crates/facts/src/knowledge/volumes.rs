// SPDX-License-Identifier: Apache-2.0
//! The `VOLUME` directories that the Dockerfiles of well-known images declare.

use crate::ImageReference;

/// What the Dockerfile of an image declares.
struct Declared {
    /// Repository, with registry.
    image: &'static str,
    /// First and last major version, by the number that the tag begins with; `None` where all versions do the same.
    versions: Option<(u32, u32)>,
    paths: &'static [&'static str],
}

const fn all(image: &'static str, paths: &'static [&'static str]) -> Declared {
    Declared {
        image,
        versions: None,
        paths,
    }
}

const fn versions(image: &'static str, first: u32, last: u32, paths: &'static [&'static str]) -> Declared {
    Declared {
        image,
        versions: Some((first, last)),
        paths,
    }
}

/// As the Dockerfiles of the images' repositories say (docker-library/NAME, prometheus/NAME, jenkinsci/docker …), from
/// memory and not read again: what rests on it has medium confidence at most.
const DECLARED: &[Declared] = &[
    all("docker.io/clickhouse/clickhouse-server", &["/var/lib/clickhouse"]),
    all("docker.io/hashicorp/consul", &["/consul/data"]),
    all("docker.io/hashicorp/vault", &["/vault/logs", "/vault/file"]),
    all("docker.io/jenkins/jenkins", &["/var/jenkins_home"]),
    all("docker.io/library/cassandra", &["/var/lib/cassandra"]),
    all("docker.io/library/couchdb", &["/opt/couchdb/data"]),
    all(
        "docker.io/library/eclipse-mosquitto",
        &["/mosquitto/data", "/mosquitto/log"],
    ),
    all("docker.io/library/ghost", &["/var/lib/ghost/content"]),
    versions("docker.io/library/influxdb", 1, 1, &["/var/lib/influxdb"]),
    versions(
        "docker.io/library/influxdb",
        2,
        2,
        &["/var/lib/influxdb2", "/etc/influxdb2"],
    ),
    all("docker.io/library/mariadb", &["/var/lib/mysql"]),
    all("docker.io/library/mongo", &["/data/db", "/data/configdb"]),
    all("docker.io/library/mysql", &["/var/lib/mysql"]),
    all("docker.io/library/neo4j", &["/data", "/logs"]),
    all("docker.io/library/nextcloud", &["/var/www/html"]),
    versions("docker.io/library/postgres", 8, 17, &["/var/lib/postgresql/data"]),
    versions("docker.io/library/postgres", 18, 18, &["/var/lib/postgresql"]),
    all("docker.io/library/rabbitmq", &["/var/lib/rabbitmq"]),
    all("docker.io/library/redis", &["/data"]),
    all("docker.io/library/redmine", &["/usr/src/redmine/files"]),
    all("docker.io/library/registry", &["/var/lib/registry"]),
    all("docker.io/library/wordpress", &["/var/www/html"]),
    all("docker.io/library/zookeeper", &["/data", "/datalog", "/logs"]),
    all("docker.io/prom/alertmanager", &["/alertmanager"]),
    all("docker.io/prom/prometheus", &["/prometheus"]),
    all("docker.io/valkey/valkey", &["/data"]),
    all("quay.io/prometheus/alertmanager", &["/alertmanager"]),
    all("quay.io/prometheus/prometheus", &["/prometheus"]),
];

/// The directories that an image is known to declare as `VOLUME`. Nothing is said of images that are not known, and of
/// tags without a version where the versions differ. What a facts file tells of the image's config is better.
pub fn declared_volumes(reference: &str) -> &'static [&'static str] {
    let Ok(reference) = ImageReference::parse(reference) else {
        return &[];
    };
    let (name, version) = (reference.name(), reference.tag().and_then(major_version));
    DECLARED
        .iter()
        .filter(|declared| declared.image == name)
        .find(|declared| match declared.versions {
            None => true,
            Some((first, last)) => version.is_some_and(|version| (first..=last).contains(&version)),
        })
        .map_or(&[], |declared| declared.paths)
}

/// `16` of `16.4-alpine`.
fn major_version(tag: &str) -> Option<u32> {
    let end = tag
        .find(|digit: char| !digit.is_ascii_digit())
        .unwrap_or(tag.len());
    tag[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_decides_where_the_directory_has_moved() {
        for (image, expected) in [
            ("postgres:16.4-alpine", &["/var/lib/postgresql/data"][..]),
            ("docker.io/library/postgres:9.6", &["/var/lib/postgresql/data"]),
            ("postgres:18", &["/var/lib/postgresql"]),
            ("postgres:latest", &[]),
            ("postgres", &[]),
            ("postgres:alpine3.20", &[]),
            ("mongo", &["/data/db", "/data/configdb"]),
            ("ghcr.io/acme/mongo", &[]),
            ("Not a reference", &[]),
        ] {
            assert_eq!(declared_volumes(image), expected, "{image}");
        }
    }
}
