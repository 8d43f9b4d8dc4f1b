// SPDX-License-Identifier: Apache-2.0
//! The page of the manual on what the agent needs, made from its tables.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use writeway_agent::VERBS;
use writeway_agent::needs::{NEEDS, PROCESS, Part, RUNTIME};

use super::profile;

/// The folder of the profiles; nothing else may lie in it.
pub(crate) const PROFILES: &str = "docs/seccomp";

/// The file of the profile for every verb.
const ALL: &str = "all";

/// Every profile, by its path below the workspace.
///
/// # Errors
/// When one cannot be written as JSON, which does not happen.
pub(crate) fn profiles() -> anyhow::Result<BTreeMap<PathBuf, String>> {
    let of_verbs = NEEDS.iter().map(|needs| (needs.verb, profile::of(needs)));
    of_verbs
        .chain([(ALL, profile::of_all())])
        .map(|(name, profile)| {
            let path = Path::new(PROFILES).join(format!("{name}.json"));
            Ok((path, format!("{}\n", serde_json::to_string_pretty(&profile)?)))
        })
        .collect()
}

/// What comes before the tables.
const INTRODUCTION: &str = "# What the agent needs

`writeway-agent` is one static executable. It needs no shell, no library, no writable root file system, no user in
`/etc/passwd`, and, but for what the first table says, no capability. `/proc` has to be there, as it is in every container.
A container that runs it can be as closed as Kubernetes can make it:

<!-- file: k8s/pod.yaml -->
```yaml
apiVersion: v1
kind: Pod
metadata:
  name: reports
spec:
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    seccompProfile:
      type: RuntimeDefault
  initContainers:
    - name: temp-directory
      image: registry.example.com/writeway-agent:0.1.0
      args: [mkdir, /scratch/tmp, --mode, \"1777\"]
      securityContext:
        readOnlyRootFilesystem: true
        allowPrivilegeEscalation: false
        capabilities:
          drop: [ALL]
        seccompProfile:
          type: Localhost
          localhostProfile: writeway-agent/mkdir.json
      volumeMounts:
        - { name: scratch, mountPath: /scratch }
  containers:
    - name: reports
      image: registry.example.com/reports:2.4.0
      securityContext:
        readOnlyRootFilesystem: true
        allowPrivilegeEscalation: false
        capabilities:
          drop: [ALL]
      volumeMounts:
        - { name: scratch, mountPath: /tmp, subPath: tmp }
  volumes:
    - name: scratch
      emptyDir: {}
```

```console
$ writeway admit --level restricted k8s/pod.yaml
Pod reports  k8s/pod.yaml:4  admitted by restricted:latest
1 pod: 1 admitted
```

`cargo xtask sandbox` runs each verb in such containers, by crun and runc: its main forms, and its failures. It runs them
once more with the profile of the verb, under which a call that is not allowed ends the program; where `openat2(2)` is
missing, as before Linux 5.6 or in gVisor; where a filter refuses it, as older container runtimes' do; where one refuses
`clone3(2)`, as theirs do still; and under `strace(1)`: the tables below have every system call that was seen, and
none that was not.

## Capabilities

A container's root needs those of the table that it uses: kubelet and the runtime leave a user other than root none, whatever
the manifest adds (the ambient set is empty). Without one, the verb says which step was refused.

";

/// What comes between the capabilities and the calls.
const SECCOMP: &str = "
## seccomp

`RuntimeDefault` is enough: where it refuses `openat2` or `clone3`, older calls do the same. Who wants less lays the
profiles of the folder [`seccomp`](seccomp/all.json) on the nodes, below kubelet's `--root-dir` (`/var/lib/kubelet`), as
`/var/lib/kubelet/seccomp/writeway-agent/`, or has the [Security Profiles
Operator](https://github.com/kubernetes-sigs/security-profiles-operator) do so, and names them: `localhostProfile:
writeway-agent/mkdir.json`. `all.json` is for every verb. They are measured on x86_64, and for that alone; elsewhere the
calls are not all the same.

What a profile does not allow answers `ENOSYS`, as a kernel that lacks the call. The container has to say
`allowPrivilegeEscalation: false`: only then the runtime loads the filter last, and needs no more than the last table.
";

/// The page, after a note on how it was made.
pub(crate) fn page(note: &str) -> String {
    let mut page = format!("{note}\n{INTRODUCTION}| verb | capability | what takes it |\n|---|---|---|\n");
    for needs in NEEDS {
        if needs.capabilities.is_empty() {
            let _ = writeln!(page, "| `{}` | none | |", needs.verb);
        }
        for capability in needs.capabilities {
            let _ = writeln!(
                page,
                "| `{}` | `{}` | {} |",
                needs.verb, capability.name, capability.why
            );
        }
    }
    page.push_str(SECCOMP);
    page.push_str("\n## System calls\n\n### Every verb\n");
    part(&mut page, &PROCESS);
    let mut shared: Vec<&Part> = Vec::new();
    for part in NEEDS.iter().flat_map(|needs| needs.parts) {
        if !shared.contains(part) {
            shared.push(part);
        }
    }
    page.push_str("\n### Several verbs\n");
    for shared in shared {
        let verbs: Vec<_> = NEEDS
            .iter()
            .filter(|needs| needs.parts.contains(&shared))
            .map(|needs| format!("`{}`", needs.verb))
            .collect();
        let _ = write!(page, "\n{}:\n", verbs.join(", "));
        part(&mut page, shared);
    }
    for needs in NEEDS.iter().filter(|needs| !needs.calls.is_empty()) {
        let about = VERBS.iter().find(|verb| verb.name == needs.verb);
        let about = about.map_or("", |verb| verb.about);
        let _ = write!(page, "\n### `{}`\n\n{about}.\n\n", needs.verb);
        table(&mut page, needs.calls);
    }
    page.push_str("\n### The container runtime\n");
    part(&mut page, &RUNTIME);
    page
}

fn part(page: &mut String, part: &Part) {
    let mut about = part.about.chars();
    let first = about.next().map(|first| first.to_uppercase().to_string());
    let _ = write!(page, "\n{}{}.\n\n", first.unwrap_or_default(), about.as_str());
    table(page, part.calls);
}

fn table(page: &mut String, calls: &[writeway_agent::needs::Call]) {
    page.push_str("| call | what for |\n|---|---|\n");
    for call in calls {
        let _ = writeln!(page, "| `{}` | {} |", call.name, call.why);
    }
}
