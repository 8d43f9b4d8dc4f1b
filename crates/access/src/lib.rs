// SPDX-License-Identifier: Apache-2.0
//! Floor 1: the write map. Identity, mounts, ownership, and verdicts with their derivation.
//!
//! The crate is a small model of the node: kubelet prepares volumes ([`volume`]), the runtime puts containers together
//! ([`runtime`]), init containers run their scripts ([`script`]), and a kernel decides, step by step, who may do what
//! ([`dac`], [`permission`]). What manifests and facts do not say is a value, unknown with its reason, that every step
//! carries on. Pure: no I/O, no async.

mod capability;
mod command_line;
mod container_script;
mod dac;
mod expansion;
mod fs_group;
mod identity;
mod map;
pub mod mount_path;
mod mounts;
mod node;
pub mod path;
mod permission;
mod probe;
mod process;
mod runtime;
mod script;
mod startup;
mod sub_path;
mod syscall;
mod validation;
mod value;
mod verdict;
mod version;
mod volume;
mod world;

use writeway_facts::Facts;
use writeway_manifest::{Inventory, Role, Which, Workload};

pub use capability::{Capability, CapabilitySet};
pub use command_line::{Program, ShellCall, program, shell_script};
pub use container_script::{
    ContainerScript, ScriptText, config_map_file, container_script, interpreter, script_file,
};
pub use expansion::has_unknown_variable;
pub use identity::{UserIds, user_ids};
pub use map::{
    Cause, ContainerMap, FileKind, FileVerdict, FsGroupEffect, Identity, Lifetime, PathMap, PodMap, Starts,
    Stop,
};
pub use verdict::{Answer, Errno, Tri, Verdict};
pub use version::DEFAULT_VERSION;

use node::Node;
use version::Feature;
use volume::Setup;

/// Everything the map of a pod is made from, beside the pod.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The objects of all inputs.
    pub inventory: &'a Inventory,
    /// What no manifest says.
    pub facts: &'a Facts,
    /// Paths to map in every container beside its mounts and the well-known ones.
    pub extra_paths: &'a [String],
}

/// Maps a workload's pod.
pub fn map_pod(context: &Context<'_>, workload: &Workload) -> PodMap {
    let node = Node::new(context.facts);
    let mut setup = Setup::new(context, &node, workload);
    if let Some(os) = workload
        .pod
        .operating_system()
        .filter(|os| os.as_str() == "windows")
    {
        setup
            .startup
            .doubt("a Windows pod: its file systems are not modelled", os.span);
        return PodMap {
            starts: setup.startup.answer(),
            containers: Vec::new(),
        };
    }
    validation::pod(&node, workload, &mut setup.startup);
    let containers = if setup.startup.is_stopped() {
        None
    } else {
        run(&mut setup)
    };
    PodMap {
        starts: setup.startup.answer(),
        containers: containers.unwrap_or_default(),
    }
}

/// The pod's life up to the moment when all of its containers run. `None` when it never gets there.
fn run(setup: &mut Setup<'_>) -> Option<Vec<ContainerMap>> {
    let (context, node, workload) = (setup.context, setup.node, setup.workload);
    for container in workload.pod.containers(Which::All) {
        setup.verify_user(container);
    }
    let volumes = setup.volumes();
    if setup.startup.is_stopped() {
        return None;
    }
    if workload
        .pod
        .host_users
        .is_some_and(|host_users| !host_users.value)
    {
        setup.world.unmap_from(validation::USER_NAMESPACE_IDS);
    }
    setup.nest(&volumes);
    let sandbox = setup.sandbox();
    let probe = |setup: &Setup<'_>, running: &runtime::Running<'_>| {
        probe::container(&setup.world, running, context.extra_paths)
    };
    let mut maps = Vec::new();
    for container in workload.pod.containers(Which::Startup) {
        let running = setup.create_container(container, &volumes, sandbox)?;
        maps.push(probe(setup, &running));
        // Before sidecars, `restartPolicy` on an init container was dropped.
        if container.role == Role::Sidecar && node.version.has(Feature::SidecarContainers) {
            script::run_sidecar(setup, &running);
        } else {
            script::run_init(setup, &running);
        }
        if setup.startup.is_stopped() {
            return None;
        }
    }
    // Main containers start one after the other without waiting: each is judged with all of them in place, and each
    // obstacle comes to light.
    let mut running = Vec::new();
    let started_last = |role| matches!(role, Role::Main | Role::Ephemeral);
    for container in workload
        .pod
        .containers(Which::All)
        .filter(|container| started_last(container.role))
    {
        running.extend(setup.create_container(container, &volumes, sandbox));
    }
    if setup.startup.is_stopped() {
        return None;
    }
    maps.extend(running.iter().map(|running| probe(setup, running)));
    Some(maps)
}
