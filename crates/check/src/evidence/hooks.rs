// SPDX-License-Identifier: Apache-2.0
//! Hooks of Helm among the inputs, and when Helm deletes them (helm pkg/action/hooks.go).

use writeway_manifest::{HelmHook, HookDeletePolicy, HookEvent, Inventory, ObjectRef, Place};

/// An object that is a hook and nothing else.
pub(crate) struct Hooked<'a> {
    pub(crate) object: &'a ObjectRef,
    pub(crate) hook: HelmHook,
}

impl<'a> Hooked<'a> {
    /// The object as a hook. `None` when it is none, and when the inputs have an object of its name that is none either:
    /// the two are alternatives then, of which only one is deployed.
    pub(crate) fn of(inventory: &'a Inventory, object: &'a ObjectRef) -> Option<Self> {
        let hook = inventory.metadata(object)?.helm_hook()?;
        let mut namesakes = inventory.namesakes(object);
        let kept = namesakes.any(|other| other.value.helm_hook().is_none());
        (!kept).then_some(Self { object, hook })
    }

    /// Where the policy is written, or else what makes it a hook.
    pub(crate) fn policy_place(&self) -> Place {
        let written = self.hook.written_policies.as_ref();
        Place {
            file: self.object.file,
            span: written.map_or(self.hook.events.span, |policies| policies.span),
        }
    }

    /// `ServiceAccount `minter``.
    pub(crate) fn shown(&self) -> String {
        format!("{} `{}`", self.object.kind, self.object.name)
    }

    /// Whether Helm deletes it when the hooks of its event have run.
    pub(crate) fn deleted_at_the_end(&self) -> bool {
        self.hook.is_deleted(HookDeletePolicy::HookSucceeded)
    }

    /// Whether every upgrade deletes it and makes it anew.
    pub(crate) fn replaced_by_upgrades(&self) -> bool {
        self.hook.is_deleted(HookDeletePolicy::BeforeHookCreation)
            && (self.hook.runs_at(HookEvent::PreUpgrade) || self.hook.runs_at(HookEvent::PostUpgrade))
    }

    /// Its events, for a sentence: `pre-install and pre-upgrade`.
    pub(crate) fn events(&self) -> String {
        listed(self.hook.events.iter().map(|event| event.as_str()))
    }
}

/// Words as a list in a sentence.
pub(crate) fn listed<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let words: Vec<_> = words.collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}
