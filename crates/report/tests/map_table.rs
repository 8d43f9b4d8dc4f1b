// SPDX-License-Identifier: Apache-2.0
//! The table is read by people: its lines are pinned as a whole.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use insta::assert_snapshot;
use writeway_access::PodMap;
use writeway_report::{TableOptions, write_workload_table};

fn table(map: &PodMap, options: TableOptions) -> String {
    let inventory = common::inventory();
    let mut out = Vec::new();
    write_workload_table(&mut out, &inventory, &inventory.workloads()[0], map, &options).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_path_is_a_line_and_nothing_is_shortened_without_a_terminal() {
    assert_snapshot!(table(&common::map(), TableOptions::default()), @"
    Pod shop/web  pod.yaml:4
      app (main), uid 1000, gid 0, groups 0 2000, capabilities DAC_OVERRIDE CHOWN and 1 more
        PATH                                                    SOURCE  TYPE    MODE  OWNER  CREATE     OVERWRITE  FILE           LIFETIME
        /data                                                   claim   dir     0755  0:0    no EACCES  yes        settings.json  claim
        /tmp                                                    rootfs  ?       ?     ?      unknown    unknown    -              container
        /var/lib/application/a/very/long/way/down/to/the/cache  rootfs  absent  -     -      no ENOENT  unknown    -              container
    ");
}

#[test]
fn on_a_narrow_terminal_file_names_and_paths_give_way() {
    let narrow = table(
        &common::map(),
        TableOptions {
            width: Some(90),
            ..TableOptions::default()
        },
    );
    assert!(narrow.lines().all(|line| line.chars().count() <= 90));
    assert_snapshot!(narrow, @"
    Pod shop/web  pod.yaml:4
      app (main), uid 1000, gid 0, groups 0 2000, capabilities DAC_OVERRIDE CHOWN and 1 more
        PATH              SOURCE  TYPE    MODE  OWNER  CREATE     OVERWRITE  FILE    LIFETIME
        /data             claim   dir     0755  0:0    no EACCES  yes        se…son  claim
        /tmp              rootfs  ?       ?     ?      unknown    unknown    -       container
        /var/li…he/cache  rootfs  absent  -     -      no ENOENT  unknown    -       container
    ");
}

#[test]
fn derivations_stand_below_their_path() {
    assert_snapshot!(table(&common::map(), TableOptions { why: true, ..TableOptions::default() }), @"
    Pod shop/web  pod.yaml:4
      app (main), uid 1000, gid 0, groups 0 2000, capabilities DAC_OVERRIDE CHOWN and 1 more
          identity
            runAsUser of the pod
        PATH                                                    SOURCE  TYPE    MODE  OWNER  CREATE     OVERWRITE  FILE           LIFETIME
        /data                                                   claim   dir     0755  0:0    no EACCES  yes        settings.json  claim
          create: no EACCES
            claim `data` is hostPath: kubelet never applies fsGroup there
            uid 1000 is `other` of 0:0 0755
          overwrite settings.json: yes
            mode 0666
        /tmp                                                    rootfs  ?       ?     ?      unknown    unknown    -              container
          create: unknown
            no facts about image `acme/app:1`
          overwrite: unknown
            no facts about image `acme/app:1`
        /var/lib/application/a/very/long/way/down/to/the/cache  rootfs  absent  -     -      no ENOENT  unknown    -              container
          overwrite: unknown
            no facts about image `acme/app:1`
    ");
}

#[test]
fn a_pod_that_does_not_start_says_why() {
    assert_snapshot!(table(&common::not_starting(), TableOptions::default()), @"
    Pod shop/web  pod.yaml:4
      does not start: runAsNonRoot is true and image `acme/app:1` runs as root (and 1 more)
    ");
}

#[test]
fn colour_adds_nothing_but_escape_sequences() {
    let plain = table(&common::map(), TableOptions::default());
    let colored = table(
        &common::map(),
        TableOptions {
            color: true,
            ..TableOptions::default()
        },
    );
    let mut stripped = String::new();
    let mut rest = colored.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        stripped.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    stripped.push_str(rest);
    assert_eq!(stripped, plain);
    assert!(colored.contains("\u{1b}[32myes\u{1b}[0m"), "{colored}");
}

#[test]
fn names_cannot_send_escape_sequences() {
    let mut map = common::map();
    map.containers[0].name = "app\u{1b}[2J".to_owned();
    map.containers[0].paths[0].path = "/data\r\n".to_owned();
    let text = table(
        &map,
        TableOptions {
            why: true,
            ..TableOptions::default()
        },
    );
    assert!(!text.contains('\u{1b}') && !text.contains('\r'), "{text:?}");
}
