// SPDX-License-Identifier: Apache-2.0
//! What the kernel's table of mounts tells of a container: what a path lies on, and where kubelet took it from.
//!
//! A bind mount shows in its `root` field which directory of the file system it shows (`proc_pid_mountinfo(5)`), so
//! kubelet's own directories can be recognised by their names (pkg/kubelet/config/defaults.go and
//! pkg/kubelet/kubelet_getters.go): `pods/UID/volumes/PLUGIN/VOLUME` and `pods/UID/containers/CONTAINER/ID`. A volume in
//! memory is a file system of its own, whose root is `/`: of those nothing is known but the file system.

use std::fs::File;
use std::io::Read as _;

/// Bytes of the table that are read: tens of thousands of mounts.
const LIMIT: u64 = 8 << 20;

/// kubelet's directories of volumes, by plugin, with what the map calls them and how long what is written there lives.
/// The names are those of the plugins in pkg/volume, with `~` for `/`. The other plugins name a volume's directory
/// after the PersistentVolume, or make claims and hostPath volumes look alike.
const PLUGINS: &[(&str, &str, &str)] = &[
    ("kubernetes.io~empty-dir", "emptyDir", "pod"),
    ("kubernetes.io~configmap", "configMap", "object"),
    ("kubernetes.io~secret", "secret", "object"),
    ("kubernetes.io~downward-api", "downwardAPI", "object"),
    ("kubernetes.io~projected", "projected", "object"),
];

/// Files that kubelet and the runtime bind into every container (makeHostsMount in pkg/kubelet/kubelet_pods.go,
/// linuxContainerMounts in containerd's internal/cri/server).
const RUNTIME_FILES: &[&str] = &[
    "/etc/hosts",
    "/etc/hostname",
    "/etc/resolv.conf",
    "/dev/termination-log",
];

/// Where something comes from, in the map's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// `rootfs`, `runtime`, the field of the volume's source, or `unknown`.
    pub(super) kind: &'static str,
    /// The pod's volume.
    pub(super) volume: Option<String>,
    /// How long what is written there lives: a word of the map, or `unknown`.
    pub(super) lifetime: &'static str,
}

impl Source {
    /// Nothing tells.
    pub(super) const UNKNOWN: Self = Self::of("unknown", "unknown");

    const fn of(kind: &'static str, lifetime: &'static str) -> Self {
        Self {
            kind,
            volume: None,
            lifetime,
        }
    }
}

/// A line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    id: u64,
    /// The directory of the file system that is shown.
    root: String,
    /// Where it is shown.
    pub(super) point: String,
    /// The type of the file system.
    pub(super) file_system: String,
    /// What is mounted, as the mounting program called it.
    device: String,
    /// Options of the file system.
    options: String,
}

impl Mount {
    fn parse(line: &str) -> Option<Self> {
        let (of_mount, of_file_system) = line.split_once(" - ")?;
        let mut of_mount = of_mount.split(' ');
        let id = of_mount.next()?.parse().ok()?;
        let root = unescaped(of_mount.nth(2)?);
        let point = unescaped(of_mount.next()?);
        let mut of_file_system = of_file_system.split(' ');
        Some(Self {
            id,
            root,
            point,
            file_system: unescaped(of_file_system.next()?),
            device: unescaped(of_file_system.next()?),
            options: of_file_system.next().unwrap_or_default().to_owned(),
        })
    }

    /// Docker Desktop's file sharing on macOS. It shows each process as the owner of whatever it looks at, and keeps the
    /// owner that is set as an extended attribute: what works here says nothing about a Linux node.
    pub(super) fn is_fakeowner(&self) -> bool {
        self.file_system == "fakeowner" || self.options.split(',').any(|option| option == "fakeowner")
    }

    /// What the map calls it, as far as the table tells.
    pub(super) fn source(&self) -> Source {
        if self.is_runtime() {
            let lifetime = if self.point == "/dev/shm" || self.point == "/dev/mqueue" {
                "pod"
            } else {
                "container"
            };
            return Source::of("runtime", lifetime);
        }
        if let Some([plugin, volume, ..]) = below_pod(&self.root, "volumes").as_deref()
            && let Some((_, kind, lifetime)) = PLUGINS.iter().find(|(name, ..)| name == plugin)
        {
            return Source {
                volume: Some((*volume).to_owned()),
                ..Source::of(kind, lifetime)
            };
        }
        if self.point == "/" {
            return Source::of("rootfs", "container");
        }
        Source::UNKNOWN
    }

    /// Whether kubelet or the runtime mounts it into every container.
    fn is_runtime(&self) -> bool {
        let point = self.point.as_str();
        if ["/proc", "/sys"]
            .iter()
            .any(|kernel| point == *kernel || point.starts_with(&format!("{kernel}/")))
        {
            return true;
        }
        if RUNTIME_FILES.contains(&point) || below_pod(&self.root, "containers").is_some() {
            return true;
        }
        match point {
            "/dev" => matches!(self.file_system.as_str(), "tmpfs" | "devtmpfs"),
            "/dev/pts" => self.file_system == "devpts",
            "/dev/mqueue" => self.file_system == "mqueue",
            // An emptyDir in memory is called `tmpfs` (pkg/volume/emptydir/empty_dir.go).
            "/dev/shm" => self.device == "shm",
            _ => false,
        }
    }
}

/// The table.
#[derive(Clone, Debug, Default)]
pub(super) struct Mounts(Vec<Mount>);

impl Mounts {
    /// The table of this process; empty where there is no /proc.
    pub(super) fn read() -> Self {
        let mut text = Vec::new();
        let read =
            File::open("/proc/self/mountinfo").and_then(|file| file.take(LIMIT).read_to_end(&mut text));
        match read {
            Ok(_) => Self::parse(&String::from_utf8_lossy(&text)),
            Err(_) => Self::default(),
        }
    }

    /// Reads the text of the table; what is no line of it is left out.
    pub(super) fn parse(text: &str) -> Self {
        Self(text.lines().filter_map(Mount::parse).collect())
    }

    /// The mount with that ID, as `statx(2)` tells it.
    pub(super) fn get(&self, id: u64) -> Option<&Mount> {
        self.0.iter().find(|mount| mount.id == id)
    }

    /// The points of all mounts but the root file system and what every container gets, in their order.
    pub(super) fn of_pod(&self) -> impl Iterator<Item = &str> {
        let own = |mount: &&Mount| mount.point != "/" && !mount.is_runtime();
        self.0.iter().filter(own).map(|mount| mount.point.as_str())
    }

    /// The container's name: kubelet keeps the file for its termination message below it.
    pub(super) fn container(&self) -> Option<&str> {
        self.0
            .iter()
            .find_map(|mount| match below_pod(&mount.root, "containers")?.as_slice() {
                [name, id] if id.len() == 8 && id.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
                    Some(*name)
                }
                _ => None,
            })
    }
}

/// The names below `pods/UID/FOLDER`, where a path has such a part and something below it.
fn below_pod<'a>(path: &'a str, folder: &str) -> Option<Vec<&'a str>> {
    let names: Vec<&str> = path.split('/').collect();
    let at = names
        .windows(3)
        .position(|window| window[0] == "pods" && window[2] == folder)?;
    let below = names.get(at + 3..)?;
    (!below.is_empty()).then(|| below.to_vec())
}

/// A field as it was before the kernel escaped space, tab, line end and backslash (mangle in fs/seq_file.c).
fn unescaped(field: &str) -> String {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let octal = after
            .get(..3)
            .filter(|digits| *first == b'\\' && digits.iter().all(|digit| (b'0'..=b'7').contains(digit)));
        let value = octal.map(|digits| {
            digits
                .iter()
                .fold(0_u32, |value, digit| value * 8 + u32::from(digit - b'0'))
        });
        match value.and_then(|value| u8::try_from(value).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(3..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A container's table in the kernel's form: containerd, kubelet's directory on the node's only disk.
    const TABLE: &str = "\
2101 1890 0:331 / / ro,relatime master:612 - overlay overlay rw,lowerdir=/a:/b,upperdir=/c,workdir=/d
2102 2101 0:334 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
2103 2101 0:335 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755
2104 2103 0:336 / /dev/pts rw,nosuid,noexec,relatime - devpts devpts rw,gid=5,mode=620,ptmxmode=666
2105 2103 0:328 / /dev/mqueue rw,nosuid,nodev,noexec,relatime - mqueue mqueue rw
2106 2101 0:333 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs ro
2107 2106 0:29 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw
2108 2101 8:1 /var/lib/kubelet/pods/6f3a/volumes/kubernetes.io~empty-dir/scratch /data\\040dir rw,relatime - ext4 /dev/sda1 rw
2109 2101 8:1 /var/lib/kubelet/pods/6f3a/volumes/kubernetes.io~configmap/settings /etc/app ro,relatime - ext4 /dev/sda1 rw
2110 2101 0:310 / /etc/google ro,relatime - tmpfs tmpfs rw,size=4k
2111 2101 8:1 /var/lib/kubelet/pods/6f3a/etc-hosts /etc/hosts rw,relatime - ext4 /dev/sda1 rw
2112 2103 8:1 /var/lib/kubelet/pods/6f3a/containers/web/0a1b2c3d /dev/termination-log rw,relatime - ext4 /dev/sda1 rw
2113 2103 0:327 / /dev/shm rw,relatime - tmpfs shm rw,size=65536k
2114 2101 8:1 /srv/data /srv rw,relatime - ext4 /dev/sda1 rw
2115 2101 0:44 /Users/me/src /src rw,nosuid,nodev,relatime - fakeowner /run/host_mark/Users rw,fakeowner
";

    fn mount(point: &str) -> Mount {
        let mounts = Mounts::parse(TABLE);
        let found = mounts.0.iter().find(|mount| mount.point == point).cloned();
        found.unwrap_or_else(|| panic!("no mount at {point}"))
    }

    #[test]
    fn what_a_path_comes_from_is_said_where_the_table_tells() {
        for (point, kind, volume, lifetime) in [
            ("/", "rootfs", None, "container"),
            ("/proc", "runtime", None, "container"),
            ("/sys/fs/cgroup", "runtime", None, "container"),
            ("/dev", "runtime", None, "container"),
            ("/dev/shm", "runtime", None, "pod"),
            ("/dev/mqueue", "runtime", None, "pod"),
            ("/etc/hosts", "runtime", None, "container"),
            ("/dev/termination-log", "runtime", None, "container"),
            ("/data dir", "emptyDir", Some("scratch"), "pod"),
            ("/etc/app", "configMap", Some("settings"), "object"),
            ("/etc/google", "unknown", None, "unknown"),
            ("/srv", "unknown", None, "unknown"),
        ] {
            let source = mount(point).source();
            let expected = Source {
                kind,
                volume: volume.map(str::to_owned),
                lifetime,
            };
            assert_eq!(source, expected, "{point}");
        }
    }

    #[test]
    fn a_volume_over_dev_shm_is_not_the_runtimes() {
        let line = "9 8 0:50 / /dev/shm rw,relatime - tmpfs tmpfs rw,size=65536k";
        let mounts = Mounts::parse(line);
        assert_eq!(mounts.of_pod().collect::<Vec<_>>(), ["/dev/shm"]);
    }

    #[test]
    fn the_pods_own_mounts_are_told_from_the_runtimes() {
        let mounts = Mounts::parse(TABLE);
        let points: Vec<&str> = mounts.of_pod().collect();
        assert_eq!(points, ["/data dir", "/etc/app", "/etc/google", "/srv", "/src"]);
    }

    #[test]
    fn the_containers_name_is_that_of_its_termination_file() {
        assert_eq!(Mounts::parse(TABLE).container(), Some("web"));
        assert_eq!(Mounts::parse("").container(), None);
        // A volume that somebody called so is not kubelet's.
        let other = "9 8 8:1 /srv/pods/a/containers/web/log/x /x rw - ext4 /dev/sda1 rw";
        assert_eq!(Mounts::parse(other).container(), None);
    }

    #[test]
    fn h3_6_a_fakeowner_mount_is_recognised_by_type_or_option() {
        assert!(mount("/src").is_fakeowner());
        assert!(!mount("/srv").is_fakeowner());
        let virtiofs = "9 8 0:50 / /src rw,relatime - virtiofs mac rw,fakeowner";
        assert!(Mounts::parse(virtiofs).0[0].is_fakeowner());
    }

    #[test]
    fn a_broken_table_is_no_panic() {
        for text in [
            "",
            "\n\n",
            "1",
            "1 2 3 4 - a",
            "x 2 3:4 / / rw - ext4 d o",
            "1 2 3:4 \\0 \\04\\777 rw - e",
        ] {
            assert!(Mounts::parse(text).0.len() <= 1, "{text:?}");
        }
        assert_eq!(unescaped("a\\040b\\134\\9"), "a b\\\\9");
    }
}
