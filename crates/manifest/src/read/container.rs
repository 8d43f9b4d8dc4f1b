// SPDX-License-Identifier: Apache-2.0
//! Reads containers.

use super::{Fields, known, security};
use crate::{
    Container, Device, EnvFromSource, EnvSource, EnvVar, ExpandedPath, HandlerHost, Mount, Port, Probe,
    Probes, Resources, Role, Spanned, SubPath,
};

/// The containers of one of the pod's three lists.
pub(super) fn containers(pod: &mut Fields<'_, '_>, list: &str, role: Role) -> Vec<Container> {
    let known = if role == Role::Ephemeral {
        known::EPHEMERAL_CONTAINER
    } else {
        known::CONTAINER
    };
    pod.objects(list, known, |fields| container(fields, role))
        .unwrap_or_default()
}

fn container(fields: &mut Fields<'_, '_>, role: Role) -> Container {
    let always = fields
        .string("restartPolicy")
        .is_some_and(|policy| *policy == "Always");
    let env = fields.objects("env", known::ENV_VAR, env_var).unwrap_or_default();
    let env_from = fields.get("envFrom").map(|node| node.span());
    Container {
        span: fields.span(),
        role: if role == Role::Init && always {
            Role::Sidecar
        } else {
            role
        },
        name: fields.required("name"),
        image: fields.string("image"),
        command: fields.strings("command"),
        args: fields.strings("args"),
        working_dir: fields.string("workingDir"),
        env_from_sources: fields
            .objects("envFrom", known::ENV_FROM_SOURCE, env_from_source)
            .unwrap_or_default()
            .into_iter()
            .flatten()
            .collect(),
        mounts: fields
            .objects("volumeMounts", known::VOLUME_MOUNT, |fields| {
                mount(fields, &env, env_from.is_some())
            })
            .unwrap_or_default(),
        env,
        env_from,
        devices: fields
            .objects("volumeDevices", known::VOLUME_DEVICE, device)
            .unwrap_or_default(),
        resources: fields
            .object("resources", known::RESOURCE_REQUIREMENTS, resources)
            .unwrap_or_default(),
        security: fields
            .object(
                "securityContext",
                known::SECURITY_CONTEXT,
                security::container_security,
            )
            .unwrap_or_default(),
        termination_message_path: fields.string("terminationMessagePath"),
        ports: fields
            .objects("ports", known::CONTAINER_PORT, port)
            .unwrap_or_default(),
        probes: Probes {
            startup: fields.object("startupProbe", known::PROBE, probe),
            readiness: fields.object("readinessProbe", known::PROBE, probe),
            liveness: fields.object("livenessProbe", known::PROBE, probe),
        },
        handler_hosts: handler_hosts(fields),
    }
}

fn probe(fields: &mut Fields<'_, '_>) -> Probe {
    Probe {
        span: fields.span(),
        initial_delay_seconds: fields.int32("initialDelaySeconds"),
        period_seconds: fields.int32("periodSeconds"),
        timeout_seconds: fields.int32("timeoutSeconds"),
        failure_threshold: fields.int32("failureThreshold"),
        success_threshold: fields.int32("successThreshold"),
    }
}

fn port(fields: &mut Fields<'_, '_>) -> Port {
    Port {
        container_port: fields.int32("containerPort"),
        host_port: fields.int32("hostPort"),
    }
}

/// The hosts of all handlers: probes first, then the hooks of `lifecycle`.
fn handler_hosts(container: &mut Fields<'_, '_>) -> Vec<HandlerHost> {
    let mut found = Vec::new();
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        collect_hosts(container, probe, &mut found);
    }
    container.object("lifecycle", &[], |lifecycle| {
        for hook in ["postStart", "preStop"] {
            collect_hosts(lifecycle, hook, &mut found);
        }
    });
    found
}

fn collect_hosts(fields: &mut Fields<'_, '_>, field: &'static str, found: &mut Vec<HandlerHost>) {
    fields.object(field, &[], |handler| {
        for action in ["httpGet", "tcpSocket"] {
            let host = handler.object(action, &[], |action| action.string("host"));
            found.extend(host.flatten().map(|host| HandlerHost { field, host }));
        }
    });
}

/// `resources` of a container or of a pod.
pub(super) fn resources(fields: &mut Fields<'_, '_>) -> Resources {
    Resources {
        span: Some(fields.span()),
        requests: fields.quantities("requests"),
        limits: fields.quantities("limits"),
    }
}

fn env_var(fields: &mut Fields<'_, '_>) -> EnvVar {
    let name = fields.required("name");
    let source = fields
        .object("valueFrom", known::ENV_VAR_SOURCE, value_from)
        .flatten();
    let source = source.unwrap_or_else(|| EnvSource::Value(fields.required("value")));
    EnvVar { name, source }
}

fn value_from(fields: &mut Fields<'_, '_>) -> Option<EnvSource> {
    let field = fields.object("fieldRef", known::OBJECT_FIELD_SELECTOR, |field| {
        EnvSource::Field(field.required("fieldPath"))
    });
    let secret = fields.object("secretKeyRef", known::KEY_SELECTOR, |key| EnvSource::SecretKey {
        name: key.required("name"),
        key: key.required("key"),
        optional: key.flag("optional"),
    });
    let config_map = fields.object("configMapKeyRef", known::KEY_SELECTOR, |key| {
        EnvSource::ConfigMapKey {
            name: key.required("name"),
            key: key.required("key"),
            optional: key.flag("optional"),
        }
    });
    field.or(secret).or(config_map).or_else(|| {
        let (key, value) = fields.entries().find(|(_, value)| !value.is_null())?;
        Some(EnvSource::Other(Spanned::new(
            key.key_text().into_owned(),
            value.span(),
        )))
    })
}

fn env_from_source(fields: &mut Fields<'_, '_>) -> Option<EnvFromSource> {
    let secret = fields.object("secretRef", known::OBJECT_SELECTOR, |reference| {
        EnvFromSource::Secret {
            name: reference.required("name"),
            optional: reference.flag("optional"),
        }
    });
    let config_map = fields.object("configMapRef", known::OBJECT_SELECTOR, |reference| {
        EnvFromSource::ConfigMap {
            name: reference.required("name"),
            optional: reference.flag("optional"),
        }
    });
    secret.or(config_map)
}

fn mount(fields: &mut Fields<'_, '_>, env: &[EnvVar], more_variables: bool) -> Mount {
    let plain = fields
        .string("subPath")
        .filter(|path| !path.is_empty())
        .map(SubPath::Plain);
    let expr = fields
        .string("subPathExpr")
        .filter(|path| !path.is_empty())
        .map(|written| SubPath::Expr {
            expanded: ExpandedPath::of(&written, env, more_variables),
            written,
        });
    Mount {
        span: fields.span(),
        name: fields.required("name"),
        mount_path: fields.required("mountPath"),
        sub_path: plain.or(expr),
        read_only: fields.bool("readOnly"),
        recursive_read_only: fields.string("recursiveReadOnly"),
        propagation: fields.string("mountPropagation"),
    }
}

fn device(fields: &mut Fields<'_, '_>) -> Device {
    Device {
        name: fields.required("name"),
        device_path: fields.required("devicePath"),
    }
}
