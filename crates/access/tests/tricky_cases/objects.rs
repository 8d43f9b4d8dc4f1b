// SPDX-License-Identifier: Apache-2.0
//! Cases 26 to 42, 59 and 60: volumes made of API objects, and service account tokens.

use crate::case::{Case, IMAGE};

const SECRET: &str = "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {k: v}}";
const CONFIG_MAP: &str = "{apiVersion: v1, kind: ConfigMap, metadata: {name: cm}, data: {x: v}}";

/// A pod that mounts something at /s.
fn mounted(security: &str, mount: &str, source: &str) -> Case {
    Case::pod(&format!(
        "
  securityContext: {{{security}}}
  containers: [{{name: app, image: app, volumeMounts: [{{name: v, mountPath: /s{mount}}}]}}]
  volumes: [{{name: v, {source}}}]"
    ))
    .with(SECRET)
    .with(CONFIG_MAP)
    .facts(IMAGE)
}

#[test]
fn case_26_a_closed_secret_is_roots_alone() {
    mounted(
        "runAsUser: 1000",
        "",
        "secret: {secretName: s, defaultMode: 0400}",
    )
    .expect(
        "app /s: mode 1777; readOnly true; create no EROFS; lifetime object
         app /s/k: type file; mode 0400; owner 0:0; overwrite no EACCES",
    );
}

#[test]
fn case_27_fs_group_opens_a_closed_secret_to_its_group() {
    mounted(
        "runAsUser: 1000, fsGroup: 1000",
        "",
        "secret: {secretName: s, defaultMode: 0400}",
    )
    .expect(
        "app /s: mode 3777; owner 0:1000; fsGroup applied
         app /s/k: mode 0440; owner 0:1000; overwrite no EACCES",
    );
}

#[test]
fn case_31_a_mode_without_a_leading_zero_is_decimal() {
    let source = "secret: {secretName: s, defaultMode: 400}";
    mounted("runAsUser: 1000", "", source).expect("app /s/k: mode 0620; owner 0:0");
    mounted("runAsUser: 1000, fsGroup: 1000", "", source).expect("app /s/k: mode 0660; owner 0:1000");
}

#[test]
fn case_32_a_decimal_mode_of_644_is_refused() {
    mounted("runAsUser: 1000", "", "secret: {secretName: s, defaultMode: 644}")
        .expect("pod: starts no ~ refuses the mode 644");
}

#[test]
fn case_33_not_even_root_writes_into_a_config_map() {
    mounted("runAsUser: 0", "", "configMap: {name: cm}").expect(
        "app: capabilities CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_RAW \
         SYS_CHROOT MKNOD AUDIT_WRITE SETFCAP
         app /s: mode 0777; create no EROFS; file x; overwrite no EROFS; delete no EROFS; replace no EROFS; ruby no",
    );
}

#[test]
fn case_34_read_only_false_does_not_make_a_secret_writable() {
    mounted("runAsUser: 0", ", readOnly: false", "secret: {secretName: s}")
        .expect("app /s: readOnly true; create no EROFS; overwrite no EROFS");
}

/// That the file stays what it was until the container restarts is nothing the map speaks of; that it is no link is.
#[test]
fn case_35_a_key_mounted_by_sub_path_is_a_plain_file() {
    mounted("runAsUser: 1000", "/k, subPath: k", "secret: {secretName: s}").expect(
        "app /s/k: type file; mode 0644; owner 0:0; readOnly true; create no ENOTDIR; overwrite no EACCES; lifetime object",
    );
}

#[test]
fn case_36_a_sub_path_that_is_no_key_is_a_directory() {
    mounted(
        "runAsUser: 1000",
        "/k, subPath: missing",
        "secret: {secretName: s}",
    )
    .expect(
        "pod: starts yes
         app /s/k: type dir; mode 1777; owner 0:0; readOnly true; create no EROFS",
    );
    Case::pod(
        "
  containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /etc/app.conf, subPath: missing}]}]
  volumes: [{name: v, secret: {secretName: s}}]",
    )
    .with(SECRET)
    .facts(IMAGE)
    .expect("pod: starts no ~ not a directory");
}

/// An init container runs a script between a ConfigMap at /cm and an emptyDir at /v, which the app has too.
fn copied(script: &str) -> Case {
    Case::pod(&format!(
        "
  initContainers:
  - name: copy
    image: app
    command: [sh, -c, '{script}']
    securityContext: {{runAsUser: 0}}
    volumeMounts: [{{name: cm, mountPath: /cm}}, {{name: v, mountPath: /v}}]
  containers:
  - {{name: app, image: app, securityContext: {{runAsUser: 1000}}, volumeMounts: [{{name: v, mountPath: /v}}]}}
  volumes: [{{name: cm, configMap: {{name: cm}}}}, {{name: v, emptyDir: {{}}}}]"
    ))
    .with(CONFIG_MAP)
    .facts(IMAGE)
}

#[test]
fn case_37_a_recursive_copy_of_a_config_map_takes_its_links_along() {
    copied("cp -r /cm/. /v").expect(
        "app /v: create yes; lifetime pod
         app /v/..data: type dir; owner 0:0
         app /v/..data/x: type file
         app /v/x: type file; mode 0644; owner 0:0; overwrite no EACCES; lifetime pod",
    );
    // Without what it leads to, the link is left dangling.
    copied("cp -r /cm/. /v && rm /v/..data").expect("app /v/x: create no ENOENT; overwrite no ENOENT");
}

#[test]
fn case_38_a_copied_config_map_is_replaced_but_not_edited() {
    copied("cp /cm/* /v/").expect(
        "app /v: file x; overwrite no EACCES; replace yes; delete yes
         app /v/x: type file; mode 0644; owner 0:0; lifetime pod
         app /v/..data: exists no",
    );
}

/// Containers with a token at /t each; `containers` are name and uid, "" where it is not set.
fn token(
    pod_security: &str,
    init: Option<&str>,
    containers: &[(&str, &str)],
    ephemeral: Option<&str>,
) -> Case {
    let container = |name: &str, uid: &str| {
        let security = if uid.is_empty() {
            String::new()
        } else {
            format!("runAsUser: {uid}")
        };
        format!(
            "{{name: {name}, image: app, securityContext: {{{security}}}, volumeMounts: [{{name: t, mountPath: /t}}]}}"
        )
    };
    let main: Vec<String> = containers
        .iter()
        .map(|(name, uid)| container(name, uid))
        .collect();
    let init = init.map_or(String::new(), |uid| container("generated", uid));
    let ephemeral = ephemeral.map_or(String::new(), |uid| container("debug", uid));
    Case::pod(&format!(
        "
  securityContext: {{{pod_security}}}
  initContainers: [{init}]
  containers: [{}]
  ephemeralContainers: [{ephemeral}]
  volumes: [{{name: t, projected: {{sources: [{{serviceAccountToken: {{path: token}}}}, {{configMap: {{name: cm}}}}]}}}}]",
        main.join(", ")
    ))
    .with(CONFIG_MAP)
    .facts(IMAGE)
}

const GROUP: &str = "fsGroup: 2000";

#[test]
fn case_39_the_token_belongs_to_the_uid_of_all_containers() {
    let app = [("app", "1000")];
    token("", None, &app, None)
        .expect("app /t/token: mode 0600; owner 1000:0\n app /t/x: mode 0644; owner 0:0");
    token(GROUP, None, &app, None).expect("app /t/token: mode 0640; owner 1000:2000");
}

#[test]
fn case_40_a_generated_init_container_takes_the_token_away() {
    let app = [("app", "1000")];
    token("", Some("0"), &app, None).expect("app /t/token: mode 0644; owner 0:0");
    token(GROUP, Some("0"), &app, None).expect("app /t/token: mode 0640; owner 0:2000");
}

#[test]
fn case_41_the_user_of_an_image_does_not_count_for_the_token() {
    let both = [("app", "1000"), ("beside", "")];
    token("", None, &both, None).expect("app /t/token: mode 0644; owner 0:0");
    token(GROUP, None, &both, None).expect("app /t/token: mode 0640; owner 0:2000");
}

#[test]
fn case_42_a_debug_container_takes_the_token_away_unless_the_pod_has_the_uid() {
    token("", None, &[("app", "1000")], Some("")).expect("app /t/token: mode 0644; owner 0:0");
    token("runAsUser: 1000", None, &[("app", "")], Some("")).expect("app /t/token: mode 0600; owner 1000:0");
}

#[test]
fn case_59_a_volume_that_nobody_mounts_is_not_set_up() {
    Case::pod(
        "
  containers: [{name: app, image: app}]
  volumes: [{name: v, secret: {secretName: nowhere}}]",
    )
    .facts(IMAGE)
    .expect("pod: starts yes");
}

/// The Secret may exist in the cluster, so that this is not a *no*.
#[test]
fn case_60_a_secret_of_the_app_alone_holds_up_the_init_container_too() {
    Case::pod(
        "
  initContainers: [{name: mint, image: app, command: [sh, -c, kubectl create secret generic minted]}]
  containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /s}]}]
  volumes: [{name: v, secret: {secretName: minted}}]",
    )
    .facts(IMAGE)
    .expect("pod: starts unknown ~ Secret `minted` is not among the inputs");
}
