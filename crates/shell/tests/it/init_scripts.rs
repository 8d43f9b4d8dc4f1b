// SPDX-License-Identifier: Apache-2.0
//! The shapes that init containers have in the wild, and those that were measured on a node.

use crate::render::script;

fn check(table: &[(&str, &str)]) {
    for (text, expected) in table {
        assert_eq!(&script(text), expected, "{text:?}");
    }
}

#[test]
fn the_commands_of_the_measured_pods() {
    check(&[
        (
            "chown -R 1000:1000 /prep || true",
            "chown -R 1000:1000 /prep || true",
        ),
        (
            "chgrp -R 2000 /prep && chmod -R g+rwX /prep || true",
            "chgrp -R 2000 /prep && chmod -R g+rwX /prep || true",
        ),
        (
            "install -d -m 0700 -o 1000 -g 1000 /prep/own 2>/dev/null || \
             (mkdir /prep/own && chown 1000:1000 /prep/own && chmod 0700 /prep/own) || true",
            "install -d -m 0700 -o 1000 -g 1000 /prep/own 2>/dev/null || \
             (subshell mkdir /prep/own && chown 1000:1000 /prep/own && chmod 0700 /prep/own) || true",
        ),
        (
            "umask 077; mkdir /prep/priv; touch /prep/priv/x || true",
            "umask 077; mkdir /prep/priv; touch /prep/priv/x || true",
        ),
        (
            "echo x > /v/file; chmod 0660 /v/file || true",
            "echo x >/v/file; chmod 0660 /v/file || true",
        ),
        ("chmod u=rwx,go= /v || true", "chmod u=rwx,go= /v || true"),
        (
            "mkdir -m 1777 /v/three; true || true",
            "mkdir -m 1777 /v/three; true || true",
        ),
        ("ln -s /tmp /v/l0 || true", "ln -s /tmp /v/l0 || true"),
        ("cp -r /opt/app /v/app0 || true", "cp -r /opt/app /v/app0 || true"),
        ("mv /v/f0 /v/moved || true", "mv /v/f0 /v/moved || true"),
        ("rm -rf /v/d0 || true", "rm -rf /v/d0 || true"),
    ]);
}

#[test]
fn ownership_of_a_volume_below_its_root() {
    check(&[
        (
            "set -e\nmkdir -p /bitnami/data\nchown \"1001:1001\" \"/bitnami/data\"\n\
             find \"/bitnami/data\" -mindepth 1 -maxdepth 1 -not -name \".snapshot\" -not -name \"lost+found\" | \\\n\
             \x20 xargs -r chown -R \"1001:1001\"\n",
            "set -e; mkdir -p /bitnami/data; chown '1001:1001' '/bitnami/data'; \
             find '/bitnami/data' -mindepth 1 -maxdepth 1 -not -name '.snapshot' -not -name 'lost+found' | \
             xargs -r chown -R '1001:1001'",
        ),
        (
            "find /data -not -user 1000 -exec chown 1000:1000 {} +",
            "find /data -not -user 1000 -exec chown 1000:1000 {} +",
        ),
        (
            "find /data \\! -user 1000 -exec chown 1000 '{}' \\;",
            "find /data '!' -user 1000 -exec chown 1000 '{}' ';'",
        ),
        (
            "chown -R $(id -u):$(id -G | cut -d \" \" -f2) /data",
            "chown -R $(id -u):$(id -G | cut -d ' ' -f2) /data",
        ),
        (
            "chown -R ${TARGET_UID:-1000}:\"$TARGET_GID\" ${TARGET_PATH}",
            "chown -R ${TARGET_UID:-1000}:\"${TARGET_GID}\" ${TARGET_PATH}",
        ),
    ]);
}

#[test]
fn copies_that_happen_only_when_needed() {
    check(&[
        (
            "set -ex\n[ -d /x ] && cp -r /src/. /dst/\ntest -f /dst/ok || cp /src/ok /dst/\n",
            "set -ex; [ -d /x ] && cp -r /src/. /dst/; test -f /dst/ok || cp /src/ok /dst/",
        ),
        (
            "if [ ! -f /config/app.yaml ]; then\n  cp /defaults/*.yaml /config/\nelse\n  echo kept >&2\nfi\n",
            "(if [ ! -f /config/app.yaml ] then cp /defaults/<*>.yaml /config/ else echo kept >&2)",
        ),
        (
            "[[ $(ls -A ${DATA_DIR}) ]] && exit 0;",
            "(test $(ls -A ${DATA_DIR})) && exit 0",
        ),
        (
            "if [ \"$(id -u)\" = '0' ]; then exec su-exec app \"$0\" \"$@\"; fi\nexec \"$@\"",
            "(if [ \"$(id -u)\" = '0' ] then exec su-exec app \"${0}\" \"${@}\"); exec \"${@}\"",
        ),
    ]);
}

#[test]
fn loops_functions_and_traps() {
    check(&[
        (
            "for d in data logs \"$EXTRA\"; do mkdir -p \"/v/$d\" && chmod 0770 /v/$d; done",
            "(for d in data logs \"${EXTRA}\" do mkdir -p '/v/'\"${d}\" && chmod 0770 /v/${d})",
        ),
        (
            "until nc -z \"${PGHOST:-localhost}\" 5432; do\n  echo \"Waiting for Postgres...\"\n  sleep 2\ndone",
            "(until nc -z \"${PGHOST:-'localhost'}\" 5432 do echo 'Waiting for Postgres...'; sleep 2)",
        ),
        (
            "i=0; while [ $i -lt 30 ]; do [ -s /t/token ] && exit 0; i=$((i+1)); sleep 1; done; exit 1",
            "i=0; (while [ ${i} -lt 30 ] do [ -s /t/token ] && exit 0; i=$(('i+1')); sleep 1); exit 1",
        ),
        (
            "log() { >&2 echo \"$*\"; }\ntrap 'rm -f \"$tmp\"' EXIT\ntmp=$(mktemp) || exit 1\nlog done",
            "(function log (group echo \"${*}\" >&2)); trap 'rm -f \"$tmp\"' EXIT; tmp=$(mktemp) || exit 1; log done",
        ),
        (
            "case \"$HOSTNAME\" in\n  *-0) cp /seed/primary.conf /v/ ;;\n  *)   cp /seed/replica.conf /v/ ;;\nesac",
            "(case \"${HOSTNAME}\" [<*>-0: cp /seed/primary.conf /v/] [<*>: cp /seed/replica.conf /v/])",
        ),
        (
            "(umask 027; mkdir -p /v/{a,b}) || { echo failed; exit 1; } &",
            "(subshell umask 027; mkdir -p /v/{a,b}) || (group echo failed; exit 1) &",
        ),
    ]);
}

#[test]
fn files_written_from_here_documents() {
    check(&[
        (
            "cat <<EOF > /etc/config/jaas.conf\nKafkaClient {\n  username=\"$SASL_USERNAME\"\n};\nEOF\nchmod 600 /etc/config/jaas.conf",
            "cat <<'KafkaClient {\n  username=\"'\"${SASL_USERNAME}\"'\"\n};\n' >/etc/config/jaas.conf; chmod 600 /etc/config/jaas.conf",
        ),
        (
            "mkdir -p /v && cat > /v/run.sh <<'EOF'\n#!/bin/sh\nexec \"$@\"\nEOF\n",
            "mkdir -p /v && cat >/v/run.sh <<'#!/bin/sh\nexec \"$@\"\n'",
        ),
        (
            "printf '%s\\n' \"$CONF\" | tee /v/a >/dev/null 2>&1",
            "printf '%s\\n' \"${CONF}\" | tee /v/a >/dev/null 2>&1",
        ),
    ]);
}
