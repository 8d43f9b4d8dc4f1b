// SPDX-License-Identifier: Apache-2.0
//! What obol-stack's package `k8sperm` makes (internal/k8sperm/chowninit.go), for operators that come from there: the
//! same fields, and no more. The script is the one that [`Own`] runs in a shell.

use writeway_yaml::Value;

use crate::container::unexpanded;
use crate::json::object;
use crate::{JsonObject, Mount, Own, User};

/// `chown -R UID:GID PATH…`, each path quoted where a shell would not take it as it stands. The paths of mounts are
/// absolute, so that none of them can be an option.
///
/// ```
/// use writeway_generate::{Mount, User, chown_command};
///
/// let mounts = [Mount::new("data", "/data")?, Mount::new("more", "/it's more")?];
/// let command = chown_command(User::new(10000, 10000)?, mounts.iter().map(Mount::path));
/// assert_eq!(command, r"chown -R 10000:10000 /data '/it'\''s more'");
/// # Ok::<(), writeway_generate::Error>(())
/// ```
#[must_use]
pub fn chown_command<'p>(target: User, paths: impl IntoIterator<Item = &'p str>) -> String {
    let mut command = format!("chown -R {target}");
    for path in paths {
        command.push(' ');
        command.push_str(&writeway_shell::quote(path));
    }
    command
}

/// `RootChownInitContainer(name, image, uid, gid, mounts)`: the container of an [`Own`] with the name, image, user and
/// mounts that it has, as `k8sperm` writes it: `imagePullPolicy: IfNotPresent`, root by number, `sh -ec`, and no limits
/// on what it may do. [`Own::render`] is the one for new pods.
#[must_use]
pub fn root_chown_init_container(own: &Own) -> JsonObject {
    let script = chown_command(own.target(), own.mounts().iter().map(Mount::path));
    object(&Value::map([
        ("name", own.container_name().into()),
        ("image", own.image().as_str().into()),
        ("imagePullPolicy", "IfNotPresent".into()),
        (
            "securityContext",
            Value::map([
                ("runAsUser", User::ROOT.uid().into()),
                ("runAsGroup", User::ROOT.gid().into()),
                ("runAsNonRoot", false.into()),
            ]),
        ),
        ("command", Value::list(["sh", "-ec", &unexpanded(&script)])),
        ("volumeMounts", Value::list(own.mounts().iter().map(Mount::value))),
    ]))
}
