//! Tells the program its version, and gives it an icon and a manifest on Windows.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-env=GANVAS_VERSION={}", version());
    #[cfg(windows)]
    windows();
}

/// `0.1.0 (1a2b3c4)`, or without the commit where the sources are not from a repository.
fn version() -> String {
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    for file in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", file]).filter(|path| std::path::Path::new(path).exists()) {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    // A repository around an unpacked archive is not ours.
    let is_ours = git(&["ls-files", "--error-unmatch", "build.rs"]).is_some();
    match git(&["rev-parse", "--short", "HEAD"]).filter(|_| is_ours) {
        Some(commit) => format!("{version} ({commit})"),
        None => version,
    }
}

/// What git answers, if there is git, and it answers.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

#[cfg(windows)]
fn windows() {
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("windows") {
        return;
    }
    println!("cargo:rerun-if-changed=assets/icon.ico");
    println!("cargo:rerun-if-changed=assets/ganvas.manifest");
    let mut resource = winresource::WindowsResource::new();
    resource.set_icon("assets/icon.ico").set_manifest_file("assets/ganvas.manifest").set("ProductName", "Ganvas");
    if let Err(error) = resource.compile() {
        println!("cargo:warning=the program gets no icon and no manifest: {error}");
    }
}
