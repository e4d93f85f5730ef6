//! Java: jars by two generators, without a build tool.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use xshell::cmd;

use super::client::{Bench, Client, openapi_generator, redocly};
use crate::files;
use crate::tools;

/// Debian's place of the annotations that the second client carries.
const ANNOTATIONS: &str = "/usr/share/java/jakarta-annotation-api.jar";

pub(super) struct Redocly;
pub(super) struct OpenapiGenerator;

impl Client for Redocly {
    fn language(&self) -> &'static str {
        "Java"
    }

    fn generator(&self) -> &'static str {
        "redocly 2.77.0"
    }

    fn is_published(&self) -> bool {
        true
    }

    fn pack(&self, bench: &Bench<'_>, folder: &Path) -> Result<PathBuf> {
        let source = folder.join("Client.java");
        redocly(bench, "java", &source, &[])?;
        pack(bench, folder, &[source], &[], &["-Xlint:all", "-Werror"])
    }

    fn install(&self, bench: &Bench<'_>, package: &Path, folder: &Path) -> Result<Command> {
        install(bench, package, folder, "Redocly", &[])
    }
}

impl Client for OpenapiGenerator {
    fn language(&self) -> &'static str {
        "Java"
    }

    fn generator(&self) -> &'static str {
        "openapi-generator 7.26.0"
    }

    fn pack(&self, bench: &Bench<'_>, folder: &Path) -> Result<PathBuf> {
        let properties = "library=native,useJakartaEe=true,openApiNullable=false,invokerPackage=io.prancer.auth,apiPackage=io.prancer.auth.api,modelPackage=io.prancer.auth.model";
        openapi_generator(bench, "java", folder, properties)?;
        let sources = files::below(&folder.join("src/main/java"))?;
        // Its own code has warnings.
        pack(bench, folder, &sources, &dependencies(bench)?, &["-nowarn"])
    }

    fn install(&self, bench: &Bench<'_>, package: &Path, folder: &Path) -> Result<Command> {
        let dependencies = dependencies(bench)?;
        install(bench, package, folder, "OpenApiGenerator", &dependencies)
    }
}

/// What the second client needs: Jackson, which the generator's own jar holds, and annotations.
fn dependencies(bench: &Bench<'_>) -> Result<Vec<PathBuf>> {
    let annotations = PathBuf::from(ANNOTATIONS);
    ensure!(
        annotations.exists(),
        "there is no {ANNOTATIONS}; install it with: apt-get install libjakarta-annotation-api-java"
    );
    let python = bench.tools.python_program(bench.shell, "python")?;
    let find = "import openapi_generator_cli as it; print(it.__path__[0])";
    let folder = tools::output(cmd!(bench.shell, "{python} -c {find}"))?;
    let jar = Path::new(folder.trim()).join("openapi-generator.jar");
    Ok(vec![jar, annotations])
}

/// Compiles, and packs the classes with one date for all of them.
fn pack(
    bench: &Bench<'_>,
    folder: &Path,
    sources: &[PathBuf],
    dependencies: &[PathBuf],
    strictness: &[&str],
) -> Result<PathBuf> {
    tools::need(&["javac", "jar"], "openjdk-17-jdk-headless")?;
    let shell = bench.shell;
    let classes = folder.join("classes");
    let path = std::env::join_paths(dependencies)?;
    tools::quiet(cmd!(
        shell,
        "javac --release 17 -encoding UTF-8 {strictness...} -classpath {path} -d {classes} {sources...}"
    ))?;
    let jar = folder.join(format!("prancer-auth-api-{}.jar", bench.version));
    let files = files::below(&classes)?;
    let mut names = Vec::new();
    for file in &files {
        names.push(file.strip_prefix(&classes)?);
    }
    let _inside = shell.push_dir(&classes);
    tools::quiet(cmd!(
        shell,
        "jar --create --no-manifest --date 2021-01-01T00:00:00Z --file {jar} {names...}"
    ))?;
    Ok(jar)
}

/// The session program, compiled strictly against the jar.
fn install(
    bench: &Bench<'_>,
    jar: &Path,
    folder: &Path,
    program: &str,
    dependencies: &[PathBuf],
) -> Result<Command> {
    let shell = bench.shell;
    let installed = folder.join(jar.file_name().context("a jar has a name")?);
    fs::copy(jar, &installed)?;
    let source = bench.programs("java").join(format!("{program}.java"));
    let mut path = vec![installed, folder.to_owned()];
    path.extend_from_slice(dependencies);
    let path = std::env::join_paths(path)?;
    tools::quiet(cmd!(
        shell,
        "javac --release 17 -encoding UTF-8 -Xlint:all,-path,-classfile -Werror -proc:none -classpath {path} -d {folder} {source}"
    ))?;
    let mut command = Command::new("java");
    command.arg("-classpath").arg(path).arg(program);
    Ok(command)
}
