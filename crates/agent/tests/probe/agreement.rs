// SPDX-License-Identifier: Apache-2.0
//! The probe and the write map share their words: where a container is what a manifest and facts say, they say the same.
//!
//! The test does what kubelet and the runtime do (D.1 to D.4 of the reference on volumes: emptyDir 0777, fsGroup, the layout
//! of a Secret), the kernel answers the probe, and the map is worked out from the manifest.

use serde_json::Value;
use writeway_access::{Context, map_pod};
use writeway_manifest::{Inventory, ParsedFile};
use writeway_report::{
    Agreement, Compared, Comparison, ProbeDocument, Schema, find_container, find_workload,
};

use super::room::{Room, Run};

/// A container's root file system as [`FACTS`] have it, with what the agent needs to run, in a mount namespace. The pod's
/// /dev/shm is noexec in its sandbox, but not where it is bound into a container without a user namespace: the measured
/// pods ran programs there.
const CONTAINER: &str = r#"
mkdir root volume
mount -t tmpfs -o mode=0755 root root
cd root
mkdir -p app etc run home/app proc dev tmp var/tmp v
chmod 1777 tmp var/tmp
chown 1000:1000 home/app
chmod 0750 home/app
setpriv=$(command -v setpriv)
for file in "$AGENT" "$setpriv" $( (ldd "$AGENT"; ldd "$setpriv") | grep -o '/[^ ]*'); do
    [ -e ".$file" ] && continue
    mkdir -p ".$(dirname "$file")"
    touch ".$file"
    mount --bind "$file" ".$file"
done
mount --rbind /proc proc
mount -t tmpfs -o mode=0755 dev dev
mkdir dev/shm
mount -t tmpfs -o mode=1777 shm dev/shm
"#;

const FACTS: &str = r#"
images:
  "acme/app:1":
    complete: true
    user: ""
    workingDir: /app
    users: { app: { uid: 1000, gid: 1000, home: /home/app } }
    groups: {}
    volumes: []
    env: { HOME: /home/app }
    paths:
      /: { owner: "0:0", mode: "0755" }
      /app: { owner: "0:0", mode: "0755" }
      /etc: { owner: "0:0", mode: "0755" }
      /home: { owner: "0:0", mode: "0755" }
      /home/app: { owner: "1000:1000", mode: "0750" }
      /run: { owner: "0:0", mode: "0755" }
      /tmp: { owner: "0:0", mode: "1777" }
      /v: { owner: "0:0", mode: "0755" }
      /var: { owner: "0:0", mode: "0755" }
      /var/tmp: { owner: "0:0", mode: "1777" }
hostPaths:
  /srv/data: { owner: "0:0", mode: "0755" }
  /srv/of-app: { owner: "1000:1000", mode: "0700" }
"#;

const USER: &str = "--reuid 1000 --regid 1000 --groups 1000 --inh-caps -all --bounding-set -all";
const USER_WITH_GROUP: &str =
    "--reuid 1000 --regid 1000 --groups 1000,2000 --inh-caps -all --bounding-set -all";
/// What containerd gives a container that asks for nothing (pkg/cap and oci/spec.go, defaultUnixCaps).
const ROOT: &str = "--groups 0 --inh-caps -all --bounding-set -all,+chown,+dac_override,+fsetid,+fowner,+mknod,+net_raw,\
                    +setgid,+setuid,+setfcap,+setpcap,+net_bind_service,+sys_chroot,+kill,+audit_write";
const ROOT_WITHOUT_CAPABILITIES: &str = "--groups 0 --inh-caps -all --bounding-set -all";

/// A pod, and what kubelet makes of its volume.
struct Situation {
    name: &'static str,
    /// The pod's securityContext, the container's, the mount's options, the volume's source: YAML in one line each.
    pod: &'static str,
    container: &'static str,
    mount: &'static str,
    volume: &'static str,
    /// What mounts the volume at `v`, in the container's root.
    script: &'static str,
    user: &'static str,
    /// What has to come of `v`, so that agreeing on nothing is no success.
    expected: &'static str,
}

const SITUATIONS: &[Situation] = &[
    Situation {
        name: "an emptyDir, beside a read-only root",
        pod: "{ runAsUser: 1000, runAsGroup: 1000 }",
        container: "{ readOnlyRootFilesystem: true }",
        mount: "",
        volume: "emptyDir: {}",
        script: "chmod 0777 ../volume; mount --bind ../volume v; mount -o remount,bind,ro \"$PWD\"",
        user: USER,
        expected: "create=yes, exec=yes, rubyTmpdir=no, mode=0777",
    },
    Situation {
        name: "an emptyDir with fsGroup",
        pod: "{ runAsUser: 1000, runAsGroup: 1000, fsGroup: 2000 }",
        container: "{}",
        mount: "",
        volume: "emptyDir: {}",
        script: "chgrp 2000 ../volume; chmod 2777 ../volume; mount --bind ../volume v",
        user: USER_WITH_GROUP,
        expected: "create=yes, gid=2000, mode=2777",
    },
    Situation {
        name: "an emptyDir in memory",
        pod: "{ runAsUser: 1000, runAsGroup: 1000 }",
        container: "{ readOnlyRootFilesystem: true }",
        mount: "",
        volume: "emptyDir: { medium: Memory }",
        script: "mount -t tmpfs tmpfs v; mount -o remount,bind,ro \"$PWD\"",
        user: USER,
        expected: "create=yes, rubyTmpdir=yes, mode=1777",
    },
    Situation {
        name: "an emptyDir that is mounted read-only",
        pod: "{ runAsUser: 1000, runAsGroup: 1000 }",
        container: "{}",
        mount: "readOnly: true",
        volume: "emptyDir: {}",
        script: "chmod 0777 ../volume; mount --bind ../volume v; mount -o remount,bind,ro v",
        user: USER,
        expected: "create=no EROFS, exec=no EROFS, rubyTmpdir=no, readOnly=true",
    },
    Situation {
        name: "a directory of root's on the node",
        pod: "{ runAsUser: 1000, runAsGroup: 1000, fsGroup: 2000 }",
        container: "{}",
        mount: "",
        volume: "hostPath: { path: /srv/data }",
        script: "chmod 0755 ../volume; mount --bind ../volume v",
        user: USER_WITH_GROUP,
        expected: "create=no EACCES, exec=no EACCES, rubyTmpdir=no, mode=0755",
    },
    Situation {
        name: "a closed directory of another's, seen by root",
        pod: "{ runAsUser: 0 }",
        container: "{}",
        mount: "",
        volume: "hostPath: { path: /srv/of-app }",
        script: "chown 1000:1000 ../volume; chmod 0700 ../volume; mount --bind ../volume v",
        user: ROOT,
        expected: "create=yes, exec=yes, rubyTmpdir=yes, uid=1000",
    },
    Situation {
        name: "a closed directory of another's, seen by root without capabilities",
        pod: "{ runAsUser: 0 }",
        container: "{ capabilities: { drop: [ALL] } }",
        mount: "",
        volume: "hostPath: { path: /srv/of-app }",
        script: "chown 1000:1000 ../volume; chmod 0700 ../volume; mount --bind ../volume v",
        user: ROOT_WITHOUT_CAPABILITIES,
        expected: "create=no EACCES, exec=no EACCES",
    },
    Situation {
        name: "a Secret",
        pod: "{ runAsUser: 1000, runAsGroup: 1000 }",
        container: "{}",
        mount: "",
        volume: "secret: { secretName: google, defaultMode: 0400 }",
        script: "mount -t tmpfs tmpfs v; chmod 1777 v; cd v; mkdir ..new; echo e30= >..new/token.json; \
                 chmod 0400 ..new/token.json; ln -s ..new ..data; ln -s ..data/token.json token.json; cd ..; \
                 mount -o remount,bind,ro v",
        user: USER,
        expected: "create=no EROFS, overwrite=no EACCES, delete=no EROFS",
    },
    Situation {
        name: "a Secret whose key everybody may write, by its mode",
        pod: "{ runAsUser: 1000, runAsGroup: 1000, fsGroup: 2000 }",
        container: "{}",
        mount: "",
        volume: "secret: { secretName: google, defaultMode: 0666 }",
        script: "mount -t tmpfs tmpfs v; chgrp 2000 v; chmod 3777 v; cd v; mkdir ..new; echo e30= >..new/token.json; \
                 chgrp -R 2000 ..new; chmod 2775 ..new; chmod 0666 ..new/token.json; ln -s ..new ..data; \
                 ln -s ..data/token.json token.json; cd ..; mount -o remount,bind,ro v",
        user: USER_WITH_GROUP,
        expected: "create=no EROFS, overwrite=no EROFS, mode=3777",
    },
];

const PATHS: &[&str] = &[
    "/v",
    "/tmp",
    "/var/tmp",
    "/run",
    "/app",
    "/home/app",
    "/dev/shm",
    "/etc",
    "/nowhere",
    "/app/below/it",
];

impl Situation {
    fn manifest(&self) -> String {
        let Self {
            pod,
            container,
            mount,
            volume,
            ..
        } = self;
        let mount = if mount.is_empty() {
            String::new()
        } else {
            format!(", {mount}")
        };
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{ name: web-0 }}\nspec:\n  securityContext: {pod}\n  containers:\n\
             \x20   - name: app\n      image: acme/app:1\n      securityContext: {container}\n      volumeMounts:\n\
             \x20       - {{ name: data, mountPath: /v{mount} }}\n  volumes:\n    - {{ name: data, {volume} }}\n---\n\
             apiVersion: v1\nkind: Secret\nmetadata: {{ name: google }}\ndata: {{ token.json: e30= }}\n",
        )
    }

    fn probed(&self) -> Run {
        let (script, user, paths) = (self.script, self.user, PATHS.join(" "));
        let room = Room::new();
        let run = room.script(&format!(
            "{CONTAINER}\n{script}\nexec chroot . \"$setpriv\" {user} \"$AGENT\" probe --format json --container app {paths}"
        ));
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", self.name);
        run
    }

    fn compared(&self, manifest: &str, run: &Run) -> Vec<Compared> {
        let document = ProbeDocument::read(&run.stdout).unwrap();
        let inventory = Inventory::from_parsed(vec![ParsedFile::parse(
            "pod.yaml".to_owned(),
            manifest.to_owned(),
        )]);
        assert!(
            inventory.problems().is_empty(),
            "{}: {:?}",
            self.name,
            inventory.problems()
        );
        // The kernel's own setting, which a fact would state.
        let setting = std::fs::read_to_string("/proc/sys/fs/protected_regular").unwrap();
        let facts = format!(
            "{FACTS}node: {{ sysctls: {{ fs.protected_regular: {} }} }}\n",
            setting.trim()
        );
        let facts = writeway_facts::read(&facts).unwrap();
        let probed = &document.workloads[0];
        let workload = find_workload(&inventory, probed).unwrap();
        let map = map_pod(
            &Context {
                inventory: &inventory,
                facts: &facts,
                extra_paths: &document.paths(),
            },
            workload,
        );
        let (name, _) = find_container(workload, &probed.containers[0], None).unwrap();
        let container = map.containers.iter().find(|map| map.name == name).unwrap();
        Comparison::of(container, &probed.containers[0]).compared
    }
}

#[test]
fn the_map_and_the_probe_say_the_same_of_the_same_container() {
    for situation in SITUATIONS {
        let name = situation.name;
        let run = situation.probed();
        for word in situation.expected.split(", ") {
            let (field, answer) = word.split_once('=').unwrap();
            assert_eq!(run.answer("/v", field), answer, "{name}: {field}");
        }
        let compared = situation.compared(&situation.manifest(), &run);
        let differing: Vec<&Compared> = compared
            .iter()
            .filter(|one| one.agreement == Agreement::Differs)
            .collect();
        assert!(differing.is_empty(), "{name}: {differing:#?}");
        // What both have to know.
        for path in PATHS {
            for field in ["create", "exec", "exists", "rubyTmpdir"] {
                let one = compared
                    .iter()
                    .find(|one| one.path.as_deref() == Some(path) && one.field == field);
                let one = one.unwrap_or_else(|| panic!("{name}: {field} of {path} is not compared"));
                assert_eq!(one.agreement, Agreement::Agrees, "{name}: {one:#?}");
            }
        }
        for field in ["uid", "gid", "groups", "capabilities"] {
            let one = compared
                .iter()
                .find(|one| one.path.is_none() && one.field == field);
            assert_eq!(one.unwrap().agreement, Agreement::Agrees, "{name}: {one:#?}");
        }
    }
}

/// The Secret is said to be an emptyDir, the volume to get a group that it did not get.
#[test]
fn a_manifest_of_another_pod_is_contradicted() {
    let situation = SITUATIONS.last().unwrap();
    let run = situation.probed();
    let manifest = situation
        .manifest()
        .replace(
            "secret: { secretName: google, defaultMode: 0666 }",
            "emptyDir: {}",
        )
        .replace("fsGroup: 2000", "fsGroup: 3000");
    let compared = situation.compared(&manifest, &run);
    let differing: Vec<String> = compared
        .iter()
        .filter(|one| one.agreement == Agreement::Differs)
        .map(|one| format!("{} {}", one.path.as_deref().unwrap_or("process"), one.field))
        .collect();
    for expected in ["process groups", "/v create", "/v gid", "/v mode", "/v readOnly"] {
        assert!(
            differing.iter().any(|one| one == expected),
            "{expected} is not in {differing:?}"
        );
    }
    assert!(
        !differing.iter().any(|one| one.starts_with("/tmp")),
        "{differing:?}"
    );
}

#[test]
fn the_document_conforms_to_the_schema_of_the_map() {
    let schema: Value = serde_json::from_str(Schema::Map.text()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let room = Room::new();
    std::fs::write(room.at("file"), "").unwrap();
    let full = "mkdir full; mount -t tmpfs -o nr_inodes=1 none full";
    let run = room.script(&format!(
        "{full}; exec \"$AGENT\" probe --format json --as 1000:1000 / full file /nowhere /root/x /dev/null /proc /sys/fs/cgroup"
    ));
    let errors: Vec<String> = validator
        .iter_errors(&run.document())
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new());
}
