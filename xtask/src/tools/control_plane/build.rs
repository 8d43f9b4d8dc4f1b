// SPDX-License-Identifier: Apache-2.0
//! Builds kube-apiserver from the source package of Debian 12, with the Go of Debian 12, and takes its etcd.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::Context as _;

use super::super::debian::PoolFile;
use crate::process;

/// What is built, and as the program is called.
pub(super) const KUBE_APISERVER: &str = "kube-apiserver";

/// The version of Kubernetes, and how often this recipe changed since.
pub(super) const VERSION: &str = "1.20.2-1";

/// What is unpacked into one root, as `dpkg` would into `/`.
const PACKAGES: [PoolFile; 4] = [
    PoolFile {
        path: "pool/main/e/etcd/etcd-server_3.4.23-4+b4_amd64.deb",
        sha256: "3a9445d4560ad6de1c375756b2a17d97713df44cbd20a658c871fe108af7ef5d",
    },
    PoolFile {
        path: "pool/main/g/golang-1.19/golang-1.19-go_1.19.8-2_amd64.deb",
        sha256: "545123039b6c79e75cf2d86528781a825424cf33ce9d3f4513d772d7144cd531",
    },
    PoolFile {
        path: "pool/main/g/golang-1.19/golang-1.19-src_1.19.8-2_all.deb",
        sha256: "2dfa82fe4f08f4e0193c532e561af4c91871f5235608f04f2bb8d57bb288df5a",
    },
    PoolFile {
        path: "pool/main/g/golang-github-modern-go-reflect2/golang-github-modern-go-reflect2-dev_1.0.2-2_all.deb",
        sha256: "af150a5172cf4c19bb321a53e67103e7fb18d07c1baa1e816a235155265d3948",
    },
];

/// The source of Kubernetes as it was released.
const SOURCE: PoolFile = PoolFile {
    path: "pool/main/k/kubernetes/kubernetes_1.20.5+really1.20.2.orig.tar.gz",
    sha256: "b83c0780efb182d928dc63d46488a847f161f04e40a94b96bf5247dd671ecdfc",
};

/// The folder that [`SOURCE`] unpacks to.
const SOURCE_FOLDER: &str = "kubernetes-1.20.2";

/// Where Kubernetes looks for itself below `GOPATH`.
const IMPORT_PATH: &str = "k8s.io/kubernetes";

/// The generated models of the API. Server-side apply merges by them.
const MODELS: &str = "pkg/generated/openapi";

/// A module that Kubernetes vendors.
const REFLECT2: &str = "github.com/modern-go/reflect2";

/// Builds within a folder, and returns the one below it that has the programs and nothing else.
///
/// # Errors
/// When something cannot be had, or does not compile; with what the compiler said.
pub(super) fn build(work: &Path) -> anyhow::Result<PathBuf> {
    let started = Instant::now();
    let step = |what: &str| {
        let seconds = started.elapsed().as_secs();
        // Standard output is for the path; nothing is lost when nobody sees the progress.
        let _ = writeln!(io::stderr(), "{KUBE_APISERVER} {VERSION}, {seconds} s: {what}");
    };
    step("fetching 124 MB from Debian; this is done once, and takes some minutes");
    let root = work.join("root");
    for package in &PACKAGES {
        package.unpack(&root)?;
    }
    let path = work.join("go");
    let kubernetes = path.join("src").join(IMPORT_PATH);
    SOURCE.unpack(work)?;
    create(&path.join("src/k8s.io"))?;
    rename(&work.join(SOURCE_FOLDER), &kubernetes)?;

    // The vendored one goes through maps as it was done before Go 1.18 (see go_below_118.go and go_above_118.go of the
    // newer one), and crashes on the first custom resource.
    let vendored = kubernetes.join("vendor").join(REFLECT2);
    fs::remove_dir_all(&vendored).with_context(|| format!("cannot remove {}", vendored.display()))?;
    rename(&root.join("usr/share/gocode/src").join(REFLECT2), &vendored)?;

    let go = Go {
        root,
        path,
        kubernetes,
    };
    step("generating the models of the API");
    go.generate_models(work)?;
    step("compiling");
    let programs = work.join("programs");
    create(&programs)?;
    go.compile_server(&programs.join(KUBE_APISERVER))?;
    rename(&go.root.join("usr/bin/etcd"), &programs.join("etcd"))?;
    step("done");
    Ok(programs)
}

fn create(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))
}

fn rename(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::rename(from, to).with_context(|| format!("cannot rename {} to {}", from.display(), to.display()))
}

/// A Go that is not installed, and what it compiles.
struct Go {
    root: PathBuf,
    path: PathBuf,
    kubernetes: PathBuf,
}

impl Go {
    /// A program with the environment that Go needs and no other: neither a user's settings nor the network count.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("nice");
        command.arg(program).current_dir(&self.kubernetes).env_clear();
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command
            .env("GOROOT", self.root.join("usr/lib/go-1.19"))
            .env("GOPATH", &self.path)
            .env("GOCACHE", self.path.join("cache"))
            .env("GOTMPDIR", &self.path)
            .env("GOENV", "off")
            // Go 1.19 refuses the vendored modules of Kubernetes 1.20, whose list has no `go` lines.
            .env("GO111MODULE", "off")
            .env("CGO_ENABLED", "0")
            // The compiler collects its garbage less often: time for memory, which is some hundred megabytes.
            .env("GOGC", "400");
        command
    }

    fn build(&self) -> Command {
        let mut build = self.command(&self.root.join("usr/lib/go-1.19/bin/go"));
        build.arg("build");
        build
    }

    /// `make gen_openapi` of Kubernetes for its own models, which are in no release (build/root/Makefile.generated_files).
    fn generate_models(&self, work: &Path) -> anyhow::Result<()> {
        let generator = work.join("openapi-gen");
        let mut build = self.build();
        build.arg("-o").arg(&generator);
        process::output(build.arg("./vendor/k8s.io/kube-openapi/cmd/openapi-gen"))?;

        let mut grep = Command::new("grep");
        grep.args([
            "--recursive",
            "--files-with-matches",
            "--fixed-strings",
            "--include=*.go",
        ]);
        grep.args(["-e", "+k8s:openapi-gen=", "pkg", "cmd", "plugin", "staging"]);
        let tagged = process::output(grep.current_dir(&self.kubernetes))?;
        let mut generate = self.command(&generator);
        generate
            .args(["--logtostderr", "--output-file-base", "zz_generated.openapi"])
            .args(["--input-dirs", &packages(&tagged).join(",")])
            .args(["--go-header-file", "hack/boilerplate/boilerplate.generatego.txt"])
            .arg("--output-package")
            .arg(Path::new(IMPORT_PATH).join(MODELS))
            .arg("--report-filename")
            .arg(work.join("violations"))
            .arg("--output-base")
            .arg(self.path.join("src"));
        process::output(&mut generate)?;
        Ok(())
    }

    /// Without the in-tree cloud providers, which would be nearly half of the program, and more than half of the work
    /// (the tag is that of staging/src/k8s.io/legacy-cloud-providers).
    fn compile_server(&self, program: &Path) -> anyhow::Result<()> {
        let mut flags = "-s -w".to_owned();
        for package in ["component-base/version", "client-go/pkg/version"] {
            for (name, value) in [("gitMajor", "1"), ("gitMinor", "20"), ("gitVersion", "v1.20.2")] {
                flags.push_str(&format!(
                    " -X {IMPORT_PATH}/vendor/k8s.io/{package}.{name}={value}"
                ));
            }
        }
        let mut build = self.build();
        build
            .args(["-tags", "providerless", "-ldflags", &flags])
            .arg("-o");
        process::output(build.arg(program).arg("./cmd/kube-apiserver"))?;
        Ok(())
    }
}

/// The import paths of packages with models, from the paths of their tagged files.
fn packages(files: &str) -> Vec<String> {
    let mut packages: Vec<String> = files
        .lines()
        .filter_map(|file| Path::new(file).parent()?.to_str())
        .filter(|folder| {
            !["/code-generator/", "/sample-apiserver/"]
                .iter()
                .any(|part| folder.contains(part))
        })
        .map(|folder| match folder.strip_prefix("staging/src/") {
            Some(staged) => format!("{IMPORT_PATH}/vendor/{staged}"),
            None => format!("{IMPORT_PATH}/{folder}"),
        })
        .collect();
    packages.sort();
    packages.dedup();
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_named_as_kubernetes_imports_them() {
        let files = "staging/src/k8s.io/api/core/v1/types.go\nstaging/src/k8s.io/api/core/v1/doc.go\n\
                     pkg/apis/abac/v0/register.go\n\
                     staging/src/k8s.io/code-generator/_examples/crd/apis/example/v1/types.go\n\
                     staging/src/k8s.io/sample-apiserver/pkg/apis/wardle/v1beta1/doc.go\n";
        assert_eq!(
            packages(files),
            [
                "k8s.io/kubernetes/pkg/apis/abac/v0",
                "k8s.io/kubernetes/vendor/k8s.io/api/core/v1"
            ]
        );
    }
}
