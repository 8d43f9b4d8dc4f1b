// SPDX-License-Identifier: Apache-2.0
//! Every volume source, and the storage objects behind claims.

use writeway_manifest::{PersistentSource, ProjectedSource, VolumeSource};

use crate::reading::{pod, problems, read, read_volume};

#[test]
fn a_volume_without_a_source_is_an_empty_dir() {
    for fields in ["", "emptyDir: {}", "emptyDir: null", "secret: null", "csi: ~"] {
        match read_volume(fields) {
            VolumeSource::EmptyDir(empty) => assert_eq!(empty, Default::default(), "{fields}"),
            other => panic!("{fields}: {other:?}"),
        }
    }
}

#[test]
fn empty_dir_has_medium_limit_and_mode() {
    match read_volume("emptyDir: {medium: Memory, sizeLimit: 64Mi, mode: 01777}") {
        VolumeSource::EmptyDir(empty) => {
            assert_eq!(empty.medium.unwrap().value, "Memory");
            assert_eq!(empty.size_limit.unwrap().value, "64Mi");
            assert_eq!(empty.mode.unwrap().value, 0o1777);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn secrets_and_config_maps_have_items_and_modes() {
    let fields = "{NAME: x, optional: true, defaultMode: 0400, items: [{key: k, path: a/b, mode: 0600}, {key: l, path: c}]}";
    match read_volume(&format!("secret: {}", fields.replace("NAME", "secretName"))) {
        VolumeSource::Secret(secret) => {
            assert_eq!(secret.name.unwrap().value, "x");
            assert!(secret.optional);
            assert_eq!(secret.default_mode.unwrap().value, 0o400);
            assert_eq!(secret.items[0].path.value, "a/b");
            assert_eq!(secret.items[0].mode.unwrap().value, 0o600);
            assert_eq!(
                (secret.items[1].key.value.as_str(), secret.items[1].mode),
                ("l", None)
            );
        }
        other => panic!("{other:?}"),
    }
    match read_volume(&format!("configMap: {}", fields.replace("NAME", "name"))) {
        VolumeSource::ConfigMap(map) => {
            assert_eq!((map.name.unwrap().value.as_str(), map.items.len()), ("x", 2));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn projected_volumes_keep_the_order_of_their_sources() {
    let source = read_volume(
        "projected: {defaultMode: 0440, sources: [
            {secret: {name: s, items: [{key: k, path: p}]}}, {configMap: {name: m, optional: true}},
            {downwardAPI: {items: [{path: labels, mode: 0644, fieldRef: {fieldPath: metadata.labels}}]}},
            {serviceAccountToken: {path: token, audience: x}}, {clusterTrustBundle: {path: ca, signerName: s}},
            {podCertificate: {signerName: s, keyType: RSA3072, credentialBundlePath: bundle, keyPath: ''}},
            {somethingNew: {path: x}}, {}]}",
    );
    let VolumeSource::Projected {
        sources,
        default_mode,
    } = source
    else {
        panic!("{source:?}")
    };
    assert_eq!(default_mode.unwrap().value, 0o440);
    let shown: Vec<String> = sources
        .iter()
        .map(|source| match source {
            ProjectedSource::Secret(secret) => format!("secret {}", secret.name.as_ref().unwrap().value),
            ProjectedSource::ConfigMap(map) => format!("configMap {}", map.optional),
            ProjectedSource::DownwardApi(items) => format!("downward {}", items[0].path.value),
            ProjectedSource::Token { path } => format!("token {}", path.value),
            ProjectedSource::TrustBundle { path } => format!("bundle {}", path.value),
            ProjectedSource::PodCertificate { paths } => {
                format!("certificate {} {}", paths.len(), paths[0].value)
            }
            ProjectedSource::Unknown(field) => format!("unknown {field}"),
        })
        .collect();
    assert_eq!(
        shown,
        [
            "secret s",
            "configMap true",
            "downward labels",
            "token token",
            "bundle ca",
            "certificate 1 bundle",
            "unknown somethingNew"
        ]
    );
}

#[test]
fn the_other_sources() {
    for (fields, expected) in [
        (
            "hostPath: {path: /srv, type: Directory}",
            "HostPath /srv Directory",
        ),
        (
            "persistentVolumeClaim: {claimName: data, readOnly: true}",
            "Claim data true",
        ),
        (
            "csi: {driver: d.example, fsType: ext4, readOnly: true}",
            "Csi d.example ext4 true",
        ),
        (
            "image: {reference: registry.example/x:1, pullPolicy: Always}",
            "Image registry.example/x:1",
        ),
        ("nfs: {server: s, path: /, readOnly: true}", "Nfs true"),
        (
            "iscsi: {targetPortal: t, iqn: i, lun: 0, fsType: xfs}",
            "Block iscsi Some(\"xfs\") false",
        ),
        ("fc: {wwids: [x], readOnly: true}", "Block fc None true"),
        ("flexVolume: {driver: x/y}", "Flex false"),
        ("gitRepo: {repository: r}", "GitRepo"),
        (
            "awsElasticBlockStore: {volumeID: v, fsType: ext4}",
            "Migrated awsElasticBlockStore ebs.csi.aws.com Some(\"ext4\") false",
        ),
        (
            "gcePersistentDisk: {pdName: v, readOnly: true}",
            "Migrated gcePersistentDisk pd.csi.storage.gke.io None true",
        ),
        (
            "azureDisk: {diskName: v, diskURI: u}",
            "Migrated azureDisk disk.csi.azure.com None false",
        ),
        (
            "azureFile: {secretName: v, shareName: s}",
            "Migrated azureFile file.csi.azure.com None false",
        ),
        (
            "cinder: {volumeID: v}",
            "Migrated cinder cinder.csi.openstack.org None false",
        ),
        (
            "vsphereVolume: {volumePath: v}",
            "Migrated vsphereVolume csi.vsphere.vmware.com None false",
        ),
        (
            "portworxVolume: {volumeID: v}",
            "Migrated portworxVolume pxd.portworx.com None false",
        ),
        ("cephfs: {monitors: [x]}", "Removed cephfs"),
        ("rbd: {monitors: [x], image: y}", "Removed rbd"),
        ("glusterfs: {endpoints: x, path: y}", "Removed glusterfs"),
        ("flocker: {}", "Removed flocker"),
        ("photonPersistentDisk: {pdID: x}", "Removed photonPersistentDisk"),
        ("quobyte: {registry: x, volume: y}", "Removed quobyte"),
        ("scaleIO: {gateway: x, system: y}", "Removed scaleIO"),
        ("storageos: {}", "Removed storageos"),
        ("somethingNew: {a: b}", "Unknown somethingNew"),
    ] {
        let shown = match read_volume(fields) {
            VolumeSource::HostPath(host) => {
                format!("HostPath {} {}", host.path.value, host.kind.unwrap().value)
            }
            VolumeSource::Claim(claim) => {
                format!(
                    "Claim {} {}",
                    claim.claim_name.value,
                    claim.read_only.unwrap().value
                )
            }
            VolumeSource::Csi(csi) => {
                format!(
                    "Csi {} {} {}",
                    csi.driver.value,
                    csi.fs_type.unwrap().value,
                    csi.read_only
                )
            }
            VolumeSource::Image(image) => format!("Image {}", image.reference.unwrap().value),
            VolumeSource::Nfs { read_only } => format!("Nfs {read_only}"),
            VolumeSource::Block {
                plugin,
                fs_type,
                read_only,
            } => format!("Block {plugin} {fs_type:?} {read_only}"),
            VolumeSource::FlexVolume { read_only } => format!("Flex {read_only}"),
            VolumeSource::GitRepo => "GitRepo".to_owned(),
            VolumeSource::Migrated {
                plugin,
                driver,
                fs_type,
                read_only,
            } => {
                format!("Migrated {plugin} {driver} {fs_type:?} {read_only}")
            }
            VolumeSource::Removed(plugin) => format!("Removed {plugin}"),
            VolumeSource::Unknown(field) => format!("Unknown {field}"),
            other => panic!("{fields}: {other:?}"),
        };
        assert_eq!(shown, expected, "{fields}");
    }
}

#[test]
fn an_ephemeral_volume_has_a_claim_of_its_own() {
    let source = read_volume(
        "ephemeral: {volumeClaimTemplate: {metadata: {annotations: {a: b}},
            spec: {storageClassName: fast, accessModes: [ReadWriteOnce], volumeMode: Block}}}",
    );
    let VolumeSource::Ephemeral { claim } = source else {
        panic!("{source:?}")
    };
    assert_eq!(claim.storage_class_name.unwrap().value, "fast");
    assert_eq!(claim.access_modes[0].value, "ReadWriteOnce");
    assert_eq!(claim.volume_mode.unwrap().value, "Block");
    assert_eq!(claim.annotations["a"], "b");
    assert_eq!(claim.data_source, None);
}

#[test]
fn what_fills_a_claim_is_read_as_the_api_server_takes_it() {
    let clone = "dataSource: {kind: PersistentVolumeClaim, name: old}";
    let snapshot = "dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: daily}";
    let populated = "dataSourceRef: {apiGroup: example.org, kind: Backup, name: all, namespace: backups}";
    for (fields, expected) in [
        (clone.to_owned(), Some(("PersistentVolumeClaim", "old"))),
        (snapshot.to_owned(), Some(("VolumeSnapshot", "daily"))),
        (populated.to_owned(), Some(("Backup", "all"))),
        (format!("{clone}, {populated}"), Some(("Backup", "all"))),
        (populated.replace("Ref", ""), None),
        (clone.replace("kind", "apiGroup: example.org, kind"), None),
        ("dataSource: null".to_owned(), None),
    ] {
        let source = read_volume(&format!(
            "ephemeral: {{volumeClaimTemplate: {{spec: {{accessModes: [ReadWriteOnce], {fields}}}}}}}"
        ));
        let VolumeSource::Ephemeral { claim } = source else {
            panic!("{source:?}")
        };
        let read = claim.data_source.as_ref();
        let read = read.map(|source| (source.kind.as_str(), source.name.as_str()));
        assert_eq!(read, expected, "{fields}");
    }
}

#[test]
fn two_sources_are_refused_and_the_first_of_the_table_counts() {
    let inventory = read(&pod(
        "containers: []\nvolumes: [{name: v, secret: {secretName: s}, emptyDir: {}}]",
    ));
    assert_eq!(
        problems(&inventory),
        ["error 6:13: `spec.volumes[0]` has more than one volume source; keep one"]
    );
    assert!(matches!(
        inventory.workloads()[0].pod.volumes[0].source,
        VolumeSource::EmptyDir(_)
    ));
}

#[test]
fn storage_objects_are_read() {
    let inventory = read(
        "
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk, annotations: {pv.beta.kubernetes.io/gid: '1234'}}
spec:
  storageClassName: slow
  accessModes: [ReadWriteOnce, ReadOnlyMany]
  claimRef: {namespace: prod, name: data}
  local: {path: /mnt/disk, fsType: xfs}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: inline}
spec: {csi: {driver: ebs.csi.aws.com, volumeHandle: v, fsType: ext4}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: odd}
spec: {capacity: {storage: 1Gi}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: prod}
spec: {storageClassName: '', volumeName: disk, accessModes: [ReadWriteOnce], volumeMode: Filesystem}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: slow, annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}
provisioner: rancher.io/local-path
parameters: {nodePath: /data}
mountOptions: [ro, 'uid=5']
---
apiVersion: storage.k8s.io/v1
kind: CSIDriver
metadata: {name: ebs.csi.aws.com}
spec: {fsGroupPolicy: File, volumeLifecycleModes: [Persistent, Ephemeral]}
",
    );
    assert_eq!(problems(&inventory), [""; 0]);
    assert_eq!(inventory.unknown_fields(), []);
    let disk = inventory.volume("disk").unwrap();
    assert_eq!(disk.annotations["pv.beta.kubernetes.io/gid"], "1234");
    assert_eq!(disk.claim_ref, Some((Some("prod".to_owned()), "data".to_owned())));
    assert_eq!(disk.storage_class_name.as_ref().unwrap().value, "slow");
    assert_eq!(disk.access_modes.len(), 2);
    match &disk.source {
        PersistentSource::Local { path, fs_type } => {
            assert_eq!(
                (path.value.as_str(), fs_type.as_deref()),
                ("/mnt/disk", Some("xfs"))
            );
        }
        other => panic!("{other:?}"),
    }
    let inline = &inventory.volume("inline").unwrap().source;
    assert!(
        matches!(inline, PersistentSource::Inline(VolumeSource::Csi(csi)) if csi.driver.value == "ebs.csi.aws.com")
    );
    let odd = &inventory.volume("odd").unwrap().source;
    assert!(
        matches!(odd, PersistentSource::Inline(VolumeSource::Unknown(_))),
        "{odd:?}"
    );

    let claim = inventory.claim(Some("prod"), "data").unwrap();
    assert_eq!(claim.storage_class_name.as_ref().unwrap().value, "");
    assert_eq!(claim.volume_name.as_ref().unwrap().value, "disk");
    let class = inventory.class("slow").unwrap();
    assert_eq!(class.provisioner.as_ref().unwrap().value, "rancher.io/local-path");
    assert_eq!(class.parameters["nodePath"], "/data");
    assert_eq!(class.mount_options, ["ro", "uid=5"]);
    assert_eq!(inventory.default_class().unwrap().object.name, "slow");
    let driver = inventory.driver("ebs.csi.aws.com").unwrap();
    assert_eq!(driver.fs_group_policy.as_ref().unwrap().value, "File");
    assert_eq!(driver.volume_lifecycle_modes[1].value, "Ephemeral");
}
